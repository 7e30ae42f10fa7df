import type { Clock, Timers } from '../../server/core/clock.ts';

/** Time that passes only when the test says so. */
export type FakeTime = {
  readonly clock: Clock;
  readonly timers: Timers;
  /** Runs what falls due on the way, in order. */
  readonly pass: (ms: number) => void;
  /** Delays of what waits, ascending. */
  readonly waiting: () => number[];
};

export function createFakeTime(): FakeTime {
  let nowMs = 1_700_000_000_000;
  let timers: { readonly dueMs: number; readonly callback: () => void }[] = [];

  function after(delayMs: number, callback: () => void): () => void {
    const timer = { dueMs: nowMs + delayMs, callback };
    timers.push(timer);
    return () => {
      timers = timers.filter((other) => other !== timer);
    };
  }

  return {
    clock: { nowMs: () => nowMs, monotonicMs: () => nowMs },
    timers: {
      after,
      every(intervalMs, callback) {
        let cancel = after(intervalMs, again);
        function again(): void {
          cancel = after(intervalMs, again);
          callback();
        }
        return () => cancel();
      },
    },
    pass(ms) {
      const endMs = nowMs + ms;
      for (;;) {
        const next = timers.toSorted((a, b) => a.dueMs - b.dueMs)[0];
        if (next === undefined || next.dueMs > endMs) break;
        timers = timers.filter((timer) => timer !== next);
        nowMs = Math.max(nowMs, next.dueMs);
        next.callback();
      }
      nowMs = endMs;
    },
    waiting: () => timers.map(({ dueMs }) => dueMs - nowMs).sort((a, b) => a - b),
  };
}
