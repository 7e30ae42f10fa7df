import {
  createdTicket,
  createTicketRequest,
  revokeTicketQuery,
  ticketList,
  ticketRecord,
} from '../wire/pairing.ts';
import type { CreatedTicket, CreateTicketRequest, RevokeTicketQuery, TicketRecord } from '../wire/pairing.ts';
import { revokeKey } from '../store/keys.ts';
import { warningsForModels } from './admin-keys.ts';
import { whereToGo } from './admin-pairing.ts';
import { route, type AdminCall, type AdminRoute } from './admin-route.ts';

/** Letting many machines in without being asked. Each of them has its own key: `/keys`. */
export const ticketRoutes: readonly AdminRoute[] = [
  route({
    method: 'get',
    path: '/tickets',
    summary: 'Tickets for machines, newest first, with those that ended within the last ninety days.',
    answer: ticketList,
    handle: ({ context }) => context.pairing.tickets.list(),
  }),
  route({
    method: 'post',
    path: '/tickets',
    summary:
      'A ticket that lets machines in without anybody being asked. The answer is the only place where it is ever shown.',
    status: 201,
    body: createTicketRequest,
    answer: createdTicket,
    handle: create,
  }),
  route({
    method: 'delete',
    path: '/tickets/:ticket',
    summary:
      'Revoke a ticket; with keys=revoke, the keys that it has made as well. Changes nothing once it is revoked.',
    query: revokeTicketQuery,
    answer: ticketRecord,
    handle: revoke,
  }),
];

function create({ context, body }: AdminCall<CreateTicketRequest>): CreatedTicket {
  const { record, ticket } = context.pairing.tickets.create(body);
  const { address, warnings } = whereToGo(context);
  const url = `${address}/pair/redeem`;
  return {
    ...record,
    ticket,
    url,
    command: commandFor(url, ticket),
    warnings: [
      ...warnings,
      ...(record.from === null
        ? ['It may be used from every address that reaches this server. Name a range where you can.']
        : []),
      ...warningsForModels(context, body.models ?? null),
    ],
  };
}

/** The machine calls itself by its host name. Ticket and address hold nothing that a shell would read otherwise. */
function commandFor(url: string, ticket: string): string {
  return `curl -fsS ${url} -H 'content-type: application/json' -d '{"ticket":"${ticket}","device":"'"$(hostname)"'"}'`;
}

function revoke({ context, param, query }: AdminCall<null, RevokeTicketQuery>): TicketRecord {
  const { tickets } = context.pairing;
  const record = tickets.revoke(param('ticket'));
  if (query.keys === 'keep') return record;
  for (const keyId of record.keyIds) {
    const { name } = revokeKey(context.store, keyId, context.clock.nowMs());
    context.onKeyRevoked(keyId);
    context.answers.forgetKey(keyId);
    context.log.info('A key was revoked with its ticket.', { key: name, keyId });
  }
  if (record.keyIds.length > 0) context.live.publish({ type: 'keys-changed' });
  return tickets.revoke(record.id);
}
