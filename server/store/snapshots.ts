import {
  closeSync,
  constants,
  copyFileSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import type { Database } from 'better-sqlite3';
import { AppError } from '../core/errors.ts';
import {
  migrate,
  MigrationFailure,
  newestVersion,
  pendingMigrations,
  schemaVersion,
  type Migration,
} from './migrate.ts';

/** Copies of the database from before its schema was changed, in the folder `snapshots` beside it. */

const mostKept = 3;
/** They hold what may have been deleted since, so none outlives this. */
export const longestSnapshotDays = 14;
const snapshotName = /^before-\d+-from-\d+-[\dTZ-]+\.db$/;

/**
 * Migrates, with a copy of the file taken first. When a step fails, the file is put back bit for bit.
 * @throws AppError that tells what has failed and what goes on working
 */
export function migrateSafely(db: Database, migrations: readonly Migration[]): void {
  const path = db.name;
  const isNew = schemaVersion(db) === 0;
  if (db.memory || isNew || pendingMigrations(db, migrations).length === 0) {
    migrate(db, undefined, migrations);
    if (!db.memory) pruneSnapshots(dirname(path), Date.now());
    return;
  }
  const snapshot = takeSnapshot(db, newestVersion(migrations));
  try {
    migrate(db, undefined, migrations);
  } catch (error) {
    db.close();
    putBack(snapshot, path);
    throw failure(error, snapshot);
  }
  pruneSnapshots(dirname(path), Date.now());
}

/** Deletes snapshots that are too old or too many. */
export function pruneSnapshots(dataDir: string, nowMs: number): void {
  const byAge = listSnapshots(dataDir).toSorted((one, other) => other.takenMs - one.takenMs);
  for (const [index, { path, takenMs }] of byAge.entries()) {
    if (index >= mostKept || nowMs - takenMs > longestSnapshotDays * 86_400_000)
      rmSync(path, { force: true });
  }
}

export type Snapshot = { readonly path: string; readonly takenMs: number; readonly bytes: number };

/** In no particular order. */
export function listSnapshots(dataDir: string): Snapshot[] {
  const dir = join(dataDir, 'snapshots');
  return namesIn(dir)
    .filter((name) => snapshotName.test(name))
    .map((name) => {
      const path = join(dir, name);
      const { mtimeMs, size } = statSync(path);
      return { path, takenMs: mtimeMs, bytes: size };
    });
}

function takeSnapshot(db: Database, newest: number): string {
  const dir = join(dirname(db.name), 'snapshots');
  const stamp = new Date().toISOString().replaceAll(/[:.]/g, '-');
  const path = join(dir, `before-${newest}-from-${schemaVersion(db)}-${stamp}.db`);
  foldLogIn(db);
  try {
    mkdirSync(dir, { recursive: true, mode: 0o700 });
    // Where the file system can, this takes no room and no time.
    copyFileSync(db.name, path, constants.COPYFILE_EXCL | constants.COPYFILE_FICLONE);
    flush(path);
    return path;
  } catch (error) {
    rmSync(path, { force: true });
    throw new AppError(
      `The database must be brought to this version, and a copy of it could not be made before in ${dir} (${codeOf(error)}). Nothing was changed. Free some space there, or go on with the Inglenook you had before.`,
      { status: 500, code: 'snapshot_failed', cause: error },
    );
  }
}

/** What is still in the write-ahead log belongs to the copy. */
function foldLogIn(db: Database): void {
  const [result] = db.pragma('wal_checkpoint(TRUNCATE)') as { readonly busy: number }[];
  if (result?.busy === 0) return;
  throw new AppError(
    `Another program is holding the database ${db.name}, which must be brought to this version. Close it and start again. Nothing was changed.`,
    { status: 503, code: 'store_unavailable' },
  );
}

function putBack(snapshot: string, path: string): void {
  const fresh = `${path}.put-back`;
  copyFileSync(snapshot, fresh, constants.COPYFILE_FICLONE);
  flush(fresh);
  for (const suffix of ['-wal', '-shm']) rmSync(path + suffix, { force: true });
  renameSync(fresh, path);
}

function failure(error: unknown, snapshot: string): AppError {
  const step = error instanceof MigrationFailure ? error.message : codeOf(error);
  return new AppError(
    `The database could not be brought to this version (${step}). It is again exactly what it was, with a copy in ${snapshot}. Nothing is lost: go on with the Inglenook you had before, and tell us about this sentence.`,
    { status: 500, code: 'migration_failed', cause: error },
  );
}

function flush(path: string): void {
  const file = openSync(path, 'r+');
  try {
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}

function namesIn(dir: string): string[] {
  try {
    return readdirSync(dir);
  } catch {
    return [];
  }
}

function codeOf(error: unknown): string {
  if (error instanceof Error && 'code' in error) return String(error.code);
  return error instanceof Error ? error.message : String(error);
}
