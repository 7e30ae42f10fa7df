import type { Timers } from '../core/clock.ts';
import { AppError } from '../core/errors.ts';

/** How often all who could answer are tried again, before the first part, unless the owner wants fewer. */
export const usualRetries = 2;
const firstPauseMs = 250;
/** Whoever wants a longer pause is not tried again: the client is told instead. */
const longestPauseMs = 5_000;

/** Whether a failure of a remote engine may be gone in a moment. One that was waited for is not waited for again. */
export function isPassing(error: unknown): boolean {
  if (!(error instanceof AppError) || error.source !== 'engine' || !error.retryable) return false;
  if (error.status === 504) return false;
  return error.retryAfterSeconds === null || error.retryAfterSeconds * 1000 <= longestPauseMs;
}

/**
 * The pause before the next round: 250 ms, then twice as long, half of it by chance so that many do not come back at the
 * same moment; longer if that was asked for. `chance` is 0 … 1.
 */
export function pauseMs(round: number, errors: readonly unknown[], chance: number): number {
  const asked = errors.map((error) =>
    error instanceof AppError ? (error.retryAfterSeconds ?? 0) * 1000 : 0,
  );
  const usual = firstPauseMs * 2 ** round * (0.5 + chance / 2);
  return Math.min(longestPauseMs, Math.max(usual, ...asked));
}

/** Rejects with the signal's reason when that comes first. */
export async function pause(timers: Timers, delayMs: number, signal: AbortSignal): Promise<void> {
  signal.throwIfAborted();
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const cancel = timers.after(delayMs, resolve);
  const onAbort = (): void => reject(signal.reason as Error);
  signal.addEventListener('abort', onAbort, { once: true });
  try {
    await promise;
  } finally {
    cancel();
    signal.removeEventListener('abort', onAbort);
  }
}
