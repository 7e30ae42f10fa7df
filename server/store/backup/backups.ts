import { readdirSync, rmSync } from 'node:fs';
import { mkdir, readdir, rm, stat } from 'node:fs/promises';
import { hostname } from 'node:os';
import { isAbsolute, join } from 'node:path';
import type { AuditTrail } from '../../core/audit.ts';
import type { Clock, Timers } from '../../core/clock.ts';
import { AppError, invalidRequest, toAppError } from '../../core/errors.ts';
import { aroundHour } from '../../core/local-time.ts';
import type { Logger } from '../../core/logger.ts';
import type {
  BackupScheduleRequest,
  BackupState,
  CreateBackupRequest,
  CreatedBackup,
  RestoreRequest,
  RestoreState,
} from '../../wire/backup.ts';
import type { Store } from '../open.ts';
import { listSnapshots, pruneSnapshots } from '../snapshots.ts';
import { runBackupTask } from './backup-task.ts';
import { createRestoreUploads, type RestoreUploads } from './upload.ts';
import { cancelRestore, preparedRestore, prepareRestore } from './restore.ts';
import {
  getOutcome,
  getSchedule,
  openPassphrase,
  sealPassphrase,
  setOutcome,
  setSchedule,
  type BackupSchedule,
} from './schedule-settings.ts';

/** Backups of the server's data, made by hand and by the clock; and what makes a restore stand ready. */
export type Backups = {
  readonly state: () => Promise<BackupState>;
  /** @throws AppError 400, 409 (another is running, the file exists) */
  readonly create: (request: CreateBackupRequest) => Promise<CreatedBackup>;
  /** @throws AppError 400 where the folder cannot be used or a passphrase is missing */
  readonly setSchedule: (request: BackupScheduleRequest) => Promise<BackupState>;
  /** The scheduled one, now. @throws AppError as it fails */
  readonly runNow: () => Promise<CreatedBackup>;
  readonly restoreState: () => RestoreState;
  /** @throws AppError 400 with what is wrong with the file; nothing has changed then */
  readonly prepareRestore: (request: RestoreRequest) => Promise<RestoreState>;
  readonly cancelRestore: () => RestoreState;
  /** A backup that comes from a browser. */
  readonly uploads: Pick<RestoreUploads, 'begin' | 'add'>;
  /** From now on the clock is watched. */
  readonly begin: () => void;
  /** Gives up what is running. */
  readonly stop: () => Promise<void>;
};

export type BackupServices = {
  readonly dataDir: string;
  readonly store: Store;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly log: Logger;
  readonly audit: AuditTrail;
  readonly secret: string;
  readonly version: string;
  /** IANA name: the hour is one of this zone. */
  readonly timeZone: string;
  /** See `Encryption`; lowered by tests only. */
  readonly workFactor?: number;
};

const usualWorkFactor = 18;
const lookEveryMs = 60_000;
/** A share that was not connected at night is often there an hour later. */
const retryAfterMs = 60 * 60_000;

export function createBackups(services: BackupServices): Backups {
  const { dataDir, store, clock, timers, log, audit, secret } = services;
  const workingDir = join(dataDir, 'backup.new');
  const stopping = new AbortController();
  const uploads = createRestoreUploads(dataDir, timers);
  let running: Promise<unknown> | null = null;
  let stopLooking = (): void => undefined;

  /** One at a time: each needs as much room as the database. */
  function alone<Result>(work: () => Promise<Result>): Promise<Result> {
    if (running !== null) throw busy();
    const job = work();
    running = job;
    const free = (): void => void (running = null);
    job.then(free, free);
    return job;
  }

  async function make(file: string, passphrase: string): Promise<CreatedBackup> {
    const madeAt = new Date(clock.nowMs()).toISOString();
    rmSync(workingDir, { recursive: true, force: true });
    await mkdir(workingDir, { mode: 0o700 });
    try {
      const { bytes } = await runBackupTask(
        {
          type: 'create',
          databasePath: store.db.name,
          copyPath: join(workingDir, 'copy.db'),
          file,
          manifest: { version: services.version, madeAt, computer: hostname(), serverSecret: secret },
          passphrase,
          workFactor: services.workFactor ?? usualWorkFactor,
        },
        stopping.signal,
      );
      log.info('A backup was made.', { file, bytes });
      return { file, bytes, madeAt };
    } finally {
      rmSync(workingDir, { recursive: true, force: true });
    }
  }

  async function makeScheduled(): Promise<CreatedBackup> {
    const schedule = getSchedule(store);
    const before = getOutcome(store)?.lastSuccessMs ?? null;
    const atMs = clock.nowMs();
    try {
      const { folder, passphrase } = requireComplete(schedule, secret);
      await requireFolder(folder);
      const made = await make(join(folder, fileName(clock.nowMs())), passphrase);
      setOutcome(store, { atMs, file: made.file, bytes: made.bytes, error: null, lastSuccessMs: atMs });
      await prune(folder, schedule.keep);
      return made;
    } catch (error) {
      const { message } = toAppError(error);
      const outcome = { atMs, file: null, bytes: null, error: message, lastSuccessMs: before };
      // What is noted here is the failure, which must not take along the row of a deed that was done.
      store.companion.run({ pending: null }, () => setOutcome(store, outcome));
      throw error;
    }
  }

  async function prune(folder: string, keep: number): Promise<void> {
    const all = await listBackups(folder);
    for (const { file } of all.slice(keep)) {
      try {
        await rm(file);
      } catch (error) {
        log.warn('An old backup could not be deleted.', { file, error });
      }
    }
  }

  /** Due from the hour on until it has been tried; a failure is tried again after an hour. */
  function look(): void {
    pruneSnapshots(dataDir, clock.nowMs());
    const schedule = getSchedule(store);
    if (!schedule.on || running !== null || stopping.signal.aborted) return;
    const nowMs = clock.nowMs();
    const { lastMs } = aroundHour(schedule.hour, nowMs, services.timeZone);
    const outcome = getOutcome(store);
    const triedMs = outcome?.atMs ?? Number.NEGATIVE_INFINITY;
    const isFresh = triedMs >= lastMs && triedMs <= nowMs;
    if (isFresh && (outcome?.error == null || nowMs - triedMs < retryAfterMs)) return;
    alone(makeScheduled).then(
      ({ file, bytes }) => {
        audit.appendLate({
          actor: 'server',
          act: 'backup.run',
          object: file,
          outcome: 'done',
          details: { bytes },
        });
      },
      (error: unknown) => {
        if (stopping.signal.aborted) return;
        log.error('The scheduled backup failed.', { error });
        const { code } = toAppError(error);
        audit.appendLate({
          actor: 'server',
          act: 'backup.run',
          object: schedule.folder,
          outcome: 'failed',
          code,
        });
      },
    );
  }

  async function state(): Promise<BackupState> {
    const { on, folder, hour, keep, sealedPassphrase } = getSchedule(store);
    const outcome = getOutcome(store);
    const next = on ? aroundHour(hour, clock.nowMs(), services.timeZone).nextMs : null;
    const { timeZone } = services;
    return {
      schedule: {
        on,
        folder,
        hour,
        timeZone,
        keep,
        hasPassphrase: sealedPassphrase !== null,
        nextAt: iso(next),
      },
      running: running !== null,
      last:
        outcome === null
          ? null
          : {
              at: new Date(outcome.atMs).toISOString(),
              ok: outcome.error === null,
              file: outcome.file,
              bytes: outcome.bytes,
              error: outcome.error,
            },
      lastSuccessAt: iso(outcome?.lastSuccessMs ?? null),
      files: folder === null ? [] : await listBackups(folder),
      snapshots: listSnapshots(dataDir).map(({ path, bytes, takenMs }) => ({
        file: path,
        bytes,
        madeAt: new Date(takenMs).toISOString(),
      })),
    };
  }

  async function changeSchedule(request: BackupScheduleRequest): Promise<BackupState> {
    const before = getSchedule(store);
    const { passphrase } = request;
    const after: BackupSchedule = {
      on: request.on ?? before.on,
      folder: request.folder === undefined ? before.folder : request.folder,
      hour: request.hour ?? before.hour,
      keep: request.keep ?? before.keep,
      sealedPassphrase:
        passphrase === undefined ? before.sealedPassphrase : sealPassphrase(passphrase, secret),
    };
    if (after.folder !== null && request.folder !== undefined) await requireFolder(after.folder);
    if (after.on) requireComplete(after, secret);
    setSchedule(store, after);
    log.info('Regular backups were set.', { on: after.on, folder: after.folder, hour: after.hour });
    return await state();
  }

  const restoreState = (): RestoreState => ({
    prepared: preparedRestore(dataDir),
    keptFolders: namesIn(dataDir).filter((name) => name.startsWith('before-restore-')),
  });
  return {
    state,
    create: ({ file, passphrase }) =>
      alone(async () => {
        requireWholePath(file);
        return await make(file, passphrase);
      }),
    setSchedule: changeSchedule,
    runNow: () => alone(makeScheduled),
    restoreState,
    uploads: {
      async begin(bytes) {
        // What is being opened must not be replaced.
        if (running !== null) throw busy();
        return await uploads.begin(bytes);
      },
      add: uploads.add,
    },
    prepareRestore: ({ file: path, upload, passphrase }) =>
      alone(async () => {
        const file = upload === undefined ? (path ?? '') : uploads.fileOf(upload);
        requireWholePath(file);
        const { signal } = stopping;
        const ready = await prepareRestore(dataDir, { file, passphrase, nowMs: clock.nowMs(), signal });
        if (upload !== undefined) uploads.discard();
        log.info('A backup stands ready to be restored at the next start.', { file: ready.file });
        return restoreState();
      }),
    cancelRestore() {
      if (cancelRestore(dataDir)) log.info('A restore that stood ready was given up.');
      return restoreState();
    },
    begin() {
      uploads.discard();
      look();
      stopLooking = timers.every(lookEveryMs, look);
    },
    async stop() {
      stopLooking();
      uploads.discard();
      stopping.abort();
      await running?.catch(() => undefined);
    },
  };
}

/** `inglenook-desk-1-2026-11-23T03-00-00Z.age`: sorts by time, and several computers may share a folder. */
function fileName(nowMs: number): string {
  const stamp = new Date(nowMs).toISOString().replaceAll(':', '-').replace(/\.\d+/, '');
  return `inglenook-${computerName()}-${stamp}.age`;
}

function computerName(): string {
  const name = hostname().split('.')[0] ?? '';
  return name.toLowerCase().replaceAll(/[^a-z0-9-]/g, '-') || 'computer';
}

/**
 * This computer's, newest first. Empty where the folder cannot be read. Never waited for by anybody else: it may be on a
 * share that does not answer.
 */
async function listBackups(folder: string): Promise<BackupState['files']> {
  const prefix = `inglenook-${computerName()}-`;
  const stamp = /^(\d{4}-\d\d-\d\d)T(\d\d)-(\d\d)-(\d\d)Z\.age$/;
  const files: BackupState['files'] = [];
  for (const name of await readdir(folder).catch(() => [])) {
    const [, day, hour, minute, second] = stamp.exec(name.slice(prefix.length)) ?? [];
    if (!name.startsWith(prefix) || day === undefined) continue;
    const file = join(folder, name);
    const found = await stat(file).catch(() => null);
    if (found !== null)
      files.push({ file, bytes: found.size, madeAt: `${day}T${hour}:${minute}:${second}.000Z` });
  }
  return files.toSorted((one, other) => other.madeAt.localeCompare(one.madeAt));
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

function requireComplete(
  schedule: BackupSchedule,
  secret: string,
): { readonly folder: string; readonly passphrase: string } {
  const { folder, sealedPassphrase } = schedule;
  if (folder === null) {
    throw invalidRequest(
      'Name the folder that backups are written to, best on another disk or a share.',
      'folder',
    );
  }
  if (sealedPassphrase === null) {
    throw invalidRequest(
      'Give the passphrase that backups are encrypted with, and keep it elsewhere too.',
      'passphrase',
    );
  }
  const passphrase = openPassphrase(schedule, secret);
  if (passphrase !== null) return { folder, passphrase };
  throw invalidRequest(
    'The passphrase for backups cannot be opened any more, since the file server.key is another one. Give it again.',
    'passphrase',
  );
}

/** Not made: where a share is not connected, its folder would be made on the disk that is to be saved. */
async function requireFolder(folder: string): Promise<void> {
  requireWholePath(folder);
  const found = await stat(folder).catch(() => null);
  if (found?.isDirectory() === true) return;
  throw new AppError(
    `There is no folder ${folder} just now. Is the disk or share connected? Backups wait for it and are tried again every hour.`,
    { status: 400, code: 'backup_folder_missing', param: 'folder' },
  );
}

function requireWholePath(path: string): void {
  if (isAbsolute(path) && !path.includes('\0')) return;
  throw invalidRequest('Give the whole path, from the root of the disk on.', 'file');
}

function busy(): AppError {
  return new AppError('A backup or restore is running already. Try again when it has ended.', {
    status: 409,
    code: 'backup_running',
    retryable: true,
  });
}

function iso(timeMs: number | null): string | null {
  return timeMs === null ? null : new Date(timeMs).toISOString();
}
