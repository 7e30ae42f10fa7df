import { AppError } from '../core/errors.ts';
import { addressGroup } from '../core/ip-address.ts';

/** Some wrong passwords are human; after these each costs a wait that doubles. */
const usualFreeAttempts = 5;
const longestWaitMs = 15 * 60_000;
/** After this long without a wrong password an address starts afresh. */
const forgetAfterMs = 60 * 60_000;
/** Bounds memory; the address quiet for longest is forgotten first. */
const mostAddresses = 10_000;

/** Slows down guessing, by address. The admin token and the app's window never pass through it. */
export type AttemptGuard = {
  /**
   * Call before checking a password. Throws 429 with Retry-After while the address has to wait. Counts the
   * attempt at once, so that many at the same time do not all count as the first one.
   */
  readonly begin: (address: string) => void;
  /** The password was right: the address starts afresh. */
  readonly succeed: (address: string) => void;
};

type Record = { failures: number; blockedUntilMs: number; lastMs: number };

export type AttemptRules = {
  /** How many wrong ones cost no wait yet. */
  readonly free?: number;
  /** What was wrong, for the sentence. */
  readonly what?: 'passwords' | 'codes';
};

export function createAttemptGuard(
  monotonicMs: () => number,
  { free = usualFreeAttempts, what = 'passwords' }: AttemptRules = {},
): AttemptGuard {
  const records = new Map<string, Record>();
  return {
    begin(address) {
      const from = addressGroup(address);
      const nowMs = monotonicMs();
      const record = currentRecord(records.get(from), nowMs);
      if (record.blockedUntilMs > nowMs) throw tooManyAttempts(record.blockedUntilMs - nowMs, what);
      record.failures++;
      record.lastMs = nowMs;
      record.blockedUntilMs = nowMs + waitAfter(record.failures - free);
      // Deleted and set again: a Map keeps the order, so the first entry is the quietest address.
      records.delete(from);
      records.set(from, record);
      if (records.size > mostAddresses) records.delete(records.keys().next().value ?? '');
    },
    succeed: (address) => void records.delete(addressGroup(address)),
  };
}

function currentRecord(known: Record | undefined, nowMs: number): Record {
  const isStale = known === undefined || nowMs - known.lastMs > forgetAfterMs;
  return isStale ? { failures: 0, blockedUntilMs: nowMs, lastMs: nowMs } : known;
}

/** 0 for the free ones, then 1 s, 2 s, 4 s … 15 min. */
function waitAfter(beyondFree: number): number {
  return beyondFree < 0 ? 0 : Math.min(longestWaitMs, 1000 * 2 ** beyondFree);
}

function tooManyAttempts(waitMs: number, what: 'passwords' | 'codes'): AppError {
  const seconds = Math.ceil(waitMs / 1000);
  const wait = seconds < 90 ? `${seconds} s` : `${Math.ceil(seconds / 60)} minutes`;
  return new AppError(`Too many wrong ${what}. Wait ${wait}, then try again.`, {
    status: 429,
    code: 'too_many_attempts',
    retryAfterSeconds: seconds,
  });
}
