import { join } from 'node:path';
import express, { type Request, type RequestHandler, type Response, type Router } from 'express';
import { z } from 'zod';
import { connectFiles } from '../connect/files.ts';
import { describeNames } from '../connect/names.ts';
import { authorityFile } from '../connect/trust.ts';
import { toAppError, type AppError } from '../core/errors.ts';
import { clientOf } from '../edge/client.ts';
import type { Gate } from '../gate/gate.ts';
import { pollIntervalMs, type Pairing } from '../lan/pairing.ts';
import { findAlias } from '../store/aliases.ts';
import { findKey } from '../store/keys.ts';
import type { Store } from '../store/open.ts';
import type { Engine } from '../core/engine.ts';
import type { Clock } from '../core/clock.ts';
import type { Https } from '../tls/https.ts';
import { keyPlaceholder } from '../wire/connect.ts';
import {
  deviceGrantType,
  type ConnectSettings,
  type DeviceAuthorization,
  type DeviceRefusal,
  type DeviceToken,
} from '../wire/connect-tool.ts';
import { readPage } from './console-pages.ts';
import { only, ownHost, refuseForeignPages } from './pair-request.ts';
import { setErrorHeaders } from './respond.ts';

export type PairDeviceServices = {
  readonly store: Store;
  readonly clock: Clock;
  readonly engines: readonly Engine[];
  readonly gate: Pick<Gate, 'enter'>;
  readonly pairing: Pick<Pairing, 'ask' | 'poll' | 'leave'>;
  readonly https: Pick<Https, 'trustFor'>;
  readonly officeName: () => string;
};

const limitBytes = 16 * 1024;

/**
 * How a program asks to be let in, in the words of RFC 8628: it shows a code, the owner says yes on the host, it fetches
 * its key. Then what belongs into its tools' settings, and the way out again (RFC 7009).
 */
export function pairDeviceRoutes(services: PairDeviceServices): Router {
  const router = express.Router({ caseSensitive: true });
  const readForm = express.urlencoded({
    extended: false,
    limit: limitBytes,
    inflate: false,
    parameterLimit: 20,
  });
  const form = [noForeignPages, readForm];
  router
    .route('/device_authorization')
    .post(form, inRfcWords(authorize(services)))
    .all(only('POST'));
  router
    .route('/token')
    .post(form, inRfcWords(token(services)))
    .all(only('POST'));
  router.route('/revoke').post(noForeignPages, leave(services)).all(only('POST'));
  router.route('/settings').get(settings(services)).all(only('GET'));
  return router;
}

const noForeignPages: RequestHandler = function refuse(request, _response, next) {
  refuseForeignPages(request);
  next();
};

const text = z.string().min(1).max(200);
const authorizationRequest = z.object({ client_id: text, device: text.optional() });
const tokenRequest = z.object({ grant_type: text, device_code: text, client_id: text });

function authorize({ pairing, clock, officeName }: PairDeviceServices) {
  return function authorizeDevice(request: Request): DeviceAuthorization {
    const parsed = authorizationRequest.safeParse(request.body ?? {});
    if (!parsed.success) {
      throw new Refusal('invalid_request', 'Send client_id, and device with a name for people, as a form.');
    }
    const { client_id: client, device } = parsed.data;
    const { deviceCode, matchCode, expiresMs } = pairing.ask({
      ...visitorOf(request),
      device: device ?? client,
    });
    return {
      device_code: deviceCode,
      user_code: matchCode,
      verification_uri: `${request.protocol}://${ownHost(request)}/console/people`,
      expires_in: Math.floor((expiresMs - clock.nowMs()) / 1000),
      interval: pollIntervalMs / 1000,
      office: officeName(),
    };
  };
}

function token({ pairing, clock }: PairDeviceServices) {
  return function giveToken(request: Request): DeviceToken {
    const parsed = tokenRequest.safeParse(request.body ?? {});
    if (!parsed.success) {
      throw new Refusal('invalid_request', 'Send grant_type, device_code and client_id as a form.');
    }
    const { grant_type: grantType, device_code: deviceCode } = parsed.data;
    if (grantType !== deviceGrantType) {
      throw new Refusal('unsupported_grant_type', `The only grant_type here is ${deviceGrantType}.`);
    }
    const polled = pairing.poll(deviceCode, visitorOf(request));
    switch (polled.outcome) {
      case 'pending':
        throw polled.slowDown
          ? new Refusal('slow_down', 'Asked too soon. Wait five seconds longer between two questions.')
          : new Refusal('authorization_pending', 'The owner has not answered yet.');
      case 'denied':
        throw new Refusal('access_denied', 'The owner has refused this device.');
      case 'expired':
        throw new Refusal('expired_token', 'Nobody has answered in time. Ask again.');
      case 'joined': {
        const { expiresAt } = polled.record;
        const seconds =
          expiresAt === null ? null : Math.floor((Date.parse(expiresAt) - clock.nowMs()) / 1000);
        return {
          access_token: polled.key,
          token_type: 'Bearer',
          ...(seconds === null ? {} : { expires_in: seconds }),
        };
      }
    }
  };
}

/** RFC 7009, for the key that is shown in the header: whoever has a key may give it back. */
function leave({ gate, pairing }: PairDeviceServices): RequestHandler {
  return function leaveOffice(request, response) {
    const { keyId } = gate.enter(request, clientOf(request).address);
    pairing.leave(keyId, visitorOf(request));
    response.json({});
  };
}

function settings({ store, engines, gate, https, officeName }: PairDeviceServices): RequestHandler {
  return function tellSettings(request, response) {
    const principal = gate.enter(request, clientOf(request).address);
    const baseUrl = `${request.protocol}://${ownHost(request)}/v1`;
    const models = engines.flatMap((engine) => engine.models());
    const names = describeNames(principal.models, models, (name) => findAlias(store, name));
    const plain = !request.secure;
    const outside = { name: null, port: null };
    const key = findKey(store, principal.keyId);
    const answer: ConnectSettings = {
      office: officeName(),
      baseUrl,
      keyName: principal.keyName,
      keyExpiresAt: key === null || key.expiresMs === null ? null : new Date(key.expiresMs).toISOString(),
      contextTokens: names.contextTokens,
      isTestModel: names.isTestModel,
      plain,
      keyPlaceholder,
      authorityPlaceholder: authorityFile,
      tools: connectFiles({ ...names, baseUrl, plain, trust: https.trustFor(baseUrl), outside }),
    };
    response.json(answer);
  };
}

function visitorOf(request: Request): { readonly ip: string; readonly client: string | null } {
  return { ip: clientOf(request).address, client: request.headers['user-agent'] ?? null };
}

/** The tool itself, for `curl -O` and `node connect.mjs`. Built beside the console. */
export function sendConnectTool(rendererDir: string): RequestHandler {
  return async function sendTool(_request, response) {
    const file = await readPage(join(rendererDir, 'connect.mjs'));
    response.setHeader('Cache-Control', 'no-cache');
    response.type('text/javascript').send(file);
  };
}

/** What is refused in the words of RFC 8628 §3.5. */
class Refusal extends Error {
  override readonly name = 'Refusal';
  readonly code: DeviceRefusal['error'];
  constructor(code: DeviceRefusal['error'], description: string) {
    super(description);
    this.code = code;
  }
}

function inRfcWords(answer: (request: Request) => DeviceAuthorization | DeviceToken): RequestHandler {
  return function answerInRfcWords(request, response) {
    try {
      response.json(answer(request));
    } catch (error) {
      refuseInRfcWords(response, error);
    }
  };
}

function refuseInRfcWords(response: Response, error: unknown): void {
  if (error instanceof Refusal) return refuseWith(response.status(400), error.code, error.message);
  const known = toAppError(error);
  // What is no fault of the asking program goes the usual way, into the log as well.
  if (known.status >= 500) throw error;
  setErrorHeaders(response, known);
  if (known.status === 429) return refuseWith(response.status(429), 'slow_down', known.message);
  refuseWith(response.status(400), rfcCode(known), known.message);
}

function rfcCode({ code }: AppError): DeviceRefusal['error'] {
  if (code === 'pairing_gone') return 'invalid_grant';
  return code === 'invitation_needed' ? 'access_denied' : 'invalid_request';
}

function refuseWith(response: Response, error: DeviceRefusal['error'], description: string): void {
  const refusal: DeviceRefusal = { error, error_description: description };
  response.json(refusal);
}
