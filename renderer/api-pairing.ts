import { createdKey, keyRecord, type CreatedKey, type KeyRecord } from '../server/wire/admin.ts';
import { createdTicket, ticketList, ticketRecord } from '../server/wire/pairing.ts';
import type { CreatedTicket, CreateTicketRequest, TicketRecord } from '../server/wire/pairing.ts';
import { call } from './api.ts';

/** Another text for a key, and tickets that let many machines in. */

/** `overlapSeconds`: how long the old text goes on; 0 ends it at once. The answer alone holds the new one. */
export function replaceKey(wanted: {
  readonly id: string;
  readonly overlapSeconds: number;
}): Promise<CreatedKey> {
  const { id, overlapSeconds } = wanted;
  return call(createdKey, 'POST', `/api/keys/${encodeURIComponent(id)}/replace`, { overlapSeconds });
}

export function endFormerKeys(id: string): Promise<KeyRecord> {
  return call(keyRecord, 'DELETE', `/api/keys/${encodeURIComponent(id)}/former`);
}

export function getTickets(): Promise<TicketRecord[]> {
  return call(ticketList, 'GET', '/api/tickets');
}

export function createTicket(
  request: Partial<CreateTicketRequest> & Pick<CreateTicketRequest, 'name'>,
): Promise<CreatedTicket> {
  return call(createdTicket, 'POST', '/api/tickets', request);
}

export function revokeTicket(wanted: {
  readonly id: string;
  readonly keys: 'keep' | 'revoke';
}): Promise<TicketRecord> {
  return call(ticketRecord, 'DELETE', `/api/tickets/${encodeURIComponent(wanted.id)}?keys=${wanted.keys}`);
}
