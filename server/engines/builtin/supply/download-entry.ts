import { existsSync } from 'node:fs';
import { z } from 'zod';
import type {
  Download,
  DownloadHold,
  DownloadRow,
  DownloadState,
  DownloadStore,
  RemoteModel,
} from '../../../core/download.ts';
import { AppError } from '../../../core/errors.ts';
import { bytesDone } from './download-file.ts';
import { bytesLeft, pathOf, type PullProgress } from './download-run.ts';
import type { SpeedMeter } from './download-speed.ts';
import { plannedFile } from './pull-plan.ts';
import { parsePullUri } from './pull-uri.ts';

const mostWanted = 100;
const mostKept = 300;
const longestBackOffMs = 60_000;

/** One download of the queue, with what is only true while the server runs. */
export type Entry = {
  readonly id: string;
  readonly uri: string;
  readonly addedMs: number;
  readonly progress: PullProgress;
  wish: DownloadRow['wish'];
  state: DownloadState;
  reason: string | null;
  endedMs: number | null;
  attempt: number;
  tries: number;
  /** How often the file at the source has turned out to be another one. */
  changes: number;
  retryAtMs: number | null;
  cancelRetry: () => void;
  run: { readonly abort: AbortController; readonly ended: Promise<void>; readonly speed: SpeedMeter } | null;
};

const plannedFiles = z.array(plannedFile);

export function createEntry(row: Pick<DownloadRow, 'id' | 'uri' | 'addedMs'>, progress: PullProgress): Entry {
  return {
    ...row,
    progress,
    wish: 'wanted',
    state: 'waiting',
    reason: null,
    endedMs: null,
    attempt: 0,
    tries: 0,
    changes: 0,
    retryAtMs: null,
    cancelRetry: () => {},
    run: null,
  };
}

/** A row of an earlier server; null for one that a newer program wrote and we do not understand. */
export function restore(row: DownloadRow, hubAddress: string): Entry | null {
  try {
    const request = parsePullUri(row.uri, hubAddress);
    const files = row.files === null ? null : plannedFiles.parse(row.files);
    // Written by us, and only shown; what is acted upon is in `files`.
    const about = row.about as RemoteModel | null;
    const entry = createEntry(row, { request: { ...request, text: row.uri }, files, about });
    const isWaiting = row.wish === 'wanted';
    return Object.assign(entry, {
      wish: row.wish,
      state: isWaiting ? 'waiting' : row.wish,
      reason: row.reason,
      endedMs: row.endedMs,
      tries: row.tries,
    });
  } catch {
    return null;
  }
}

/** Finished ones are forgotten, the oldest first, before the list grows beyond reason. */
export function makeRoom(entries: Map<string, Entry>, store: DownloadStore): void {
  const wanted = [...entries.values()].filter((entry) => entry.wish === 'wanted').length;
  if (wanted >= mostWanted) throw tooMany(mostWanted);
  if (entries.size < mostKept) return;
  const oldest = [...entries.values()].find(({ state }) => state === 'ready');
  if (oldest === undefined) throw tooMany(mostKept);
  entries.delete(oldest.id);
  store.remove(oldest.id);
}

function tooMany(count: number): AppError {
  return new AppError(`There are ${count} downloads already. Wait for one to end, or remove one.`, {
    status: 429,
    code: 'too_many_downloads',
  });
}

/** 1 s, 2 s, 4 s … 60 s. */
export function backOffMs(attempt: number): number {
  return Math.min(longestBackOffMs, 1000 * 2 ** Math.min(10, attempt - 1));
}

export function conflict(message: string): AppError {
  return new AppError(message, { status: 409, code: 'download_state' });
}

export function doneOf({ files }: PullProgress): number {
  return (files ?? []).reduce((sum, file) => sum + bytesDone(file), 0);
}

function totalOf({ files, about }: PullProgress): number | null {
  if (files === null) return about?.sizeBytes ?? null;
  return files.every((file) => file.sizeBytes !== null)
    ? doneOf({ files } as PullProgress) + bytesLeft(files)
    : null;
}

export function nameOf({ progress, uri }: Entry): string {
  const [first] = progress.files ?? [];
  return first?.relativePath.split('/').at(-1) ?? progress.about?.name ?? uri.replace(/\?.*$/s, '');
}

export function firstPath({ progress }: Entry, modelsDir: string): string | null {
  const [first] = progress.files ?? [];
  return first === undefined ? null : pathOf(first, modelsDir);
}

export function isStillThere({ progress }: Entry, modelsDir: string): boolean {
  return (
    (progress.files ?? []).length > 0 &&
    (progress.files ?? []).every((file) => existsSync(pathOf(file, modelsDir)))
  );
}

/** `hold`: what keeps all of them waiting now. */
export function describeEntry(entry: Entry, modelsDir: string, hold: DownloadHold | null): Download {
  const { id, uri, state, reason, attempt, tries, retryAtMs, addedMs, endedMs, progress, run } = entry;
  const totalBytes = totalOf(progress);
  const doneBytes = doneOf(progress);
  const bytesPerSecond = state === 'downloading' ? (run?.speed.bytesPerSecond() ?? 0) : 0;
  return {
    id,
    uri,
    name: nameOf(entry),
    state,
    reason,
    doneBytes,
    totalBytes,
    bytesPerSecond,
    secondsLeft:
      totalBytes === null || bytesPerSecond === 0
        ? null
        : Math.ceil((totalBytes - doneBytes) / bytesPerSecond),
    attempt,
    tries,
    heldBy: state === 'waiting' || state === 'stalled' ? hold : null,
    retryAtMs,
    addedMs,
    endedMs,
    path: firstPath(entry, modelsDir),
    about: progress.about,
  };
}
