import { systemTimers, type Clock } from '../../server/core/clock.ts';
import type { Logger } from '../../server/core/logger.ts';
import { keepRetention, type Retention } from '../../server/record/retention.ts';
import { keepCheckpointed } from '../../server/store/threads/checkpoints.ts';
import { openReader, type Reader } from '../../server/store/threads/reader.ts';
import type { Store } from '../../server/store/open.ts';

/** The real reader and retention of a store in memory, which has neither threads nor a write-ahead log. */
export function ledgerServices({
  store,
  clock,
  log,
}: {
  readonly store: Store;
  readonly clock: Clock;
  readonly log: Logger;
}): { readonly reader: Reader; readonly retention: Retention } {
  const reader = openReader(store);
  const checkpoints = keepCheckpointed(store, systemTimers);
  const timers = { after: () => () => {}, every: () => () => {} };
  return { reader, retention: keepRetention({ store, reader, checkpoints, clock, timers, log }) };
}
