import { AsyncLocalStorage } from 'node:async_hooks';
import { chmodSync, closeSync, mkdirSync, openSync } from 'node:fs';
import { dirname } from 'node:path';
import Database from 'better-sqlite3';
import { AppError } from '../core/errors.ts';
import { fillRollups } from './ledger/rebuild.ts';
import { addLedgerFunctions } from './ledger/sql-functions.ts';
import { listMigrations, schemaVersion, type Migration } from './migrate.ts';
import { migrateSafely } from './snapshots.ts';

/** An open database. Only the functions of this folder look inside. */
export type Store = {
  readonly db: Database.Database;
  /** Prepared once per text; there are few, and preparing costs more than running. */
  readonly statements: Map<string, Database.Statement>;
  /** `write` without its care for errors; made once, since making it costs as much as a small write. */
  readonly transact: <Result>(work: () => Result) => Result;
  /** Counts what has changed of keys, teams and prices, so that what is kept of them in memory is never stale. */
  policyVersion: number;
  /** What the next change must be written together with, in the asynchronous context of who asked for it. */
  readonly companion: AsyncLocalStorage<Companion>;
  /** Numbers of texts, askers and groups of the log that were looked up; see `ledger/dictionary.ts`. */
  readonly known: Map<string, number>;
  /** Texts of the log by their number. */
  readonly texts: Map<number, string>;
  /** While texts that nobody uses are looked for: the numbers of those that are in use. */
  sweep: Set<number> | null;
};

/** Called once, in the transaction of the first change; null afterwards. */
export type Companion = {
  pending: (() => void) | null;
  /** What else is to be told of it; see `writeActNow` in `http/audited.ts`. */
  told?: Readonly<Record<string, unknown>>;
};

/** How long a write waits for another process (a backup, the sqlite3 shell) before it gives up. */
const busyTimeoutMs = 5000;

/**
 * Opens the database, makes it if it is missing (file mode 0600), and brings it to this program's version; where that
 * fails, the file is again what it was. `:memory:` and other migrations are for tests.
 * Throws an AppError whose message tells the owner what is wrong and what to do.
 */
export function openStore(path: string, migrations: readonly Migration[] = listMigrations()): Store {
  let db: Database.Database | null = null;
  try {
    if (path !== ':memory:') createPrivateFile(path);
    db = new Database(path, { timeout: busyTimeoutMs });
    // Counts for a new file only (and would be written to an old one at each start): what is deleted later can be given
    // back to the disk bit by bit.
    if (schemaVersion(db) === 0) db.pragma('auto_vacuum = INCREMENTAL');
    db.pragma('journal_mode = WAL');
    // In WAL mode NORMAL can lose the last moments in a power cut, but never damages the file.
    db.pragma('synchronous = NORMAL');
    // Pages (32 MB): the same pages are written again and again, and folding them in waits for the disk.
    db.pragma('wal_autocheckpoint = 8000');
    db.pragma('foreign_keys = ON');
    // Deleted text is overwritten, so that a purge really purges.
    db.pragma('secure_delete = ON');
    migrateSafely(db, migrations);
    addLedgerFunctions(db);
    fillRollups(db);
    return storeOver(db);
  } catch (error) {
    db?.close();
    throw toStoreError(error, path);
  }
}

/**
 * A second connection for reading alone, for another thread: it waits for nobody and nobody waits for it. Its store must
 * not be written to.
 */
export function openStoreToRead(path: string): Store {
  const db = new Database(path, { readonly: true, fileMustExist: true, timeout: busyTimeoutMs });
  // Negative: in KiB. The pages that screens ask for again and again.
  db.pragma('cache_size = -32768');
  addLedgerFunctions(db);
  return storeOver(db);
}

function storeOver(db: Database.Database): Store {
  return {
    db,
    statements: new Map(),
    transact: db.transaction((work: () => unknown) => work()).immediate as Store['transact'],
    policyVersion: 0,
    companion: new AsyncLocalStorage(),
    known: new Map(),
    texts: new Map(),
    sweep: null,
  };
}

/** Folds the write-ahead log into the file and closes it. Harmless when closed already. */
export function closeStore(store: Store): void {
  if (!store.db.open) return;
  store.statements.clear();
  store.db.close();
}

/** The prepared statement for this SQL. The text must be constant or built from constants; values are bound. */
export function statement(store: Store, sql: string): Database.Statement {
  const known = store.statements.get(sql);
  if (known !== undefined) return known;
  const prepared = store.db.prepare(sql);
  store.statements.set(sql, prepared);
  return prepared;
}

/**
 * Runs a write as one short transaction, or as part of the one that is under way. Disk trouble comes out as an AppError.
 * The first change made in the context of a companion takes it along; a write that changes nothing does not.
 */
export function write<Result>(store: Store, work: () => Result): Result {
  const companion = store.db.inTransaction ? undefined : store.companion.getStore();
  const along = companion?.pending ?? null;
  try {
    if (companion === undefined || along === null) return store.transact(work);
    let isTakenAlong = false;
    const result = store.transact(() => {
      const before = changesSoFar(store);
      const made = work();
      isTakenAlong = changesSoFar(store) !== before;
      if (isTakenAlong) along();
      return made;
    });
    if (isTakenAlong) companion.pending = null;
    return result;
  } catch (error) {
    // Numbers may have been rolled back with it.
    store.known.clear();
    throw toStoreError(error, store.db.name);
  }
}

/** A write that belongs to no act, though one may be under way: that a session or a token was used. */
export function writeAside<Result>(store: Store, work: () => Result): Result {
  return store.companion.exit(() => write(store, work));
}

function changesSoFar(store: Store): unknown {
  return statement(store, 'SELECT total_changes()').pluck().get();
}

/** Whether the error is SQLite refusing a duplicate. */
export function isUniqueViolation(error: unknown): boolean {
  return sqliteCode(error) === 'SQLITE_CONSTRAINT_UNIQUE';
}

// Created before SQLite does, because SQLite would take the umask's mode; the -wal and -shm files copy the mode.
function createPrivateFile(path: string): void {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  closeSync(openSync(path, 'a', 0o600));
  chmodSync(path, 0o600);
}

function sqliteCode(error: unknown): string | null {
  if (!(error instanceof Error) || !('code' in error)) return null;
  return typeof error.code === 'string' ? error.code : null;
}

function toStoreError(error: unknown, path: string): unknown {
  if (error instanceof AppError) return error;
  const code = sqliteCode(error);
  const sentence = code === null ? null : sentenceFor(code, path);
  if (sentence === null) return error;
  return new AppError(sentence, { status: 503, code: 'store_unavailable', retryable: true, cause: error });
}

function sentenceFor(code: string, path: string): string | null {
  if (code === 'SQLITE_FULL' || code === 'ENOSPC' || code === 'EDQUOT') {
    return `The disk is full, so nothing more can be saved in ${path}. What was saved is safe. Free some space and try again.`;
  }
  if (
    code.startsWith('SQLITE_READONLY') ||
    code.startsWith('SQLITE_CANTOPEN') ||
    ['EACCES', 'EPERM', 'EROFS', 'EISDIR', 'ENOTDIR', 'EEXIST'].includes(code)
  ) {
    return `The database ${path} cannot be written. Make sure that the folder exists, belongs to you and is not read-only, or choose another with INGLENOOK_DATA_DIR.`;
  }
  if (code.startsWith('SQLITE_BUSY') || code.startsWith('SQLITE_LOCKED')) {
    return `Another program is holding the database ${path}. Close it and try again.`;
  }
  if (code === 'SQLITE_NOTADB' || code.startsWith('SQLITE_CORRUPT')) {
    return `The database ${path} is damaged or not a database. Move it away to begin anew, or put a backup in its place.`;
  }
  if (code.startsWith('SQLITE_IOERR')) {
    return `The disk failed while ${path} was being read or written. Check the disk; what was saved before is safe.`;
  }
  return null;
}
