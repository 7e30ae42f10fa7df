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
 * Brings the database to the newest version, or to `upTo` in tests. Each step and its version number are one
 * transaction, so a step that fails leaves the version before it. Throws when a newer program wrote the file.
 */
export function migrate(db: Database, upTo = Number.MAX_SAFE_INTEGER): void {
  const migrations = listMigrations();
  const newest = migrations.at(-1)?.version ?? 0;
  const present = schemaVersion(db);
  if (present > newest) {
    throw new AppError(
      `The database ${db.name} was written by a newer Inglenook (its version is ${present}, this program knows ${newest}). Nothing was changed. Install the newer Inglenook, or choose another folder with INGLENOOK_DATA_DIR.`,
      { status: 500, code: 'store_too_new' },
    );
  }
  for (const { version, sql } of migrations) {
    if (version <= present || version > upTo) continue;
    db.transaction(() => {
      db.exec(sql);
      db.pragma(`user_version = ${version}`);
    }).immediate();
  }
}

export function schemaVersion(db: Database): number {
  return Number(db.pragma('user_version', { simple: true }));
}
