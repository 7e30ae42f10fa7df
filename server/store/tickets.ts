import type { z } from 'zod';
import { createKeyRequest } from '../wire/admin.ts';
import type { TicketRecord } from '../wire/pairing.ts';
import { statement, write, type Store } from './open.ts';

/** What each key of a ticket will be; its name is that of the machine. */
const ticketPolicy = createKeyRequest.omit({ name: true, role: true, person: true, device: true });
export type TicketPolicy = z.infer<typeof ticketPolicy>;

/** A ticket for many machines as stored; times in milliseconds since 1970 UTC. */
export type StoredTicket = {
  readonly id: string;
  readonly name: string;
  readonly policy: TicketPolicy;
  readonly mostUses: number;
  readonly uses: number;
  /** Null for everywhere. */
  readonly ips: readonly string[] | null;
  readonly createdMs: number;
  readonly expiresMs: number;
  readonly revokedMs: number | null;
  readonly lastUsedMs: number | null;
  readonly refusedFrom: string | null;
  readonly refusedMs: number | null;
  /** Keys that it has made and that are not revoked. */
  readonly keyIds: readonly string[];
};

export type NewTicket = Pick<
  StoredTicket,
  'id' | 'name' | 'policy' | 'mostUses' | 'ips' | 'createdMs' | 'expiresMs'
> & { readonly hash: Buffer };

const columns = `id, name, policy, most_uses AS mostUses, uses, ips, created_ms AS createdMs, expires_ms AS expiresMs,
  revoked_ms AS revokedMs, last_used_ms AS lastUsedMs, refused_from AS refusedFrom, refused_ms AS refusedMs,
  (SELECT json_group_array(made.key_id) FROM join_ticket_keys AS made JOIN keys ON keys.id = made.key_id
   WHERE made.ticket_id = join_tickets.id AND keys.revoked_ms IS NULL) AS keyIds`;

export function insertTicket(store: Store, ticket: NewTicket): void {
  write(store, () =>
    statement(
      store,
      `INSERT INTO join_tickets (id, name, hash, policy, most_uses, ips, created_ms, expires_ms)
       VALUES (@id, @name, @hash, @policy, @mostUses, @ips, @createdMs, @expiresMs)`,
    ).run({
      ...ticket,
      policy: JSON.stringify(ticket.policy),
      ips: ticket.ips === null ? null : JSON.stringify(ticket.ips),
    }),
  );
}

/** By its id, whatever has become of it. */
export function findTicket(store: Store, id: string): StoredTicket | null {
  return fromRow(statement(store, `SELECT ${columns} FROM join_tickets WHERE id = ?`).get(id));
}

/** By the SHA-256 of its text, whatever has become of it. */
export function findTicketByHash(store: Store, hash: Buffer): StoredTicket | null {
  return fromRow(statement(store, `SELECT ${columns} FROM join_tickets WHERE hash = ?`).get(hash));
}

/** All there are, newest first. */
export function listTickets(store: Store): StoredTicket[] {
  const rows = statement(
    store,
    `SELECT ${columns} FROM join_tickets ORDER BY created_ms DESC, rowid DESC`,
  ).all();
  return rows.map((row) => fromRow(row) as StoredTicket);
}

export function ticketState(ticket: StoredTicket, nowMs: number): TicketRecord['state'] {
  if (ticket.revokedMs !== null) return 'revoked';
  if (ticket.uses >= ticket.mostUses) return 'used-up';
  return ticket.expiresMs <= nowMs ? 'expired' : 'open';
}

/** Inside the transaction that makes the key: of attempts at the same time no more than the count get one. */
export function useTicket(store: Store, id: string, nowMs: number): boolean {
  return write(
    store,
    () =>
      statement(
        store,
        `UPDATE join_tickets SET uses = uses + 1, last_used_ms = @nowMs
         WHERE id = @id AND uses < most_uses AND revoked_ms IS NULL AND expires_ms > @nowMs`,
      ).run({ id, nowMs }).changes === 1,
  );
}

export function noteTicketKey(store: Store, ticketId: string, keyId: string): void {
  write(store, () =>
    statement(store, 'INSERT INTO join_ticket_keys (ticket_id, key_id) VALUES (?, ?)').run(ticketId, keyId),
  );
}

/** At most once in the time for an address, so that somebody who keeps trying causes few writes. False where it is no news. */
export function noteTicketRefused(
  store: Store,
  id: string,
  { ip, nowMs, newsAfterMs }: { readonly ip: string; readonly nowMs: number; readonly newsAfterMs: number },
): boolean {
  return write(
    store,
    () =>
      statement(
        store,
        `UPDATE join_tickets SET refused_from = @ip, refused_ms = @nowMs
         WHERE id = @id AND (refused_from IS NOT @ip OR refused_ms <= @nowMs - @newsAfterMs)`,
      ).run({ id, ip, nowMs, newsAfterMs }).changes === 1,
  );
}

/** False when it was revoked before. */
export function revokeTicket(store: Store, id: string, nowMs: number): boolean {
  const sql = 'UPDATE join_tickets SET revoked_ms = @nowMs WHERE id = @id AND revoked_ms IS NULL';
  return write(store, () => statement(store, sql).run({ id, nowMs }).changes === 1);
}

export function deleteTicketsBefore(store: Store, expiredBeforeMs: number): void {
  write(store, () => statement(store, 'DELETE FROM join_tickets WHERE expires_ms <= ?').run(expiredBeforeMs));
}

type TicketRow = Omit<StoredTicket, 'policy' | 'ips' | 'keyIds'> & {
  readonly policy: string;
  readonly ips: string | null;
  readonly keyIds: string;
};

function fromRow(value: unknown): StoredTicket | null {
  if (value === undefined) return null;
  const { policy, ips, keyIds, ...row } = value as TicketRow;
  return {
    ...row,
    policy: ticketPolicy.parse(JSON.parse(policy)),
    ips: ips === null ? null : (JSON.parse(ips) as string[]),
    keyIds: JSON.parse(keyIds) as string[],
  };
}
