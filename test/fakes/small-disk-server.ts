// The server for small-disk.ts: node small-disk-server.ts DATA_DIR disk|pages. Real but for the engine.
import { closeSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import Database from 'better-sqlite3';
import { compose } from '../../server/compose.ts';
import { readConfig } from '../../server/config.ts';
import { createFakeEngine } from './fake-engine.ts';

/** What it tells when it is ready, and again when an order is done. */
export type OnSmallDisk = { readonly address: string; readonly token: string };

const [dataDir = '', means = 'disk'] = process.argv.slice(2);
const ballast = join(dataDir, 'ballast');
const writers = collectWriters(join(dataDir, 'inglenook.db'));
const inglenook = await compose(
  readConfig({ INGLENOOK_DATA_DIR: dataDir, INGLENOOK_PORT: '0', INGLENOOK_OFFLINE: '1' }),
  {
    cheapPasswords: true,
    stderr: new Writable({ write: (_chunk, _encoding, done) => done() }),
    createEngine: () => Object.assign(createFakeEngine(), { rescan: async () => {}, preload: () => {} }),
  },
);
const ready: OnSmallDisk = {
  address: inglenook.address,
  token: readFileSync(join(dataDir, 'admin.token'), 'utf8').trim(),
};
process.on('message', (order) => {
  if (order === 'fill') (means === 'disk' ? fillDisk : () => allowPages(1))();
  if (order === 'free') (means === 'disk' ? () => rmSync(ballast) : () => allowPages(4_294_967_294))();
  process.send?.(ready);
});
process.send?.(ready);

/** SQLite answers SQLITE_FULL, as on a full disk, when a file would grow beyond so many pages; fewer than it has mean those. */
function allowPages(most: number): void {
  for (const writer of writers) if (writer.open) writer.pragma(`max_page_count = ${most}`);
}

/** The limit is one of the connection, and the server gives its own to nobody: it is noted as it sets itself up. */
function collectWriters(path: string): ReadonlySet<Database.Database> {
  const found = new Set<Database.Database>();
  const { pragma } = Database.prototype;
  Database.prototype.pragma = function (this: Database.Database, source, options) {
    if (this.name === path && !this.readonly) found.add(this);
    return pragma.call(this, source, options);
  };
  return found;
}

function fillDisk(): void {
  const file = openSync(ballast, 'a');
  for (const bytes of [65_536, 4096, 1]) while (tookMore(file, bytes));
  closeSync(file);
}

function tookMore(file: number, bytes: number): boolean {
  try {
    return writeSync(file, Buffer.alloc(bytes, 1)) === bytes;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOSPC') return false;
    throw error;
  }
}
