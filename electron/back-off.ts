/** How long to wait before another try; null when it is to be given up and the person asked. */
export type BackOff = {
  readonly failed: () => number | null;
  readonly healthy: () => void;
  /** The person wants another try: nothing of before counts. */
  readonly forget: () => void;
};

const firstWaitMs = 1_000;
const longestWaitMs = 30_000;
const mostFailures = 5;
const withinMs = 5 * 60_000;

/** A process that has run for so long was healthy, and its end is a new story. */
export const healthyAfterMs = 60_000;

/** 1, 2, 4 … 30 seconds, from the start again after health; the fifth failure within five minutes is the last. */
export function createBackOff(monotonicMs: () => number): BackOff {
  let failures: readonly number[] = [];
  let nextMs = firstWaitMs;
  return {
    failed() {
      const nowMs = monotonicMs();
      failures = [...failures.filter((atMs) => nowMs - atMs < withinMs), nowMs];
      if (failures.length >= mostFailures) return null;
      const waitMs = nextMs;
      nextMs = Math.min(longestWaitMs, nextMs * 2);
      return waitMs;
    },
    healthy() {
      nextMs = firstWaitMs;
    },
    forget() {
      failures = [];
      nextMs = firstWaitMs;
    },
  };
}
