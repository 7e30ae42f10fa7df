/** A slot that still has tokens of its prompt to read. */
export type Reading = {
  readonly index: number;
  readonly remaining: number;
  /** Smaller came first. */
  readonly order: number;
};

/**
 * Divides one tick's reading between the slots: slot index → tokens. Everybody gets the same, and what a short prompt
 * does not need goes to the others. Beside running streams only two read at a time, since unequal chunks cost passes
 * of their own: the one that came first, so that it gets on, and the shortest of the rest, so that a quick question
 * does not wait for somebody's book.
 */
export function sharePrefill(
  reading: readonly Reading[],
  budget: number,
  besideStreams: boolean,
): ReadonlyMap<number, number> {
  const chosen = besideStreams ? oldestAndShortest(reading) : reading;
  const shares = new Map<number, number>();
  let left = Math.max(0, Math.floor(budget));
  const ascending = chosen.toSorted((a, b) => a.remaining - b.remaining || a.order - b.order);
  for (const [position, slot] of ascending.entries()) {
    const share = Math.min(slot.remaining, Math.floor(left / (ascending.length - position)));
    if (share > 0) shares.set(slot.index, share);
    left -= share;
  }
  return shares;
}

function oldestAndShortest(reading: readonly Reading[]): readonly Reading[] {
  const [oldest, ...rest] = reading.toSorted((a, b) => a.order - b.order);
  if (oldest === undefined) return [];
  const shortest = rest.toSorted((a, b) => a.remaining - b.remaining)[0];
  return shortest === undefined ? [oldest] : [oldest, shortest];
}
