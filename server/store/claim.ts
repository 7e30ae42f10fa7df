import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { z } from 'zod';
import { AppError } from '../core/errors.ts';

/** The data folder, held by this process alone. */
export type DataDirClaim = {
  /** Tells the command line, through `server.json`, where to knock. */
  readonly announce: (running: RunningServer) => void;
  readonly release: () => void;
};

export type RunningServer = { readonly pid: number; readonly port: number };

const runningServer = z.object({ pid: z.number().int(), port: z.number().int() });

/**
 * Takes the data folder for this process, making it if it is missing. The lock is the operating system's own on
 * an SQLite file: it ends with the process however that ends, so there is never a stale one.
 * @throws AppError with a sentence for the owner: already taken (by whom), or not writable
 */
export function claimDataDir(dataDir: string): DataDirClaim {
  const announcement = announcementIn(dataDir);
  const lock = withClearErrors(dataDir, () => {
    mkdirSync(dataDir, { recursive: true, mode: 0o700 });
    return takeLock(join(dataDir, 'server.lock'));
  });
  if (lock === null) throw alreadyRunning(dataDir);
  return {
    announce: (running) => writeFileSync(announcement, `${JSON.stringify(running)}\n`, { mode: 0o600 }),
    release: () => {
      rmSync(announcement, { force: true });
      lock.close();
    },
  };
}

function takeLock(path: string): Database.Database | null {
  const database = new Database(path, { timeout: 0 });
  try {
    database.exec('BEGIN EXCLUSIVE');
    return database;
  } catch (error) {
    database.close();
    if (error instanceof Database.SqliteError && error.code.startsWith('SQLITE_BUSY')) return null;
    throw error;
  }
}

function alreadyRunning(dataDir: string): AppError {
  const running = announcedServer(dataDir);
  const where = running === null ? '' : ` at http://127.0.0.1:${running.port} (process ${running.pid})`;
  return new AppError(
    `Inglenook is already running on the folder ${dataDir}${where}. Use that one, or stop it first.`,
    { status: 500, code: 'already_running' },
  );
}

/** Who has announced that they run on the folder; null where nobody has. It says nothing about whether they still do. */
export function announcedServer(dataDir: string): RunningServer | null {
  try {
    return runningServer.parse(JSON.parse(readFileSync(announcementIn(dataDir), 'utf8')));
  } catch {
    return null;
  }
}

function announcementIn(dataDir: string): string {
  return join(dataDir, 'server.json');
}

function withClearErrors<Result>(dataDir: string, work: () => Result): Result {
  try {
    return work();
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : '';
    const isFull = code === 'ENOSPC' || code === 'SQLITE_FULL';
    throw new AppError(
      isFull
        ? `The disk is full, so the data folder ${dataDir} cannot be used. Free some space and start again.`
        : `The data folder ${dataDir} cannot be written (${code}). Make sure that it belongs to you, or choose another with INGLENOOK_DATA_DIR.`,
      { status: 500, code: 'data_dir_unusable', cause: error },
    );
  }
}
