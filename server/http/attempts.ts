import { AppError } from '../core/errors.ts';

/** Some wrong passwords are human; after these each costs a wait that doubles. */
const freeAttempts = 5;
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

export function createAttemptGuard(monotonicMs: () => number): AttemptGuard {
  const records = new Map<string, Record>();
  return {
    begin(address) {
      const nowMs = monotonicMs();
      const record = currentRecord(records.get(address), nowMs);
      if (record.blockedUntilMs > nowMs) throw tooManyAttempts(record.blockedUntilMs - nowMs);
      record.failures++;
      record.lastMs = nowMs;
      record.blockedUntilMs = nowMs + waitAfter(record.failures);
      // Deleted and set again: a Map keeps the order, so the first entry is the quietest address.
      records.delete(address);
      records.set(address, record);
      if (records.size > mostAddresses) records.delete(records.keys().next().value ?? '');
    },
    succeed: (address) => void records.delete(address),
  };
}

function currentRecord(known: Record | undefined, nowMs: number): Record {
  const isStale = known === undefined || nowMs - known.lastMs > forgetAfterMs;
  return isStale ? { failures: 0, blockedUntilMs: nowMs, lastMs: nowMs } : known;
}

/** 0 for the first five, then 1 s, 2 s, 4 s … 15 min. */
function waitAfter(failures: number): number {
  return failures < freeAttempts ? 0 : Math.min(longestWaitMs, 1000 * 2 ** (failures - freeAttempts));
}

function tooManyAttempts(waitMs: number): AppError {
  const seconds = Math.ceil(waitMs / 1000);
  const wait = seconds < 90 ? `${seconds} s` : `${Math.ceil(seconds / 60)} minutes`;
  return new AppError(`Too many wrong passwords. Wait ${wait}, then try again.`, {
    status: 429,
    code: 'too_many_attempts',
    retryAfterSeconds: seconds,
  });
}
