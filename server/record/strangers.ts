import type { Clock } from '../core/clock.ts';
import type { TurnedAway } from '../store/turned-away.ts';

/**
 * Who knocks without a valid key gets a row as long as it is a slip or a broken tool; of a flood only the number is kept.
 */
export type StrangerGuard = {
  /** Whether this one gets a row; else it is counted. */
  readonly mayHaveRow: () => boolean;
  readonly isWaiting: () => boolean;
  /** How many were counted since the start. */
  readonly total: () => number;
  /** What was counted since the last time. */
  readonly take: () => readonly TurnedAway[];
  /** It could not be kept. */
  readonly giveBack: (counted: readonly TurnedAway[]) => void;
};

/** So many rows at once, and then one every second. */
const burst = 300;
const perSecond = 1;
const quarterMs = 900_000;

export function createStrangerGuard(clock: Clock): StrangerGuard {
  let left = burst;
  let atMs = clock.monotonicMs();
  let total = 0;
  const counted = new Map<number, number>();
  const count = (quarter: number, requests: number): void =>
    void counted.set(quarter, (counted.get(quarter) ?? 0) + requests);
  return {
    mayHaveRow() {
      const nowMs = clock.monotonicMs();
      left = Math.min(burst, left + ((nowMs - atMs) / 1000) * perSecond);
      atMs = nowMs;
      if (left >= 1) {
        left -= 1;
        return true;
      }
      total += 1;
      count(Math.floor(clock.nowMs() / quarterMs), 1);
      return false;
    },
    isWaiting: () => counted.size > 0,
    total: () => total,
    take() {
      const taken = [...counted].map(([quarter, requests]) => ({ quarter, requests }));
      counted.clear();
      return taken;
    },
    giveBack(taken) {
      for (const { quarter, requests } of taken) count(quarter, requests);
    },
  };
}
