import type { Timers } from './clock.ts';

const lookMs = 1_000;

type Looks = { readonly all: Set<() => void>; readonly stop: () => void };

const looksOf = new WeakMap<Timers, Looks>();

/**
 * Calls `look`, a function of its caller's own, once a second until the returned function is called; the first time sooner, if others look already. For
 * what every stream waits for: one timer for all of them, however many there are and however often each begins anew.
 */
export function everySecond(timers: Timers, look: () => void): () => void {
  const looks = looksOf.get(timers) ?? begin(timers);
  looks.all.add(look);
  return () => {
    if (!looks.all.delete(look) || looks.all.size > 0) return;
    looks.stop();
    looksOf.delete(timers);
  };
}

function begin(timers: Timers): Looks {
  const all = new Set<() => void>();
  const stop = timers.every(lookMs, () => {
    for (const look of all) look();
  });
  const looks = { all, stop };
  looksOf.set(timers, looks);
  return looks;
}
