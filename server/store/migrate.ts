import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Database } from 'better-sqlite3';
import { AppError } from '../core/errors.ts';

/** Kept as files beside this one; the build copies them along. */
const migrationsDir = join(import.meta.dirname, 'migrations');

/** One step of the schema. Released steps are never edited and only add; a test holds the schema they make. */
export type Migration = { readonly version: number; readonly name: string; readonly sql: string };

/** All steps in order, numbered by tens (`0010-keys.sql` is version 10). */
export function listMigrations(): Migration[] {
  return readdirSync(migrationsDir)
    .filter((name) => /^\d{4}-[a-z-]+\.sql$/.test(name))
    .sort()
    .map((name) => ({
      version: Number(name.slice(0, 4)),
      name,
      sql: readFileSync(join(migrationsDir, name), 'utf8'),
    }));
}

/**
 * Brings the database to the newest version, or to `upTo` in tests. All steps are one transaction, so one that fails
 * leaves the version from before all of them, which the program of before can go on with.
 * Throws when a newer program wrote the file.
 */
export function migrate(
  db: Database,
  upTo = Number.MAX_SAFE_INTEGER,
  migrations: readonly Migration[] = listMigrations(),
): void {
  refuseNewer(db, migrations);
  const wanted = pendingMigrations(db, migrations).filter(({ version }) => version <= upTo);
  if (wanted.length === 0) return;
  db.transaction(() => {
    for (const { version, name, sql } of wanted) {
      try {
        db.exec(sql);
      } catch (error) {
        throw new MigrationFailure(name, error);
      }
      db.pragma(`user_version = ${version}`);
    }
  }).immediate();
}

/** Which step it was, with SQLite's own code. */
export class MigrationFailure extends Error {
  override readonly name = 'MigrationFailure';
  readonly code: string | null;

  constructor(step: string, cause: unknown) {
    super(`${step}: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
    this.code = cause instanceof Error && 'code' in cause ? String(cause.code) : null;
  }
}

/** The steps that the database has not seen. */
export function pendingMigrations(db: Database, migrations: readonly Migration[]): Migration[] {
  const present = schemaVersion(db);
  return migrations.filter(({ version }) => version > present);
}

export function newestVersion(migrations: readonly Migration[]): number {
  return migrations.at(-1)?.version ?? 0;
}

export function schemaVersion(db: Database): number {
  return Number(db.pragma('user_version', { simple: true }));
}

function refuseNewer(db: Database, migrations: readonly Migration[]): void {
  const newest = newestVersion(migrations);
  const present = schemaVersion(db);
  if (present <= newest) return;
  throw new AppError(
    `The database ${db.name} was written by a newer Inglenook (its version is ${present}, this program knows ${newest}). Nothing was changed. Install the newer Inglenook, or choose another folder with INGLENOOK_DATA_DIR.`,
    { status: 500, code: 'store_too_new' },
  );
}
