import type { Clock, Timers } from '../core/clock.ts';
import type { Logger } from '../core/logger.ts';
import { pruneResponses } from '../store/responses.ts';
import type { Store } from '../store/open.ts';

const everyMs = 15 * 60_000;

/** Forgets stored responses when their time is over, also while nobody asks. The returned function ends it. */
export function keepResponsesPruned(services: {
  readonly store: Store;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly log: Logger;
}): () => void {
  const { store, clock, timers, log } = services;
  const prune = (): void => {
    try {
      pruneResponses(store, clock.nowMs());
    } catch (error) {
      // They cannot be read any more all the same, and the next round tries again.
      log.error('Old stored responses could not be deleted.', { error });
    }
  };
  prune();
  return timers.every(everyMs, prune);
}
