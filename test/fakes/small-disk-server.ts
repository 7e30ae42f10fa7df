// The server for small-disk.ts: node small-disk-server.ts DATA_DIR. Real but for the engine.
import { closeSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { compose } from '../../server/compose.ts';
import { readConfig } from '../../server/config.ts';
import { createFakeEngine } from './fake-engine.ts';

/** What it tells when it is ready, and again when an order is done. */
export type OnSmallDisk = { readonly address: string; readonly token: string };

const [dataDir = ''] = process.argv.slice(2);
const ballast = join(dataDir, 'ballast');
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
  if (order === 'fill') fill();
  if (order === 'free') rmSync(ballast);
  process.send?.(ready);
});
process.send?.(ready);

function fill(): void {
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
