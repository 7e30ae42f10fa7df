import { randomBytes } from 'node:crypto';
import type { Request, RequestHandler, Response } from 'express';
import { toAppError } from '../core/errors.ts';
import type { Dialect } from '../dialects/dialect.ts';
import { admit } from '../gate/admit.ts';
import { authenticate } from '../gate/authenticate.ts';
import { newEntry } from '../record/entry.ts';
import { resolveModel } from '../routing/resolve.ts';
import { getAlias } from '../store/aliases.ts';
import { hostnameOf } from './host-check.ts';
import { jsonReader } from './read-json.ts';
import type { Exchange, ServeServices } from './exchange.ts';
import { respond, respondError } from './respond.ts';
import { watch } from './watch.ts';

/** Images travel as base64 inside the body. */
const readJson = jsonReader({ limitBytes: 32 * 1024 * 1024, inflate: true });

/** The reason of an abort when the client has gone; anything else that aborts gives its own AppError. */
const clientLeft = Symbol('the client has closed the connection');

/** The path of every request for words, in five steps: who, what, may they, who answers, the answer. */
export function serve(dialect: Dialect, services: ServeServices): RequestHandler {
  return async function serveRequest(request, response) {
    const exchange = openExchange(request, response, services);
    const { entry, abort } = exchange;
    try {
      entry.principal = authenticate(services.store, request, services.clock.nowMs());
      const call = dialect.parse(await readJson(request, response));
      entry.model = call.request.model.slice(0, 200);
      admit(entry.principal, call.request.model);
      const findAlias = (name: string) => getAlias(services.store, name);
      const candidates = resolveModel(services.engines, findAlias, call.request.model);
      const scoped = { ...call.request, cacheScope: entry.principal.keyId };
      const parts = services.router.run(candidates, scoped, entry.route, abort.signal);
      const watched = watch(parts, entry, services.clock);
      await respond(exchange, services, { dialect, call, parts: watched });
    } catch (error) {
      fail(dialect, exchange, services, error);
    } finally {
      services.running.delete(exchange);
      services.ledger.settle(entry, { status: 'error', httpStatus: response.statusCode, error: 'unsettled' });
    }
  };
}

function openExchange(request: Request, response: Response, services: ServeServices): Exchange {
  const { clock } = services;
  const entry = newEntry({
    id: `req_${randomBytes(16).toString('hex')}`,
    arrivedAtMs: clock.nowMs(),
    arrivedMs: clock.monotonicMs(),
    routeName: `/v1${request.path.replace(/^\/v1(?=\/)/i, '').replace(/\/$/, '')}`,
    ip: (request.socket.remoteAddress ?? '').replace(/^::ffff:/, ''),
    host: hostnameOf(request.headers.host ?? '') ?? '',
    plain: !request.secure,
    client: request.headers['user-agent']?.slice(0, 200) ?? null,
  });
  const exchange: Exchange = { request, response, entry, abort: new AbortController(), encoder: null };
  response.setHeader('x-request-id', entry.id);
  response.setHeader('openai-version', '2020-10-01');
  response.on('close', () => {
    if (!response.writableFinished) exchange.abort.abort(clientLeft);
  });
  services.running.add(exchange);
  services.onBegin();
  return exchange;
}

/** Everything that went wrong ends here: the row is committed, then the client is told, if it is still there. */
function fail(dialect: Dialect, exchange: Exchange, services: ServeServices, error: unknown): void {
  const { ledger, log } = services;
  const { response, entry, abort } = exchange;
  if (abort.signal.aborted && abort.signal.reason === clientLeft) {
    ledger.settle(entry, { status: 'cancelled', httpStatus: 499, error: null });
    return;
  }
  const appError = toAppError(abort.signal.aborted ? abort.signal.reason : error);
  if (appError.code === 'internal_error') log.error('A request failed.', { request: entry.id, error });
  ledger.settle(entry, {
    status: appError.status < 500 && entry.firstTokenMs === null ? 'refused' : 'error',
    httpStatus: response.headersSent ? response.statusCode : appError.status,
    error: `${appError.code}: ${appError.message}`,
  });
  respondError(dialect, exchange, appError);
}
