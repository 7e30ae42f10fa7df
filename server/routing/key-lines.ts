import type { Clock } from '../core/clock.ts';
import type { Line } from './next-turn.ts';

/** A key at one model: what it was served, what it holds, and who waits for it. */
export type KeyLine<Waiter> = {
  readonly keyId: string;
  served: number;
  weight: number;
  readonly isBackground: boolean;
  active: number;
  lastTurnMs: number;
  readonly short: Waiter[];
  readonly long: Waiter[];
};

/** The keys that use a model or wait for it, and those that have used more of it than others. */
export type KeyLines<Waiter> = {
  readonly all: () => Iterable<Line<Waiter>>;
  /**
   * The line of a key that is about to use the model. One that comes back from idling is lifted to the least served busy
   * key, so that idling banks no credit, and a flood of before puts it back by a bounded amount only.
   */
  readonly of: (keyId: string, weight: number, isBackground?: boolean) => KeyLine<Waiter>;
  /** Called when somebody has left: forgets keys of which there is nothing left to know. */
  readonly tidy: () => void;
};

/** Whoever comes back after a flood is put back by no more than this, however much it was served. */
const mostBehind = 50_000;
/** So many idle keys are remembered at most. */
const mostLines = 1024;

export function createKeyLines<Waiter>(clock: Pick<Clock, 'monotonicMs'>): KeyLines<Waiter> {
  const lines = new Map<string, KeyLine<Waiter>>();
  /** What the least served of the busy keys has been served. It never falls while any key is busy. */
  let floor = 0;

  function forgetIdle(isMeant: (line: KeyLine<Waiter>) => boolean): void {
    for (const line of lines.values()) if (isIdle(line) && isMeant(line)) lines.delete(line.keyId);
  }

  return {
    all: () => lines.values(),
    of(keyId, weight, isBackground = false) {
      const known = lines.get(keyId);
      const lastTurnMs = clock.monotonicMs();
      const line = known ?? {
        keyId,
        served: floor,
        weight,
        isBackground,
        active: 0,
        lastTurnMs,
        short: [],
        long: [],
      };
      line.weight = weight;
      if (isIdle(line)) {
        line.served = Math.min(Math.max(line.served, floor), floor + mostBehind);
        line.lastTurnMs = lastTurnMs;
      }
      lines.set(keyId, line);
      return line;
    },
    tidy() {
      let least = Infinity;
      for (const line of lines.values()) if (!isIdle(line)) least = Math.min(least, line.served);
      // Nobody is busy: all begin anew as equals.
      if (least === Infinity) return lines.clear();
      floor = Math.max(floor, least);
      forgetIdle(({ served }) => served <= floor);
      if (lines.size > mostLines) forgetIdle(() => true);
    },
  };
}

function isIdle({ active, short, long }: KeyLine<unknown>): boolean {
  return active === 0 && short.length + long.length === 0;
}
