import { statSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Clock, Timers } from '../core/clock.ts';
import type { Logger } from '../core/logger.ts';
import {
  forgetGroups,
  forgetTexts,
  newestText,
  purgeRows,
  purgeSums,
  shrink,
} from '../store/ledger/purge.ts';
import type { Doomed } from '../store/ledger/purge.ts';
import type { Store } from '../store/open.ts';
import { keepDays } from '../store/retention.ts';
import type { Checkpoints } from '../store/threads/checkpoints.ts';
import type { Reader } from '../store/threads/reader.ts';
import type { RetentionState } from '../wire/usage.ts';

/** What is removed: rows one by one, sums by days of UTC. */
export type PurgeOrder = {
  readonly requests?: Doomed;
  readonly usageBeforeMs?: number;
  /** Changes something else, a little with each call; false after the last. */
  readonly beside?: () => boolean;
  /** Forget texts that nothing names any more, also where no row was removed. */
  readonly sweep?: boolean;
};

export type Retention = {
  readonly state: () => RetentionState;
  /**
   * Removes for good, in small steps beside the serving: rows and sums, texts that nothing names any more, and their
   * traces in the file and the write-ahead log. One purge at a time; a second waits. Resolves with the state after it,
   * never rejects: a problem is told in it.
   */
  readonly purge: (order: PurgeOrder) => Promise<RetentionState>;
  /** Ends a purge between two steps; the next start goes on by what is kept. */
  readonly close: () => Promise<void>;
};

type RetentionServices = {
  readonly store: Store;
  readonly reader: Reader;
  readonly checkpoints: Checkpoints;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly log: Logger;
};

const lookEveryMs = 60 * 60_000;
/** Between two steps, each of some milliseconds: requests go first. */
const restMs = 15;
const mostTruncateTries = 40;

/** Keeps the log as long as the owner has set, looking every hour. */
export function keepRetention(services: RetentionServices): Retention {
  const { store, clock, timers, log } = services;
  const state = { running: false, requests: 0, sums: 0, endedAtMs: 0, problem: null as string | null };
  let isClosed = false;
  let last: Promise<unknown> = Promise.resolve();

  async function repeat(step: () => number | boolean): Promise<void> {
    while (!isClosed && Number(step()) !== 0) await sleep(restMs, undefined, { ref: false });
  }
  async function run({ requests, usageBeforeMs, beside, sweep = false }: PurgeOrder): Promise<void> {
    if (isClosed) return;
    Object.assign(state, { running: true, requests: 0, sums: 0, problem: null });
    try {
      if (requests !== undefined) await repeat(() => counted('requests', purgeRows(store, requests)));
      if (usageBeforeMs !== undefined) await repeat(() => counted('sums', purgeSums(store, usageBeforeMs)));
      if (beside !== undefined) await repeat(beside);
      if (sweep || state.requests + state.sums > 0) {
        await forgetTraces(services, () => isClosed);
        await repeat(() => (shrink(store) ? 1 : 0));
        state.problem = await emptyWriteAheadLog(services, () => isClosed);
      }
    } catch (error) {
      log.error('The log could not be purged; it is tried again within the hour.', { error });
      state.problem = error instanceof Error ? error.message : 'unknown';
    }
    Object.assign(state, { running: false, endedAtMs: clock.nowMs() });
  }
  function counted(what: 'requests' | 'sums', removed: number): number {
    state[what] += removed;
    return removed;
  }
  function purge(order: PurgeOrder): Promise<RetentionState> {
    const done = last.then(() => run(order));
    last = done;
    return done.then(read);
  }
  function byTheSettings(): void {
    const cut = (days: number | null): number | null => (days === null ? null : clock.nowMs() - days * dayMs);
    const requestsMs = cut(keepDays(store, 'requests'));
    const usageMs = cut(keepDays(store, 'usage'));
    if (requestsMs === null && usageMs === null) return;
    void purge({
      ...(requestsMs === null ? {} : { requests: { beforeMs: requestsMs } }),
      ...(usageMs === null ? {} : { usageBeforeMs: usageMs }),
    });
  }
  function read(): RetentionState {
    return {
      requestDays: keepDays(store, 'requests'),
      usageDays: keepDays(store, 'usage'),
      purge: {
        running: state.running,
        removedRequests: state.requests,
        removedSums: state.sums,
        endedAt: state.endedAtMs === 0 ? null : new Date(state.endedAtMs).toISOString(),
        problem: state.problem,
      },
      databaseBytes: sizeOf(store.db.name),
    };
  }
  const stopFirst = timers.after(lookEveryMs / 60, byTheSettings);
  const stopLooking = timers.every(lookEveryMs, byTheSettings);
  return {
    state: read,
    purge,
    async close() {
      isClosed = true;
      stopFirst();
      stopLooking();
      await last;
    },
  };
}

const dayMs = 86_400_000;

/** Names, addresses and words that only the removed rows held. */
async function forgetTraces({ store, reader }: RetentionServices, isClosed: () => boolean): Promise<void> {
  const upTo = newestText(store);
  const used = new Set<number>();
  // Whatever a request uses from now on counts as in use, too.
  store.known.clear();
  store.sweep = used;
  try {
    forgetGroups(store, await reader.read('unusedGroups'));
    for (let fromSeq: number | null = 0; fromSeq !== null && !isClosed();) {
      const part: { readonly numbers: readonly number[]; readonly nextSeq: number | null } =
        await reader.read('usedTexts', fromSeq);
      for (const number of part.numbers) used.add(number);
      fromSeq = part.nextSeq;
    }
    if (!isClosed()) forgetTexts(store, used, upTo);
  } finally {
    store.sweep = null;
  }
}

/** A long export may be in the way; then what was removed is overwritten in the file, but not yet in the log. */
async function emptyWriteAheadLog(
  { checkpoints }: RetentionServices,
  isClosed: () => boolean,
): Promise<string | null> {
  for (let tried = 0; tried < mostTruncateTries && !isClosed(); tried += 1) {
    if (await checkpoints.truncate()) return null;
    await sleep(250, undefined, { ref: false });
  }
  return 'The write-ahead log could not be emptied because it was being read; it is emptied when the server stops.';
}

function sizeOf(path: string): number {
  const bytes = (file: string): number => statSync(file, { throwIfNoEntry: false })?.size ?? 0;
  return path === ':memory:' ? 0 : bytes(path) + bytes(`${path}-wal`);
}
