import { randomBytes } from 'node:crypto';
import type { Clock, Timers } from '../../../core/clock.ts';
import type {
  Download,
  DownloadHold,
  Downloads,
  DownloadSettings,
  DownloadState,
  DownloadStore,
} from '../../../core/download.ts';
import { AppError } from '../../../core/errors.ts';
import { requireOnline, type IsOffline } from '../../../core/offline.ts';
import type { Logger } from '../../../core/logger.ts';
import {
  backOffMs,
  conflict,
  createEntry,
  describeEntry,
  doneOf,
  firstPath,
  isStillThere,
  makeRoom,
  nameOf,
  restore,
  type Entry,
} from './download-entry.ts';
import { DownloadFault } from './download-fault.ts';
import { isWithinHours, msUntilHoursTurn } from './download-hours.ts';
import { createPace } from './download-pace.ts';
import { bytesLeft, deleteParts, runPull } from './download-run.ts';
import { createSpeedMeter, type SpeedMeter } from './download-speed.ts';
import type { PlannedFile } from './pull-plan.ts';
import { parsePullUri } from './pull-uri.ts';

export type DownloadQueueOptions = {
  readonly modelsDir: string;
  readonly store: DownloadStore;
  /** Asked before every try. */
  readonly settings: () => DownloadSettings;
  readonly isOffline: IsOffline;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly log: Logger;
  readonly freeBytes: (folder: string) => Promise<number>;
  /** A model is complete in its place; the download counts as ready once this has resolved. */
  readonly onReady: () => Promise<void>;
  readonly onChange: (downloads: readonly Download[]) => void;
  /** What people call a model at this address, until its source has told the file's name. */
  readonly knownName?: (uri: string) => string | null;
  /** A source that sends nothing for so long counts as stalled. */
  readonly stallMs?: number;
  readonly pieceBytes?: number;
};

export type DownloadQueue = Downloads & {
  /** Goes on with what was wanted when the server ended. */
  readonly begin: () => void;
  /** Stops everything for now; what is here is noted. Resolves when no file is open. */
  readonly stop: () => Promise<void>;
};

const usualStallMs = 15_000;
const usualPieceBytes = 64 * 1024 * 1024;
const runningAtOnce = 2;
const spaceAgainMs = 60_000;
const announceEveryMs = 500;
const mostChanges = 5;
/** The clock may be set, and the computer may sleep. */
const hoursAgainMs = 60_000;
/** Shorter ones tell little of the line. */
const tellingBytes = 20_000_000;
const keepsChanging =
  'The file at the source is another one at every look. Try again later, or take another source.';

/** Fetches models one after the other, two at a time, through restarts, bad lines and full disks. */
export function createDownloadQueue(options: DownloadQueueOptions): DownloadQueue {
  const { clock, log, modelsDir, settings, store, timers } = options;
  const entries = new Map<string, Entry>();
  let isStopping = false;
  let endAnnouncing: (() => void) | null = null;
  let cancelTurn = (): void => {};
  let lastHold: DownloadHold | null = null;
  const pace = createPace({
    mostBytesPerSecond: () => settings().mostBytesPerSecond,
    monotonicMs: clock.monotonicMs,
    timers,
  });

  const describe = (entry: Entry): Download => {
    const download = describeEntry(entry, modelsDir, lastHold);
    const isUnnamed = entry.progress.files === null && entry.progress.about === null;
    return { ...download, name: (isUnnamed ? options.knownName?.(entry.uri) : null) ?? download.name };
  };
  const list = (): Download[] => [...entries.values()].map(describe);
  const running = (): Entry[] => [...entries.values()].filter((entry) => entry.run !== null);

  function changed(): void {
    if (isStopping) return;
    const isBusy = running().length > 0;
    if (isBusy) endAnnouncing ??= timers.every(announceEveryMs, () => options.onChange(list()));
    else {
      endAnnouncing?.();
      endAnnouncing = null;
    }
    options.onChange(list());
  }

  function save(entry: Entry, files: readonly PlannedFile[] | null = entry.progress.files): void {
    if (entries.get(entry.id) !== entry) return;
    const { id, uri, wish, reason, addedMs, endedMs, tries } = entry;
    try {
      store.save({ id, uri, wish, reason, files, about: entry.progress.about, addedMs, endedMs, tries });
    } catch (error) {
      // The download itself goes on; after a restart a little more is fetched again.
      log.warn('The progress of a download could not be noted.', { id, error });
    }
  }

  function become(entry: Entry, state: DownloadState, reason: string | null = null): void {
    entry.state = state;
    entry.reason = reason;
    changed();
  }

  function clearRetry(entry: Entry): void {
    entry.cancelRetry();
    entry.cancelRetry = () => {};
    entry.retryAtMs = null;
  }

  function startNext(): void {
    if (isStopping || lastHold !== null) return;
    for (const entry of entries.values()) {
      if (running().length >= runningAtOnce) return;
      if (entry.wish === 'wanted' && entry.state === 'waiting' && entry.run === null) start(entry);
    }
  }

  /** What is forbidden altogether counts before what waits, and the owner's word before the clock's. */
  function holdNow(): DownloadHold | null {
    const { isHeld, hours } = settings();
    if (options.isOffline()) return 'offline';
    if (isHeld) return 'owner';
    return hours === null || isWithinHours(hours, clock.nowMs()) ? null : 'hours';
  }

  /** What is being compared is here already, and ends. */
  function follow(): void {
    if (isStopping) return;
    cancelTurn();
    const { hours } = settings();
    if (hours !== null) {
      const turnMs = Math.min(hoursAgainMs, msUntilHoursTurn(hours, clock.nowMs()));
      cancelTurn = timers.after(turnMs, follow);
    }
    const hold = holdNow();
    if (hold === lastHold) return;
    lastHold = hold;
    for (const { run, state } of hold === null ? [] : running())
      if (state !== 'checking') run?.abort.abort(new DownloadFault('stop', 'All downloads wait.'));
    changed();
    startNext();
  }

  function start(entry: Entry): void {
    clearRetry(entry);
    entry.tries += 1;
    const abort = new AbortController();
    const speed = createSpeedMeter(clock.monotonicMs);
    const before = doneOf(entry.progress);
    const beganMs = clock.monotonicMs();
    const ended = fetchAll(entry, abort.signal, speed)
      .then(() => becomeReady(entry))
      .catch((error: unknown) => {
        if (!abort.signal.aborted) becomeFaulty(entry, error, doneOf(entry.progress) > before);
        // The owner has changed their mind before the run could end.
        else if (entry.wish === 'wanted') become(entry, 'waiting');
      })
      .finally(() => {
        noteSpeed(doneOf(entry.progress) - before, clock.monotonicMs() - beganMs);
        entry.run = null;
        save(entry);
        changed();
        startNext();
      });
    entry.run = { abort, ended, speed };
    become(entry, 'downloading', null);
  }

  function noteSpeed(bytes: number, durationMs: number): void {
    if (bytes < tellingBytes || durationMs <= 0 || settings().mostBytesPerSecond !== null) return;
    try {
      store.noteSpeed(Math.round((bytes * 1000) / durationMs));
    } catch (error) {
      log.warn('The speed of a download could not be noted.', { error });
    }
  }

  async function fetchAll(entry: Entry, signal: AbortSignal, speed: SpeedMeter): Promise<void> {
    const { hubAddress, hubToken, leaveFreeBytes, parallel } = settings();
    await runPull(entry.progress, {
      modelsDir,
      signal,
      parallel,
      pace,
      tools: {
        timers,
        stallMs: options.stallMs ?? usualStallMs,
        hub: { address: hubAddress, token: hubToken },
      },
      space: { timers, folder: modelsDir, leaveFreeBytes, freeBytes: options.freeBytes },
      promisedBytes: () =>
        running()
          .filter((other) => other !== entry)
          .reduce((sum, other) => sum + bytesLeft(other.progress.files ?? []), 0),
      pieceBytes: options.pieceBytes ?? usualPieceBytes,
      monotonicMs: clock.monotonicMs,
      onBytes(count) {
        speed.add(count);
        // Bytes that the next try has to fetch again prove nothing.
        if (entry.progress.files?.every((file) => file.isResumable) === true) entry.attempt = 0;
      },
      onChecking: () => become(entry, 'checking'),
      onSafe: (files) => save(entry, files),
    });
  }

  async function becomeReady(entry: Entry): Promise<void> {
    await options.onReady();
    entry.wish = 'ready';
    entry.attempt = 0;
    entry.endedMs = clock.nowMs();
    log.info('A model was downloaded.', { id: entry.id, name: nameOf(entry) });
    become(entry, 'ready');
  }

  function becomeFaulty(entry: Entry, error: unknown, hasProgressed: boolean): void {
    const fault = error instanceof DownloadFault ? error : unexpected(error);
    switch (fault.kind) {
      case 'changed':
        entry.changes += 1;
        if (entry.changes > mostChanges) return becomeFailed(entry, keepsChanging);
        retryIn(entry, backOffMs(entry.changes));
        return become(entry, 'stalled', fault.message);
      case 'network':
        entry.attempt = hasProgressed ? 1 : entry.attempt + 1;
        retryIn(entry, fault.retryAfterMs ?? backOffMs(entry.attempt));
        log.info('A download is stalled.', { id: entry.id, reason: fault.message, attempt: entry.attempt });
        return become(entry, 'stalled', fault.message);
      case 'no-space':
        retryIn(entry, spaceAgainMs);
        log.warn('A download waits for room on the disk.', { id: entry.id });
        return become(entry, 'no-space', fault.message);
      case 'stop':
        return becomeFailed(entry, fault.message);
    }
  }

  function becomeFailed(entry: Entry, reason: string): void {
    entry.wish = 'failed';
    entry.endedMs = clock.nowMs();
    log.warn('A download has failed.', { id: entry.id, reason });
    become(entry, 'failed', reason);
  }

  function unexpected(error: unknown): DownloadFault {
    log.error('A download broke off.', { error });
    const message =
      error instanceof AppError
        ? error.message
        : 'Something went wrong inside Inglenook; the log has the details.';
    return new DownloadFault('stop', message, { cause: error });
  }

  function retryIn(entry: Entry, delayMs: number): void {
    entry.retryAtMs = clock.nowMs() + delayMs;
    entry.cancelRetry = timers.after(delayMs, () => {
      clearRetry(entry);
      become(entry, 'waiting');
      startNext();
    });
  }

  function want(entry: Entry): Download {
    requireOnline(options.isOffline);
    entry.wish = 'wanted';
    entry.endedMs = null;
    if (entry.run === null) {
      clearRetry(entry);
      entry.attempt = 0;
      entry.tries = 0;
      entry.changes = 0;
      become(entry, 'waiting');
      save(entry);
      startNext();
    }
    return describe(entry);
  }

  /** Ends the run, if there is one. Returns false where the download has become ready in that moment. */
  async function halt(entry: Entry, wish: 'paused' | 'cancelled'): Promise<boolean> {
    clearRetry(entry);
    entry.wish = wish;
    entry.run?.abort.abort(new DownloadFault('stop', 'Stopped by the owner.'));
    await entry.run?.ended;
    return entry.state !== 'ready';
  }

  function find(id: string): Entry {
    const entry = entries.get(id) ?? [...entries.values()].find(({ uri }) => uri === id);
    if (entry !== undefined) return entry;
    throw new AppError('There is no such download.', {
      status: 404,
      code: 'download_not_found',
      param: 'id',
    });
  }

  function add(uri: string): Download {
    requireOnline(options.isOffline);
    const request = parsePullUri(uri, settings().hubAddress);
    follow();
    const known = [...entries.values()].find((entry) => entry.uri === request.text);
    if (known !== undefined) {
      if (known.state === 'ready' && isStillThere(known, modelsDir)) return describe(known);
      if (known.state === 'ready') known.progress.files = null;
      return want(known);
    }
    makeRoom(entries, store);
    const entry = createEntry(
      { id: `dl_${randomBytes(8).toString('hex')}`, uri: request.text, addedMs: clock.nowMs() },
      { request, files: null, about: null },
    );
    entries.set(entry.id, entry);
    log.info('A download was asked for.', { id: entry.id });
    return want(entry);
  }

  return {
    list,
    add,
    resume(id) {
      const entry = find(id);
      if (entry.state === 'ready') throw conflict('This download is finished.');
      return want(entry);
    },
    async pause(id) {
      const entry = find(id);
      if (entry.wish !== 'wanted' && entry.wish !== 'paused')
        throw conflict('This download is not under way.');
      await halt(entry, 'paused');
      return settle(entry, 'paused');
    },
    async cancel(id, keepPart) {
      const entry = find(id);
      if (entry.state === 'ready') throw conflict('This download is finished. Remove the model instead.');
      const isHalted = await halt(entry, 'cancelled');
      if (isHalted && !keepPart) await deleteParts(entry.progress, modelsDir);
      return settle(entry, 'cancelled');
    },
    async remove(id) {
      const entry = find(id);
      const isUnfinished = entry.state !== 'ready' && (await halt(entry, 'cancelled'));
      if (isUnfinished) await deleteParts(entry.progress, modelsDir);
      entries.delete(entry.id);
      store.remove(entry.id);
      changed();
    },
    move(id, direction) {
      const entry = find(id);
      if (entry.endedMs !== null) throw conflict('This download has ended, so it has no turn.');
      const order = [...entries.values()];
      const from = order.indexOf(entry);
      const isOpen = ({ endedMs }: Entry): boolean => endedMs === null;
      const to =
        direction === 'up'
          ? order.findLastIndex((other, index) => index < from && isOpen(other))
          : order.findIndex((other, index) => index > from && isOpen(other));
      if (to !== -1) {
        order.splice(to, 0, ...order.splice(from, 1));
        store.order(order.map((each) => each.id));
        entries.clear();
        for (const each of order) entries.set(each.id, each);
        changed();
      }
      return describe(entry);
    },
    follow,
    usualSpeed: store.speed,
    forgetFile(path) {
      for (const entry of entries.values()) {
        if (entry.state !== 'ready' || firstPath(entry, modelsDir) !== path) continue;
        entries.delete(entry.id);
        store.remove(entry.id);
      }
      changed();
    },
    begin() {
      for (const row of store.load()) {
        const entry = restore(row, settings().hubAddress);
        if (entry !== null) entries.set(entry.id, entry);
      }
      follow();
      if (entries.size > 0) changed();
      startNext();
    },
    async stop() {
      isStopping = true;
      endAnnouncing?.();
      cancelTurn();
      for (const entry of entries.values()) clearRetry(entry);
      const ending = running().flatMap(({ run }) => (run === null ? [] : [run]));
      for (const run of ending) run.abort.abort(new DownloadFault('stop', 'The server ends.'));
      await Promise.all(ending.map((run) => run.ended));
    },
  };

  function settle(entry: Entry, state: 'paused' | 'cancelled'): Download {
    if (entry.state !== 'ready' && entry.wish === state) {
      entry.endedMs = state === 'cancelled' ? clock.nowMs() : null;
      become(entry, state);
      save(entry);
    }
    return describe(entry);
  }
}
