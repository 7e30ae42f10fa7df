import { pairingList, createdPairing, createPairingRequest, pairingRecord } from '../wire/pairing.ts';
import type { CreatedPairing, CreatePairingRequest } from '../wire/pairing.ts';
import { qrSvg } from '../lan/qr.ts';
import { warningsForModels } from './admin-keys.ts';
import { route, type AdminCall, type AdminRoute } from './admin-route.ts';
import type { AdminContext } from './admin-services.ts';

/** Letting devices in. The devices themselves are keys: `/keys`. */
export const pairingRoutes: readonly AdminRoute[] = [
  route({
    method: 'get',
    path: '/pairings',
    summary: 'Invitations of the last day, newest first, with the devices that ask to be let in.',
    answer: pairingList,
    handle: ({ context }) => context.pairing.list(),
  }),
  route({
    method: 'post',
    path: '/pairings',
    summary: 'Invite a device. The answer is the only place where link, ticket and code are ever shown.',
    status: 201,
    body: createPairingRequest,
    answer: createdPairing,
    handle: create,
  }),
  route({
    method: 'delete',
    path: '/pairings/:id',
    summary: 'Take an invitation back. Changes nothing once it has ended.',
    answer: pairingRecord,
    handle: ({ context, param }) => context.pairing.close(param('id')),
  }),
  route({
    method: 'post',
    path: '/pairings/:id/approve',
    summary: 'Let the device in that is waiting; it fetches its key by itself.',
    answer: pairingRecord,
    handle: ({ context, param }) => context.pairing.approve(param('id')),
  }),
  route({
    method: 'post',
    path: '/pairings/:id/deny',
    summary: 'Refuse the device that is waiting. The invitation ends with it.',
    answer: pairingRecord,
    handle: ({ context, param }) => context.pairing.deny(param('id')),
  }),
];

async function create({ context, body }: AdminCall<CreatePairingRequest>): Promise<CreatedPairing> {
  const { record, ticket, code } = context.pairing.create(body);
  const { address, hosts, warnings } = whereToGo(context);
  const url = pairingUrl(address, { ticket, hosts, pin: context.https.pin() });
  return {
    id: record.id,
    url,
    ticket,
    code,
    shortAddress: `${new URL(address).host}/pair`,
    qrSvg: await qrSvg(url),
    expiresAt: record.expiresAt,
    warnings: [...warnings, ...warningsForModels(context, body.models ?? null)],
  };
}

type Fragment = {
  readonly ticket: string;
  readonly hosts: readonly string[];
  /** Of our authority's key, for clients that know nothing else to tell us by; null without https. */
  readonly pin: string | null;
};

/**
 * `http://192.168.1.20:11500/pair#t=<ticket>&f=<pin>&h=<other hosts>`. All in the fragment, which no browser sends to
 * anybody.
 */
function pairingUrl(address: string, { ticket, hosts, pin }: Fragment): string {
  const pinned = pin === null ? '' : `&f=${pin}`;
  const others = hosts.length === 0 ? '' : `&h=${hosts.map(encodeURIComponent).join(',')}`;
  return `${address}/pair#t=${ticket}${pinned}${others}`;
}

type Destination = {
  readonly address: string;
  /** Other names of this computer; phones seldom know them, so they are not the address. */
  readonly hosts: readonly string[];
  readonly warnings: readonly string[];
};

function whereToGo(context: AdminContext): Destination {
  const { on, address, mdnsName } = context.office.state();
  if (address !== null) return { address, hosts: mdnsName === null ? [] : [mdnsName], warnings: [] };
  const warning = on
    ? 'This computer is in no network now, so the link works on this computer only.'
    : 'The office is not let in yet, so the link works on this computer only. Let the office in, then invite again.';
  return { address: context.status().address, hosts: [], warnings: [warning] };
}
