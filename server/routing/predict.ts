/** So much of the newest measurement goes into the mean: some ten answers are remembered. */
const newestShare = 0.2;

/** How long a slot is usually held: a mean in which older answers fade. Null before the first. */
type MeanTime = { readonly add: (elapsedMs: number) => void; readonly meanMs: () => number | null };

export function createMeanTime(): MeanTime {
  let mean: number | null = null;
  return {
    add(elapsedMs) {
      mean = mean === null ? elapsedMs : mean + newestShare * (elapsedMs - mean);
    },
    meanMs: () => mean,
  };
}

type Ahead = {
  readonly slots: number;
  /** How long those who hold a slot will probably still hold it. */
  readonly runningMs: readonly number[];
  /** How long each of those in the queue will probably hold one, in their order. */
  readonly queueMs: readonly number[];
};

/** How long each of those in the queue will probably wait. */
export function predictWaitsMs({ slots, runningMs, queueMs }: Ahead): number[] {
  const freeAtMs = Array.from({ length: Math.max(1, slots) }, () => 0);
  const takeSoonest = (holdMs: number): number => {
    const slot = soonest(freeAtMs);
    const beginsMs = freeAtMs[slot] ?? 0;
    freeAtMs[slot] = beginsMs + holdMs;
    return beginsMs;
  };
  for (const holdMs of runningMs) takeSoonest(holdMs);
  return queueMs.map(takeSoonest);
}

function soonest(freeAtMs: readonly number[]): number {
  let best = 0;
  for (const [index, atMs] of freeAtMs.entries()) if (atMs < (freeAtMs[best] ?? 0)) best = index;
  return best;
}

/** What is left of an answer that has run for so long; one beyond the mean may end at any time. */
export function remainingMs(elapsedMs: number, meanMs: number): number {
  return Math.max(meanMs - elapsedMs, meanMs / 4);
}
