import type { Clock, Timers } from '../../server/core/clock.ts';

export type ManualTime = {
  readonly clock: Clock;
  readonly timers: Timers;
  /** Moves time on and calls back whoever waits, in order. */
  readonly advance: (ms: number) => void;
  /** Sets the calendar's clock back, as a corrected one is; monotonic time and timers go on. */
  readonly setBack: (ms: number) => void;
  /** Delays of what waits, ascending. */
  readonly waiting: () => number[];
};

type Waiting = { atMs: number; readonly everyMs: number | null; readonly callback: () => void };

/** Time that passes only when the test says so. */
export function createManualTime(startMs = Date.parse('2026-11-22T12:00:00Z')): ManualTime {
  let nowMs = startMs;
  let setBackMs = 0;
  const waiting = new Set<Waiting>();

  const add = (delayMs: number, everyMs: number | null, callback: () => void) => {
    const entry = { atMs: nowMs + delayMs, everyMs, callback };
    waiting.add(entry);
    return () => void waiting.delete(entry);
  };
  return {
    clock: { nowMs: () => nowMs - setBackMs, monotonicMs: () => nowMs - startMs },
    timers: {
      after: (delayMs, callback) => add(delayMs, null, callback),
      every: (intervalMs, callback) => add(intervalMs, intervalMs, callback),
    },
    advance(ms) {
      const endMs = nowMs + ms;
      for (;;) {
        const [next] = [...waiting].filter(({ atMs }) => atMs <= endMs).toSorted((a, b) => a.atMs - b.atMs);
        if (next === undefined) break;
        nowMs = Math.max(nowMs, next.atMs);
        if (next.everyMs === null) waiting.delete(next);
        else next.atMs += next.everyMs;
        next.callback();
      }
      nowMs = endMs;
    },
    setBack: (ms) => {
      setBackMs += ms;
    },
    waiting: () => [...waiting].map(({ atMs }) => atMs - nowMs).sort((a, b) => a - b),
  };
}
