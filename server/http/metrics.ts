import type { Request, RequestHandler } from 'express';
import { AppError } from '../core/errors.ts';
import { clientOf } from '../edge/client.ts';
import type { Gate } from '../gate/gate.ts';
import { presentedKey } from '../gate/presented-key.ts';
import type { Metrics } from '../out/metrics/metrics.ts';
import { sameSecret } from './secrets.ts';
import { isFromThisComputer } from './this-computer.ts';

type MetricsServices = {
  readonly metrics: Pick<Metrics, 'text' | 'contentType'>;
  readonly gate: Pick<Gate, 'enter'>;
  readonly adminToken: string;
  /** What has been answered is told with the rest: see `Ledger`. */
  readonly catchUp: () => void;
};

/**
 * `GET /metrics` for Prometheus: an ops key, from wherever it may be used, or the admin token on this computer, since it
 * must not travel in clear (design decision 9). @throws AppError 401, 403
 */
export function metricsRoute(services: MetricsServices): RequestHandler {
  return async function answerMetrics(request, response) {
    requireReader(request, services);
    services.catchUp();
    const text = await services.metrics.text();
    response.setHeader('Content-Type', services.metrics.contentType);
    response.setHeader('Cache-Control', 'no-store');
    response.send(text);
  };
}

function requireReader(request: Request, { gate, adminToken }: MetricsServices): void {
  const shown = presentedKey(request);
  if (shown !== null && sameSecret(shown, adminToken)) {
    if (isFromThisComputer(request)) return;
    throw forbidden(
      'The admin token is taken on this computer alone; from elsewhere use a key with the role ops.',
    );
  }
  const principal = gate.enter(request, clientOf(request).address);
  if (principal.role === 'ops') return;
  throw forbidden(
    'This key is for using models. The owner of this Inglenook can make one for monitoring: npx inglenook key create --name prometheus --role ops',
  );
}

function forbidden(message: string): AppError {
  return new AppError(message, { status: 403, code: 'role_not_allowed', retryable: false });
}
