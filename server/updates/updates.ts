import { ageInDays } from '../core/age.ts';
import type { IsOffline } from '../core/offline.ts';
import type { Clock, Timers } from '../core/clock.ts';
import { AppError } from '../core/errors.ts';
import type { Logger } from '../core/logger.ts';
import { setStoredUpdates, storedUpdates, type StoredUpdates } from '../store/updates.ts';
import type { Store } from '../store/open.ts';
import type { UpdateNews, UpdateProblem, UpdateState } from '../wire/updates.ts';
import { createDownload } from './download.ts';
import { problemTexts, UpdateFault } from './fault.ts';
import { fetchText, type FetchOptions } from './fetch.ts';
import { mostFeedBytes, readFeed, type Manifest } from './manifest.ts';
import { newsFrom, type Installed } from './news.ts';
import type { UpdateSource } from './source.ts';

/** Looking for newer versions of ourselves: only when the owner wants it, and nothing is ever installed by itself. */
export type Updates = {
  readonly state: () => UpdateState;
  /**
   * Looks now, whatever the owner has chosen: somebody has asked for it. Resolves to the state it has led to; one look serves
   * all who ask while it lasts.
   */
  readonly look: () => Promise<UpdateState>;
  /** From now on looks by itself, at most daily, once the owner has said so. */
  readonly begin: () => void;
  /**
   * Begins to fetch the file of the newer version for this system into the data folder.
   * @throws AppError 404 where there is none, 409 while one is being fetched
   */
  readonly download: () => UpdateState;
  /** Gives up what is being fetched. */
  readonly stop: () => Promise<void>;
  /** The newest news, as they were signed, to hand on; null where none were seen. */
  readonly seen: () => string | null;
};

export type UpdatesServices = {
  readonly store: Store;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly log: Logger;
  readonly installed: Installed;
  readonly source: UpdateSource;
  /** Where the server never goes online, nothing outside the own network is asked. */
  readonly isOffline: IsOffline;
  /** Where a newer version’s file is put. */
  readonly folder: string;
  readonly onChange: () => void;
  /** For tests. */
  readonly lookup?: FetchOptions['lookup'];
};

const dayMs = 86_400_000;
/** Nobody needs it to the minute; a day is over by the first of these that finds it so. */
const everyMs = 60 * 60_000;
/** The start has other things to do first. */
const firstAfterMs = 5 * 60_000;
const stallMs = 15_000;
const longestLookMs = 60_000;

export function createUpdates(services: UpdatesServices): Updates {
  const { store, clock, timers, log, installed, source } = services;
  const ending = new AbortController();
  const ends: (() => void)[] = [];
  let looking: Promise<void> | null = null;
  const download = createDownload({ ...services, stallMs, signal: ending.signal });
  const readSeen = keepRead(source.keys);

  const fetching = (signal: AbortSignal): FetchOptions => ({
    timers,
    signal,
    isOffline: services.isOffline,
    stallMs,
    ...(services.lookup === undefined ? {} : { lookup: services.lookup }),
  });
  const feedOf = ({ feed }: StoredUpdates): string | null => feed ?? source.feed;
  function obstacleOf(kept: StoredUpdates): UpdateProblem | null {
    if (source.keys.length === 0) return 'no-key';
    return feedOf(kept) === null ? 'no-feed' : null;
  }
  function newsOf(kept: StoredUpdates): UpdateNews | null {
    const manifest = kept.seen === null ? null : readSeen(kept.seen);
    return manifest === null ? null : newsFrom(manifest, { installed, ownFeed: kept.feed });
  }

  async function lookNow(): Promise<void> {
    const late = new AbortController();
    const cancel = timers.after(longestLookMs, () => late.abort(new UpdateFault('unreachable')));
    const kept = storedUpdates(store);
    const feed = feedOf(kept);
    try {
      const obstacle = obstacleOf(kept);
      if (obstacle !== null || feed === null) throw new UpdateFault(obstacle ?? 'no-feed');
      const signal = AbortSignal.any([late.signal, ending.signal]);
      const text = await fetchText(feed, mostFeedBytes, fetching(signal));
      const manifest = readFeed(text, source.keys);
      const before = kept.seen === null ? null : readSeen(kept.seen);
      if (before !== null && manifest.issuedAt < before.issuedAt) throw new UpdateFault('older');
      const nowMs = clock.nowMs();
      setStoredUpdates(store, { lookedMs: nowMs, knownMs: nowMs, problem: null, seen: text });
      log.info('Looked for a newer version.', { newest: manifest.version });
    } catch (error) {
      if (ending.signal.aborted) return;
      const { problem } =
        error instanceof UpdateFault ? error : new UpdateFault('unreachable', { cause: error });
      setStoredUpdates(store, { lookedMs: clock.nowMs(), problem });
      log.warn('Looking for a newer version came to nothing.', { problem });
    } finally {
      cancel();
      services.onChange();
    }
  }

  /** One look serves all who ask for it at the same time. */
  function lookOnce(): Promise<void> {
    looking ??= lookNow().finally(() => (looking = null));
    return looking;
  }
  function lookIfDue(): void {
    const kept = storedUpdates(store);
    const sinceMs = kept.lookedMs === null ? dayMs : clock.nowMs() - kept.lookedMs;
    // A clock that was set back must not end it for ever.
    const isDue = sinceMs >= dayMs || sinceMs < 0;
    if (kept.choice === 'yes' && isDue && obstacleOf(kept) === null) void lookOnce();
  }

  function state(): UpdateState {
    const kept = storedUpdates(store);
    const obstacle = obstacleOf(kept);
    const problem = obstacle ?? kept.problem;
    return {
      version: installed.version,
      releasedOn: installed.releasedOn,
      ageDays: ageInDays(installed.releasedOn, clock.nowMs()),
      choice: kept.choice,
      feed: feedOf(kept),
      isOwnFeed: kept.feed !== null,
      isPossible: obstacle === null,
      lookedAt: iso(kept.lookedMs),
      knownAt: iso(kept.knownMs),
      problem,
      problemText: problem === null ? null : problemTexts[problem],
      news: newsOf(kept),
      download: download.state(),
    };
  }

  return {
    state,
    async look() {
      await lookOnce();
      return state();
    },
    begin() {
      ends.push(timers.after(firstAfterMs, lookIfDue), timers.every(everyMs, lookIfDue));
    },
    download() {
      const file = newsOf(storedUpdates(store))?.file ?? null;
      if (file === null) throw nothingToFetch();
      download.begin(file);
      return state();
    },
    async stop() {
      for (const end of ends) end();
      ending.abort(new Error('The server stops.'));
      await looking;
      await download.ended();
    },
    seen: () => {
      const { seen } = storedUpdates(store);
      return seen !== null && readSeen(seen) !== null ? seen : null;
    },
  };
}

/** The news are kept as they were signed, and read again only when they change. Null: not ours to believe any more. */
function keepRead(keys: UpdateSource['keys']): (text: string) => Manifest | null {
  let known: { readonly text: string; readonly manifest: Manifest | null } | null = null;
  return (text) => {
    if (known?.text !== text) known = { text, manifest: tryRead(text, keys) };
    return known.manifest;
  };
}

function tryRead(text: string, keys: UpdateSource['keys']): Manifest | null {
  try {
    return readFeed(text, keys);
  } catch {
    return null;
  }
}

function iso(ms: number | null): string | null {
  return ms === null ? null : new Date(ms).toISOString();
}

function nothingToFetch(): AppError {
  return new AppError('No newer version with a file for this computer is known. Look for one first.', {
    status: 404,
    code: 'no_update',
    retryable: false,
  });
}
