import type { AuditTrail } from '../core/audit.ts';
import type { Clock } from '../core/clock.ts';
import { AppError } from '../core/errors.ts';
import { compileAddresses } from '../core/ip-address.ts';
import { randomBase62 } from '../core/key-format.ts';
import type { Logger } from '../core/logger.ts';
import { createKey, freeKeyName } from '../store/keys.ts';
import { changedLimits } from '../store/limits.ts';
import { write, type Store } from '../store/open.ts';
import { requireBounds } from '../store/outside.ts';
import {
  deleteTicketsBefore,
  findTicket,
  findTicketByHash,
  insertTicket,
  listTickets,
  noteTicketKey,
  noteTicketRefused,
  revokeTicket,
  ticketState,
  useTicket,
  type StoredTicket,
  type TicketPolicy,
} from '../store/tickets.ts';
import type { KeyRecord } from '../wire/admin.ts';
import type { CreateTicketRequest, TicketRecord } from '../wire/pairing.ts';
import { presetPolicy } from '../wire/presets.ts';
import { usualPolicy } from '../core/policy.ts';
import { expiredFromTheStart, gone } from './pairing-errors.ts';
import { newTicket, ticketHash } from './pairing-secrets.ts';
import type { Visitor } from './pairing-state.ts';

/**
 * Tickets for scripts: many machines redeem the same one, as a device does its own, and nobody is asked. What keeps that
 * within bounds is the ticket itself: how often, until when, from where, and what each key may do.
 */
export type Tickets = {
  /** The only place where the ticket is told. Throws AppError 409 when too many are open, 400 for a key that could not be. */
  readonly create: (request: CreateTicketRequest) => {
    readonly record: TicketRecord;
    readonly ticket: string;
  };
  /** Those that ended within the last ninety days too, newest first. */
  readonly list: () => TicketRecord[];
  /** Ends it; the keys that it has made go on. Changes nothing once it is revoked. Throws AppError 404. */
  readonly revoke: (id: string) => TicketRecord;
  /**
   * One machine's attempt, by the hash of what it shows. Null where there is no such ticket.
   * @throws AppError 410 like any other that does not count
   */
  readonly redeem: (
    hash: Buffer,
    visitor: Visitor,
  ) => { readonly record: KeyRecord; readonly key: string } | null;
  readonly exists: (hash: Buffer) => boolean;
};

export type TicketServices = {
  readonly store: Store;
  readonly clock: Clock;
  readonly log: Logger;
  readonly audit: AuditTrail;
  readonly onChange: () => void;
  readonly onJoined: (key: KeyRecord) => void;
};

const mostOpen = 20;
const keptMs = 90 * 24 * 60 * 60_000;
const newsAfterMs = 10 * 60_000;

export function createTickets({ store, clock, log, audit, onChange, onJoined }: TicketServices): Tickets {
  const list = (): TicketRecord[] =>
    listTickets(store)
      .filter(({ expiresMs }) => expiresMs > clock.nowMs() - keptMs)
      .map((ticket) => toRecord(ticket, clock.nowMs()));

  function recordOf(id: string): TicketRecord {
    const ticket = findTicket(store, id);
    if (ticket === null) throw noSuchTicket();
    return toRecord(ticket, clock.nowMs());
  }

  function create(request: CreateTicketRequest): { record: TicketRecord; ticket: string } {
    const nowMs = clock.nowMs();
    const { name, uses, validSeconds, from, ...key } = request;
    const policy = policyOf(key, nowMs);
    const ticket = newTicket();
    const id = `ticket_${randomBase62(20)}`;
    write(store, () => {
      deleteTicketsBefore(store, nowMs - keptMs);
      const open = listTickets(store).filter((other) => ticketState(other, nowMs) === 'open');
      if (open.length >= mostOpen) throw tooManyTickets();
      insertTicket(store, {
        id,
        name,
        hash: ticketHash(ticket),
        policy,
        mostUses: uses,
        ips: from ?? null,
        createdMs: nowMs,
        expiresMs: Math.min(nowMs + validSeconds * 1000, endOf(policy)),
      });
    });
    log.info('A ticket for machines was made.', { ticket: id, uses });
    onChange();
    return { record: recordOf(id), ticket };
  }

  function revoke(id: string): TicketRecord {
    recordOf(id);
    if (revokeTicket(store, id, clock.nowMs())) {
      log.info('A ticket for machines was revoked.', { ticket: id });
      onChange();
    }
    return recordOf(id);
  }

  function redeem(hash: Buffer, visitor: Visitor): { record: KeyRecord; key: string } | null {
    const nowMs = clock.nowMs();
    const ticket = findTicketByHash(store, hash);
    if (ticket === null) return null;
    const why = refusalOf(ticket, visitor, nowMs);
    if (why !== null) {
      refused(ticket, visitor, why);
      throw gone();
    }
    const made = write(store, () => letIn(ticket, visitor, nowMs));
    log.info('A machine was let in by a ticket.', {
      ticket: ticket.id,
      key: made.record.name,
      keyId: made.record.id,
      ip: visitor.ip,
    });
    onChange();
    onJoined(made.record);
    return made;
  }

  /** Inside one transaction: the use, the key and the audit's row, or none of them. */
  function letIn(ticket: StoredTicket, { ip, device, client }: Visitor, nowMs: number) {
    if (!useTicket(store, ticket.id, nowMs)) throw gone();
    const name = freeKeyName(store, device);
    const origin = { preset: 'script', pairedFrom: ip } as const;
    const made = createKey(store, { ...ticket.policy, device, name }, nowMs, origin);
    noteTicketKey(store, ticket.id, made.record.id);
    audit.append({
      actor: 'device',
      via: 'pairing',
      ip,
      client,
      act: 'ticket.join',
      object: device,
      outcome: 'done',
      details: {
        ticket: ticket.name,
        use: ticket.uses + 1,
        of: ticket.mostUses,
        keyId: made.record.id,
        key: name,
      },
    });
    return made;
  }

  function refused({ id, name }: StoredTicket, { ip, device, client }: Visitor, why: string): void {
    const isNews = noteTicketRefused(store, id, { ip, nowMs: clock.nowMs(), newsAfterMs });
    if (!isNews) return;
    audit.appendLate({
      actor: 'stranger',
      via: 'pairing',
      ip,
      client,
      act: 'ticket.join',
      object: device,
      outcome: 'refused',
      code: 'pairing_gone',
      details: { ticket: name, why },
    });
    log.warn('A ticket for machines was refused.', { ticket: id, ip, why });
    onChange();
  }

  return { create, list, revoke, redeem, exists: (hash) => findTicketByHash(store, hash) !== null };
}

function refusalOf(ticket: StoredTicket, { ip }: Visitor, nowMs: number): string | null {
  const state = ticketState(ticket, nowMs);
  if (state !== 'open') return state;
  return compileAddresses(ticket.ips)(ip) ? null : 'address';
}

/** Fixed now. Limits that are left out are those of a script. @throws AppError 400 */
function policyOf(wanted: TicketPolicy, nowMs: number): TicketPolicy {
  const usual = presetPolicy('script');
  const limits = changedLimits(usual.limits, wanted.limits);
  const policy = {
    ...wanted,
    priority: wanted.priority ?? usual.priority,
    limits: { ...limits, budgets: [...limits.budgets] },
  };
  if (endOf(policy) <= nowMs) throw expiredFromTheStart();
  const ofKey = { ...usualPolicy, outside: policy.outside ?? false, limits };
  const expiresMs = endOf(policy);
  requireBounds(
    { policy: ofKey, expiresMs: expiresMs === Number.MAX_SAFE_INTEGER ? null : expiresMs, role: 'inference' },
    nowMs,
  );
  return policy;
}

/** When its keys end. */
function endOf({ expiresAt }: TicketPolicy): number {
  return expiresAt === null || expiresAt === undefined ? Number.MAX_SAFE_INTEGER : Date.parse(expiresAt);
}

function toRecord(ticket: StoredTicket, nowMs: number): TicketRecord {
  const { id, name, uses, mostUses, ips, keyIds } = ticket;
  return {
    id,
    name,
    state: ticketState(ticket, nowMs),
    uses,
    mostUses,
    from: ips === null ? null : [...ips],
    createdAt: new Date(ticket.createdMs).toISOString(),
    expiresAt: new Date(ticket.expiresMs).toISOString(),
    revokedAt: toIso(ticket.revokedMs),
    lastUsedAt: toIso(ticket.lastUsedMs),
    refusedFrom: ticket.refusedFrom,
    refusedAt: toIso(ticket.refusedMs),
    keyIds: [...keyIds],
  };
}

function toIso(ms: number | null): string | null {
  return ms === null ? null : new Date(ms).toISOString();
}

function noSuchTicket(): AppError {
  return new AppError('There is no such ticket, or it ended more than ninety days ago.', {
    status: 404,
    code: 'ticket_not_found',
  });
}

function tooManyTickets(): AppError {
  return new AppError(`${mostOpen} tickets are open already. Revoke one of them, or wait until one ends.`, {
    status: 409,
    code: 'too_many_tickets',
  });
}
