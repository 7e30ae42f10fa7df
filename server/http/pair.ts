import { join } from 'node:path';
import express, { type Request, type RequestHandler, type Router } from 'express';
import { z } from 'zod';
import { connectGuides } from '../connect/guides.ts';
import { describeNames } from '../connect/names.ts';
import type { Clock } from '../core/clock.ts';
import type { Engine } from '../core/engine.ts';
import { invalidRequest } from '../core/errors.ts';
import { clientOf } from '../edge/client.ts';
import type { Gate } from '../gate/gate.ts';
import { pollIntervalMs, type Pairing, type Redemption } from '../lan/pairing.ts';
import type { Https } from '../tls/https.ts';
import { findAlias } from '../store/aliases.ts';
import { outsideName } from '../store/outside.ts';
import type { Store } from '../store/open.ts';
import type { KeyRecord } from '../wire/admin.ts';
import {
  lookRequest,
  redeemRequest,
  type Looked,
  type Redeemed,
  type RedeemWaiting,
} from '../wire/pairing.ts';
import { bodyReader, requireJsonOrNothing } from './admin-body.ts';
import { readPage, sendPage } from './console-pages.ts';
import { pairDeviceRoutes } from './pair-device.ts';
import { only, ownHost, refuseForeignPages } from './pair-request.ts';
import { usableModels } from './usable-models.ts';

export type PairServices = {
  readonly store: Store;
  readonly engines: readonly Engine[];
  readonly pairing: Pairing;
  readonly clock: Clock;
  readonly gate: Pick<Gate, 'enter'>;
  readonly https: Pick<Https, 'trustFor'>;
  /** Whom the page says it pairs with: "Inglenook on desk-1". */
  readonly officeName: () => string;
  /** The built console, `dist/renderer`, with the pairing page in it. */
  readonly rendererDir: string;
};

const readBody = bodyReader(16 * 1024);
const assetOptions = { index: false, redirect: false, immutable: true, maxAge: '1y' } as const;

/**
 * `/pair`: the page behind the QR code, and what it and scripts say to get in. The only part of the server that
 * strangers talk to. A GET changes nothing, so that a link's preview does no harm.
 */
export function pairRouter(services: PairServices): Router {
  const router = express.Router({ caseSensitive: true });
  // The console itself stays on this computer; its built files are no secret, and the pairing page needs some.
  router.use('/assets', express.static(join(services.rendererDir, 'assets'), assetOptions));
  router.use(neverStored);
  router.route('/').get(page(services.rendererDir)).all(only('GET'));
  router.route('/redeem').post(redeem(services)).all(only('POST'));
  router.route('/look').post(look(services)).all(only('POST'));
  router.use(pairDeviceRoutes(services));
  return router;
}

function redeem({ pairing, ...services }: PairServices): RequestHandler {
  return async function redeemTicketOrCode(request, response) {
    refuseForeignPages(request);
    requireJsonOrNothing(request);
    const body = parseRedeem(await readBody(request, response, z.unknown()));
    const secret =
      'ticket' in body
        ? ({ via: 'ticket', text: body.ticket } as const)
        : ({ via: 'code', text: body.code } as const);
    const client = request.headers['user-agent'] ?? null;
    const redemption = pairing.redeem(secret, { ip: clientOf(request).address, device: body.device, client });
    if (redemption.status === 'waiting') response.status(202).json(waitingAnswer(redemption));
    else response.json(joinedAnswer(services, request, redemption));
  };
}

function look({ pairing, officeName }: PairServices): RequestHandler {
  return async function lookAtTicket(request, response) {
    refuseForeignPages(request);
    requireJsonOrNothing(request);
    const { ticket } = lookRequest.parse(await readBody(request, response, lookRequest));
    const { record, state, code } = pairing.look(ticket, clientOf(request).address);
    const { person, device, expiresAt } = record;
    const answer: Looked = {
      office: officeName(),
      person,
      device,
      state,
      code,
      shortAddress: `${ownHost(request)}/pair`,
      plain: !request.secure,
      expiresAt,
    };
    response.json(answer);
  };
}

function waitingAnswer({ record, slowDown }: Redemption & { readonly status: 'waiting' }): RedeemWaiting {
  return {
    status: 'waiting',
    matchCode: record.join?.matchCode ?? '',
    intervalSeconds: pollIntervalMs / 1000,
    slowDown,
    expiresAt: record.expiresAt,
  };
}

/** The only answer that ever holds the key. The address in it is the one the device has just reached us at. */
function joinedAnswer(
  { store, engines, https }: Pick<PairServices, 'store' | 'engines' | 'https'>,
  request: Request,
  { key, record }: { readonly key: string; readonly record: KeyRecord },
): Redeemed {
  const baseUrl = `${request.protocol}://${ownHost(request)}/v1`;
  const plain = !request.secure;
  const outside = { name: record.outside ? outsideName(store) : null, port: null };
  const trust = https.trustFor(baseUrl);
  const models = engines.flatMap((engine) => engine.models());
  const names = describeNames(record.models, models, (name) => findAlias(store, name));
  return {
    status: 'joined',
    baseUrl,
    key,
    models: usableModels({ store, engines }, record).map(({ id }) => id),
    roles: { ...names.roles },
    contextTokens: names.contextTokens,
    isTestModel: names.isTestModel,
    plain,
    trust,
    keyExpiresAt: record.expiresAt,
    guides: connectGuides({ ...names, baseUrl, key, plain, trust, outside }),
  };
}

/** With a sentence for people with curl, where zod would only say that neither form fits. */
function parseRedeem(body: unknown): z.infer<typeof redeemRequest> {
  const parsed = redeemRequest.safeParse(body);
  if (parsed.success) return parsed.data;
  throw invalidRequest(
    'Send a JSON object with "device", a name of 1 to 100 characters, and with either "ticket" or "code".',
  );
}

function page(rendererDir: string): RequestHandler {
  return async function showPairingPage(_request, response) {
    const html = await readPage(join(rendererDir, 'pair.html'));
    // Built together with the console, whose address is closed to the office.
    sendPage(response, html.replaceAll('"/console/assets/', '"/pair/assets/'));
  };
}

const neverStored: RequestHandler = function setNeverStored(_request, response, next) {
  response.setHeader('Cache-Control', 'no-store');
  next();
};
