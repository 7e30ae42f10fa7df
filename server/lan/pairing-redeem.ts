import { replaceKey } from '../store/former-keys.ts';
import { createKey, findKey, freeKeyName, keyStatus } from '../store/keys.ts';
import { write, type Store } from '../store/open.ts';
import {
  claimPairing,
  findPairing,
  findPairingByHash,
  listLivePairings,
  noteTriedAgain,
  setPairingKey,
  usePairing,
} from '../store/pairing.ts';
import type { JoinVia, StoredJoin, StoredPairing } from '../store/pairing.ts';
import type { KeyRecord } from '../wire/admin.ts';
import { keyNameFor } from './pairing-names.ts';
import { newMatchCode } from './pairing-secrets.ts';
import { extendedTo, isApproved, isSameDevice, stateOf, type Visitor } from './pairing-state.ts';

/** One attempt to get in, by the hash of what was shown. */
export type Attempt = {
  readonly via: JoinVia;
  readonly hash: Buffer;
  readonly visitor: Visitor;
  readonly nowMs: number;
};

/** What an attempt came to. `isNews`: something the owner should see has happened by it. */
export type Verdict =
  | { readonly outcome: 'unknown' }
  | { readonly outcome: 'gone'; readonly isNews: boolean }
  | { readonly outcome: 'crowded' }
  | { readonly outcome: 'waiting'; readonly pairing: StoredPairing; readonly isNews: boolean }
  | {
      readonly outcome: 'joined';
      readonly key: string;
      readonly record: KeyRecord;
      /** The key's text of before counts no more from now on. */
      readonly hasEndedOld: boolean;
    };

const mostWaiting = { fromOneAddress: 3, inAll: 10 };
/** Who came at the last moment can still be approved. */
const graceAfterJoinMs = 2 * 60_000;

/**
 * One transaction: of many attempts at the same time exactly one is the first, and exactly one gets a key. What `note`
 * writes of the verdict is part of it.
 */
export function decide(store: Store, attempt: Attempt, note: (verdict: Verdict) => void): Verdict {
  return write(store, () => {
    const verdict = verdictOn(store, attempt);
    note(verdict);
    return verdict;
  });
}

function verdictOn(store: Store, attempt: Attempt): Verdict {
  const pairing = findPairingByHash(store, attempt.via, attempt.hash);
  if (pairing === null) return { outcome: 'unknown' };
  switch (stateOf(pairing, attempt.nowMs)) {
    case 'open':
      return becomeFirst(store, pairing, attempt);
    case 'waiting':
      if (isSameDevice(pairing.join, attempt.visitor)) return proceed(store, pairing, attempt);
      return { outcome: 'gone', isNews: noteTriedAgain(store, pairing.id, attempt.visitor.ip) };
    case 'joined':
      return { outcome: 'gone', isNews: noteTriedAgain(store, pairing.id, attempt.visitor.ip) };
    case 'denied':
    case 'expired':
    case 'closed':
      return { outcome: 'gone', isNews: false };
  }
}

function becomeFirst(store: Store, pairing: StoredPairing, attempt: Attempt): Verdict {
  const { via, visitor, nowMs } = attempt;
  const waiting = listLivePairings(store, nowMs).flatMap(({ join }) => (join === null ? [] : [join]));
  if (isCrowded(waiting, visitor.ip) && !isApproved(pairing, via)) return { outcome: 'crowded' };
  const isFirst = claimPairing(store, pairing.id, {
    ...visitor,
    via,
    askedMs: nowMs,
    matchCode: newMatchCode(new Set(waiting.map((join) => join.matchCode))),
    expiresMs: extendedTo(pairing, nowMs + graceAfterJoinMs),
  });
  const claimed = isFirst ? findPairing(store, pairing.id) : null;
  if (claimed === null) return { outcome: 'gone', isNews: false };
  const verdict = proceed(store, claimed, attempt);
  return verdict.outcome === 'waiting' ? { ...verdict, isNews: true } : verdict;
}

/** Whether so many wait that the owner would lose track, in all or from one address. */
export function isCrowded(waiting: readonly StoredJoin[], ip: string): boolean {
  const fromThere = waiting.filter((join) => join.ip === ip);
  return waiting.length >= mostWaiting.inAll || fromThere.length >= mostWaiting.fromOneAddress;
}

/** The device that asks: it goes on waiting, or it is in. */
function proceed(store: Store, pairing: StoredPairing, { via, nowMs }: Attempt): Verdict {
  const { id, join } = pairing;
  if (!isApproved(pairing, via) || join === null) return { outcome: 'waiting', pairing, isNews: false };
  if (!canStillReplace(store, pairing, nowMs)) return { outcome: 'gone', isNews: false };
  if (!usePairing(store, id, nowMs)) return { outcome: 'gone', isNews: false };
  const made = makeKey(store, pairing, join, nowMs);
  setPairingKey(store, id, made.record.id);
  const hasEndedOld = pairing.replaces !== null && pairing.overlapMs === 0;
  return { outcome: 'joined', hasEndedOld, ...made };
}

/** The key may have been ended since the invitation was made. */
function canStillReplace(store: Store, { replaces }: StoredPairing, nowMs: number): boolean {
  if (replaces === null) return true;
  const key = findKey(store, replaces);
  return key !== null && ['active', 'paused'].includes(keyStatus(key, nowMs));
}

/** A key of its own, or another text for the one that the device has. */
function makeKey(
  store: Store,
  { policy, preset, replaces, overlapMs }: StoredPairing,
  join: StoredJoin,
  nowMs: number,
): { readonly key: string; readonly record: KeyRecord } {
  if (replaces !== null) {
    return replaceKey(store, replaces, { nowMs, oldEndsMs: nowMs + (overlapMs ?? 0), pairedFrom: join.ip });
  }
  const device = policy.device ?? join.device;
  const name = freeKeyName(store, policy.name ?? keyNameFor(policy.person ?? null, device));
  return createKey(store, { ...policy, device, name }, nowMs, { preset, pairedFrom: join.ip });
}
