import type { Timers } from '../../../core/clock.ts';

/** Holds up whoever has fetched more than may come in a second; not reading holds up the source. */
export type Pace = (bytes: number, signal: AbortSignal) => Promise<void>;

export type PaceOptions = {
  /** Of all together; null for no limit. Asked at each piece, so a change counts at once. */
  readonly mostBytesPerSecond: () => number | null;
  readonly monotonicMs: () => number;
  readonly timers: Timers;
};

/** One for all connections. Returns when the bytes are paid for, or the signal ends. */
export function createPace({ mostBytesPerSecond, monotonicMs, timers }: PaceOptions): Pace {
  let paidUntilMs = 0;
  return async (bytes, signal) => {
    const most = mostBytesPerSecond();
    const nowMs = monotonicMs();
    if (most === null) return void (paidUntilMs = nowMs);
    paidUntilMs = Math.max(paidUntilMs, nowMs) + (bytes * 1000) / most;
    const waitMs = paidUntilMs - nowMs;
    if (waitMs < 1 || signal.aborted) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    const cancel = timers.after(waitMs, resolve);
    signal.addEventListener('abort', () => resolve(), { once: true });
    await promise;
    cancel();
  };
}
