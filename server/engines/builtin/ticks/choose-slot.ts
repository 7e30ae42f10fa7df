/** An idle slot as the choice sees it. */
export type IdleSlot = {
  readonly index: number;
  /** How many tokens it holds. */
  readonly held: number;
  /** How many of them the new prompt could keep; 0 where the slot belongs to another scope. */
  readonly keepable: number;
  /** Larger is later. */
  readonly lastUsed: number;
};

/** A shared beginning shorter than this is by itself no reason to give up what else a slot holds. */
const worthwhileTokens = 128;

/**
 * Which idle slot a prompt of `promptTokens` goes to: (1) the one with the longest common beginning, if that is worth
 * more than what is lost by taking it, (2) else an empty one, (3) else the one unused for longest. Ties go to the
 * lowest index, which keeps busy sequences adjacent. Null when no slot is idle.
 */
export function chooseSlot(idle: readonly IdleSlot[], promptTokens: number): number | null {
  const best = idle.toSorted((a, b) => b.keepable - a.keepable || a.index - b.index)[0];
  if (best === undefined) return null;
  // Long in itself, or most of the prompt, or most of what the slot holds.
  const enough = Math.min(Math.max(worthwhileTokens, promptTokens / 10), promptTokens / 2, best.held / 2);
  if (best.keepable > 0 && best.keepable >= enough) return best.index; // (1)
  const empty = idle.toSorted((a, b) => a.index - b.index).find((slot) => slot.held === 0); // (2)
  if (empty !== undefined) return empty.index;
  return idle.toSorted((a, b) => a.lastUsed - b.lastUsed || a.index - b.index)[0]?.index ?? null; // (3)
}

/** Length of the common beginning of two token lists. */
export function commonPrefix(a: readonly number[], b: readonly number[]): number {
  const end = Math.min(a.length, b.length);
  let length = 0;
  while (length < end && a[length] === b[length]) length += 1;
  return length;
}
