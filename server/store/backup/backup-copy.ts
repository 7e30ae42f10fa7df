import { rmSync } from 'node:fs';
import { dirname } from 'node:path';
import Database from 'better-sqlite3';
import { z } from 'zod';
import { AppError } from '../../core/errors.ts';
import type { BackupContents } from '../../wire/backup.ts';
import { isOwnFile, readOwnFiles, type OwnFiles } from './own-files.ts';
import { listMigrations, migrate, newestVersion, schemaVersion } from '../migrate.ts';

/**
 * What is inside a backup: one SQLite database, which is the whole of ours but for two tables, and one table more that
 * says what it is and holds the server's secret and the few other files that go along.
 */

/**
 * Tables whose rows stay behind: browsers sign in anew at another server, and stored responses open only by their
 * device's key and are over within a day. Everything else goes along, also tables that a later version adds.
 */
export const emptiedTables: readonly string[] = ['sessions', 'responses'];

const manifestTable = 'inglenook_backup';
const format = 1;

const manifestSchema = z.object({
  format: z.number().int(),
  /** Of the program that made it. */
  version: z.string(),
  schemaVersion: z.number().int(),
  madeAt: z.iso.datetime(),
  /** The computer's name, so that the owner recognises it. */
  computer: z.string(),
  /** The content of `server.key`. */
  serverSecret: z.string(),
  /** Of the data folder, by their names. */
  files: z.record(z.string(), z.string()),
});
export type Manifest = z.infer<typeof manifestSchema>;
export type ManifestWish = Omit<Manifest, 'format' | 'schemaVersion' | 'files'>;

/**
 * A consistent copy of a database in use, without disturbing who writes to it. `to` must not exist.
 * @throws AppError where there is no room for it, or the database is damaged
 */
export function makeCopy(databasePath: string, to: string, wish: ManifestWish): void {
  try {
    const files = readOwnFiles(dirname(databasePath));
    copyInto(databasePath, to, { ...wish, files });
  } catch (error) {
    if (!(error instanceof Database.SqliteError) || error.code !== 'SQLITE_FULL') throw error;
    throw new AppError(
      'The disk of the data folder has no room for the copy that a backup is made from: it needs as much again as the database. Free some space and try again.',
      { status: 503, code: 'disk_full', cause: error },
    );
  }
}

function copyInto(databasePath: string, to: string, wish: ManifestWish & { readonly files: OwnFiles }): void {
  const source = new Database(databasePath, { readonly: true, fileMustExist: true });
  try {
    // One read transaction, and nothing that was deleted comes along.
    source.prepare('VACUUM INTO ?').run(to);
  } finally {
    source.close();
  }
  const copy = new Database(to, { fileMustExist: true });
  try {
    copy.pragma('journal_mode = DELETE');
    copy.pragma('secure_delete = ON');
    copy.pragma('foreign_keys = OFF');
    copy.transaction(() => {
      for (const table of emptiedTables) copy.exec(`DELETE FROM ${table}`);
      copy.exec(`CREATE TABLE ${manifestTable} (name TEXT NOT NULL PRIMARY KEY, value TEXT NOT NULL) STRICT`);
      const insert = copy.prepare(`INSERT INTO ${manifestTable} VALUES (?, ?)`);
      const manifest: Manifest = { ...wish, format, schemaVersion: schemaVersion(copy) };
      for (const [name, value] of Object.entries(manifest)) insert.run(name, JSON.stringify(value));
    })();
    const found = integrityOf(copy);
    if (found === 'ok') return;
    throw new AppError(
      `The database is damaged (${found}), so no backup was made of it. Restore an earlier backup; this one’s requests go on as long as they can.`,
      { status: 500, code: 'store_damaged' },
    );
  } finally {
    copy.close();
  }
}

/**
 * Makes of the inside of a backup a database that this program can open: checks it, takes the manifest out, and brings
 * it to this version. What is there when it throws is worth nothing.
 * @throws AppError 400: not of ours, damaged, or of a newer program
 */
export function openCopy(path: string): { readonly manifest: Manifest; readonly contents: BackupContents } {
  const copy = open(path);
  try {
    const manifest = readManifest(copy);
    const newest = newestVersion(listMigrations());
    const isKnown = Object.keys(manifest.files).every(isOwnFile);
    if (manifest.format > format || schemaVersion(copy) > newest || !isKnown) throw tooNew(manifest);
    requireSound(copy);
    copy.pragma('secure_delete = ON');
    copy.exec(`DROP TABLE ${manifestTable}`);
    copy.pragma('foreign_keys = ON');
    migrate(copy);
    const broken = copy.pragma('foreign_key_check') as unknown[];
    if (broken.length > 0) throw damaged('its parts do not fit together');
    return { manifest, contents: contentsOf(copy) };
  } catch (error) {
    throw error instanceof AppError
      ? error
      : damaged(error instanceof Error ? error.message : String(error), error);
  } finally {
    copy.close();
  }
}

/** Counted after it was brought to this version, so that the tables are known. */
function contentsOf(copy: Database.Database): BackupContents {
  const count = (sql: string): number => Number(copy.prepare(sql).pluck().get() ?? 0);
  const first = copy.prepare('SELECT time_ms FROM requests ORDER BY seq LIMIT 1').pluck().get();
  return {
    keys: count('SELECT count(*) FROM keys WHERE revoked_ms IS NULL'),
    people: count('SELECT count(DISTINCT person) FROM keys WHERE revoked_ms IS NULL'),
    names: count('SELECT count(*) FROM aliases'),
    requests: count('SELECT count(*) FROM requests'),
    logBeginsAt: typeof first === 'number' ? new Date(first).toISOString() : null,
    hasPassword: count('SELECT count(*) FROM owner') > 0,
  };
}

/** Removes a copy and what SQLite keeps beside it. */
export function removeCopy(path: string): void {
  for (const suffix of ['', '-journal', '-wal', '-shm']) rmSync(path + suffix, { force: true });
}

function open(path: string): Database.Database {
  try {
    return new Database(path, { fileMustExist: true });
  } catch (error) {
    throw damaged('it holds no database', error);
  }
}

function readManifest(copy: Database.Database): Manifest {
  let rows: { readonly name: string; readonly value: string }[];
  try {
    rows = copy.prepare(`SELECT name, value FROM ${manifestTable}`).all() as typeof rows;
  } catch (error) {
    throw new AppError(
      'The file can be opened with this passphrase, but it is no backup of Inglenook. Nothing was changed here.',
      { status: 400, code: 'not_a_backup', param: 'file', cause: error },
    );
  }
  const fields = rows.map(({ name, value }) => [name, JSON.parse(value) as unknown] as const);
  const parsed = manifestSchema.safeParse(Object.fromEntries(fields));
  if (parsed.success) return parsed.data;
  throw damaged(parsed.error.issues[0]?.message ?? 'its description cannot be read', parsed.error);
}

function requireSound(copy: Database.Database): void {
  const found = integrityOf(copy);
  if (found !== 'ok') throw damaged(found);
}

function integrityOf(copy: Database.Database): string {
  return String(copy.pragma('integrity_check(1)', { simple: true }));
}

function tooNew(manifest: Manifest): AppError {
  return new AppError(
    `This backup was made by a newer Inglenook (${manifest.version}) than this one. Nothing was changed here. Install that version or a newer one, then restore.`,
    { status: 400, code: 'backup_too_new', param: 'file' },
  );
}

function damaged(what: string, cause?: unknown): AppError {
  return new AppError(
    `The backup’s content is damaged (${what}). Nothing was changed here. Take another backup.`,
    {
      status: 400,
      code: 'backup_damaged',
      param: 'file',
      cause,
    },
  );
}
