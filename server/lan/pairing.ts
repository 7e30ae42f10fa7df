import type { AuditEntry, AuditTrail } from '../core/audit.ts';
import type { Clock } from '../core/clock.ts';
import type { AppError } from '../core/errors.ts';
import { randomBase62 } from '../core/key-format.ts';
import type { Logger } from '../core/logger.ts';
import { write, type Store } from '../store/open.ts';
import {
  approvePairing,
  closeGuessedPairings,
  closePairing,
  deletePairingsBefore,
  denyPairing,
  findPairing,
  findPairingByHash,
  insertPairing,
  listLivePairings,
  listPairings,
} from '../store/pairing.ts';
import type { JoinVia, StoredPairing } from '../store/pairing.ts';
import type { KeyRecord } from '../wire/admin.ts';
import type { CreatePairingRequest, PairingRecord } from '../wire/pairing.ts';
import * as errors from './pairing-errors.ts';
import { createGuesses } from './pairing-guesses.ts';
import { plainText } from './pairing-names.ts';
import { invitationLifetimeMs, policyOf } from './pairing-policy.ts';
import { decide, type Verdict } from './pairing-redeem.ts';
import { codeHash, codeOf, newTicket, ticketHash } from './pairing-secrets.ts';
import { extendedTo, isSameDevice, stateOf, toPairingRecord, type Visitor } from './pairing-state.ts';

/**
 * Letting a device in (security.md §1). The owner makes an invitation: a ticket of 128 bits, and a code of eight
 * characters for the same. The first device to show either becomes the one that asks; the owner says yes after
 * comparing two digits; the device then fetches its key, once. What the key may do was fixed by the owner.
 */
export type Pairing = {
  /** Throws AppError 409 when five invitations are open, 400 when the key would be expired from the start. */
  readonly create: (request: CreatePairingRequest) => NewInvitation;
  /** What was open within the last day, newest first. */
  readonly list: () => PairingRecord[];
  /** What a ticket is for, without using it up. Throws AppError 410, 429. */
  readonly look: (ticket: string, ip: string) => Look;
  /** One attempt to get in, repeated while it waits. Throws AppError 410, 429, 400 (no readable device name). */
  readonly redeem: (secret: Secret, visitor: Visitor) => Redemption;
  /** The owner's yes and no. Throw AppError 404, 409. */
  readonly approve: (id: string) => PairingRecord;
  readonly deny: (id: string) => PairingRecord;
  /** Takes the invitation back; changes nothing once it has ended. Throws AppError 404. */
  readonly close: (id: string) => PairingRecord;
};

export type PairingServices = {
  readonly store: Store;
  readonly clock: Clock;
  readonly log: Logger;
  /** What devices do; what the owner does here is written by the admin API. */
  readonly audit: AuditTrail;
  /** IANA name; guests' keys end by the clocks of this zone. */
  readonly timeZone: string;
  /** `list` would tell something else now. */
  readonly onChange: () => void;
  /** A device has fetched this key. */
  readonly onJoined: (key: KeyRecord) => void;
  /** Somebody has shown a ticket or code that there never was, or went on when told to wait. */
  readonly onGuess?: (ip: string) => void;
};

/** The only place where ticket and code are told. */
export type NewInvitation = {
  readonly record: PairingRecord;
  readonly ticket: string;
  readonly code: string;
};

export type Secret = { readonly via: JoinVia; readonly text: string };

export type Look = {
  readonly record: PairingRecord;
  readonly state: 'open' | 'waiting' | 'joined';
  readonly code: string;
};

export type Redemption =
  | { readonly status: 'waiting'; readonly record: PairingRecord; readonly slowDown: boolean }
  | { readonly status: 'joined'; readonly record: KeyRecord; readonly key: string };

/** How often a waiting device should ask. */
export const pollIntervalMs = 2_000;

const mostOpen = 5;
/** How long the list tells of what has ended. */
const keptMs = 24 * 60 * 60_000;
/** Who was approved at the last moment can still fetch the key. */
const graceAfterApprovalMs = 60_000;

export function createPairing(services: PairingServices): Pairing {
  const { store, clock, log } = services;
  const device = createDeviceSide(services);
  const recordOf = (pairing: StoredPairing): PairingRecord => toPairingRecord(pairing, clock.nowMs());

  function create(request: CreatePairingRequest): NewInvitation {
    const nowMs = clock.nowMs();
    const { policy, expiresMs } = policyOf(request, { nowMs, timeZone: services.timeZone });
    const ticket = newTicket();
    const code = codeOf(ticket);
    const id = `pair_${randomBase62(20)}`;
    write(store, () => {
      deletePairingsBefore(store, nowMs - keptMs);
      const open = listLivePairings(store, nowMs).filter(({ join }) => join === null);
      if (open.length >= mostOpen) throw errors.tooManyOpen(mostOpen);
      const { preset, autoApprove } = request;
      const hashes = { ticketHash: ticketHash(ticket), codeHash: codeHash(code) };
      insertPairing(store, { id, policy, preset, autoApprove, createdMs: nowMs, expiresMs, ...hashes });
    });
    return { record: tell(id, 'An invitation for a device was made.'), ticket, code };
  }

  function approve(id: string): PairingRecord {
    const pairing = find(id);
    const nowMs = clock.nowMs();
    const expiresMs = extendedTo(pairing, nowMs + graceAfterApprovalMs);
    if (approvePairing(store, id, { nowMs, expiresMs })) return tell(id, 'A device was approved.');
    const state = stateOf(pairing, nowMs);
    if (state === 'waiting' && pairing.approvedMs !== null) return recordOf(pairing);
    throw errors.nobodyWaiting(state);
  }

  function deny(id: string): PairingRecord {
    const pairing = find(id);
    const nowMs = clock.nowMs();
    if (denyPairing(store, id, nowMs)) return tell(id, 'A device was refused.');
    const state = stateOf(pairing, nowMs);
    if (state === 'denied') return recordOf(pairing);
    throw errors.nobodyWaiting(state);
  }

  function close(id: string): PairingRecord {
    const pairing = find(id);
    if (!closePairing(store, id, clock.nowMs())) return recordOf(pairing);
    return tell(id, 'An invitation was taken back.');
  }

  function tell(id: string, sentence: string): PairingRecord {
    log.info(sentence, { pairing: id });
    services.onChange();
    return recordOf(find(id));
  }

  function find(id: string): StoredPairing {
    const pairing = findPairing(store, id);
    if (pairing === null) throw errors.noSuchPairing();
    return pairing;
  }

  const list = (): PairingRecord[] => listPairings(store, clock.nowMs() - keptMs).map(recordOf);
  return { create, list, approve, deny, close, ...device };
}

/** What strangers can reach: every wrong word counts. */
function createDeviceSide(services: PairingServices): Pick<Pairing, 'look' | 'redeem'> {
  const { store, clock, log } = services;
  const guesses = createGuesses(clock.monotonicMs);
  const isHasty = createHaste(clock.monotonicMs);

  function look(ticket: string, ip: string): Look {
    refuseGuesser(ip);
    const pairing = findPairingByHash(store, 'ticket', ticketHash(ticket));
    if (pairing === null) throw wrongSecret(ip);
    const nowMs = clock.nowMs();
    const state = stateOf(pairing, nowMs);
    const wasJustUsed = pairing.usedMs !== null && nowMs - pairing.usedMs < invitationLifetimeMs;
    if (state !== 'open' && state !== 'waiting' && !(state === 'joined' && wasJustUsed)) throw errors.gone();
    return { record: toPairingRecord(pairing, nowMs), state, code: codeOf(ticket) };
  }

  function redeem({ via, text }: Secret, visitor: Visitor): Redemption {
    const device = plainText(visitor.device, 100);
    if (device === '') throw errors.namelessDevice();
    const client = visitor.client === null ? null : plainText(visitor.client, 200);
    const asking: Visitor = { ip: visitor.ip, device, client };
    const hash = via === 'ticket' ? ticketHash(text) : codeHash(text);
    // A device that waits goes on asking by its ticket, whatever others behind the same address have typed.
    const known = via === 'ticket' ? findPairingByHash(store, via, hash) : null;
    if (!isSameDevice(known?.join ?? null, asking)) refuseGuesser(visitor.ip);
    const attempt = { via, hash, visitor: asking, nowMs: clock.nowMs() };
    const verdict = decide(store, attempt, (reached) => {
      const entry = auditEntryOf(reached, asking);
      if (entry !== null) services.audit.append(entry);
    });
    return answer(verdict, asking);
  }

  function answer(verdict: Verdict, { ip, device }: Visitor): Redemption {
    switch (verdict.outcome) {
      case 'unknown':
        throw wrongSecret(ip);
      case 'gone':
        if (verdict.isNews) tell('warn', 'An invitation in use was tried once more.', { ip, device });
        throw errors.gone();
      case 'crowded':
        throw errors.tooManyWaiting();
      case 'waiting': {
        const { pairing, isNews } = verdict;
        if (isNews) tell('info', 'A device asks to be let in.', { pairing: pairing.id, ip, device });
        const record = toPairingRecord(pairing, clock.nowMs());
        return { status: 'waiting', record, slowDown: isHasty(pairing.id) };
      }
      case 'joined': {
        const { key, record } = verdict;
        tell('info', 'A device was let in.', { key: record.name, keyId: record.id, ip });
        services.onJoined(record);
        return { status: 'joined', record, key };
      }
    }
  }

  function refuseGuesser(ip: string): void {
    const waitMs = guesses.waitMs(ip);
    if (waitMs === 0) return;
    services.onGuess?.(ip);
    throw errors.tooManyGuesses(waitMs);
  }

  function wrongSecret(ip: string): AppError {
    services.onGuess?.(ip);
    if (guesses.wrong(ip)) {
      const closed = closeGuessedPairings(store, clock.nowMs());
      const details = { closedInvitations: closed };
      services.audit.appendLate({ actor: 'stranger', ip, act: 'pairing.guess', outcome: 'refused', details });
      tell('warn', 'Many wrong pairing codes were tried; open invitations were closed.', { ip, closed });
    }
    return errors.gone();
  }

  function tell(level: 'info' | 'warn', sentence: string, fields: Readonly<Record<string, unknown>>): void {
    log[level](sentence, fields);
    services.onChange();
  }

  return { look, redeem };
}

/** Null for what is no news: a device that goes on waiting, a wrong word. */
function auditEntryOf(verdict: Verdict, { ip, device, client }: Visitor): AuditEntry | null {
  const who = { actor: 'device', via: 'pairing', ip, client, object: device } as const;
  switch (verdict.outcome) {
    case 'joined': {
      const { id, name, person } = verdict.record;
      return { ...who, act: 'pairing.join', outcome: 'done', details: { keyId: id, key: name, person } };
    }
    case 'waiting':
      if (!verdict.isNews) return null;
      return { ...who, act: 'pairing.ask', outcome: 'done', details: { pairing: verdict.pairing.id } };
    case 'gone':
      if (!verdict.isNews) return null;
      return { ...who, actor: 'stranger', act: 'pairing.ask', outcome: 'refused', code: 'pairing_gone' };
    case 'unknown':
    case 'crowded':
      return null;
  }
}

/** Whether a device asks sooner than it was told to (RFC 8628 §3.5). Half the interval is the network's to vary. */
function createHaste(monotonicMs: () => number): (id: string) => boolean {
  const lastMs = new Map<string, number>();
  return (id) => {
    const nowMs = monotonicMs();
    const sinceMs = nowMs - (lastMs.get(id) ?? Number.NEGATIVE_INFINITY);
    // Devices that wait are few; what is forgotten here only makes somebody look patient once.
    if (lastMs.size > 100) lastMs.clear();
    lastMs.set(id, nowMs);
    return sinceMs < pollIntervalMs / 2;
  };
}
