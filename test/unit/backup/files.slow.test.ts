import {
  appendFileSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, expect, it, onTestFinished } from 'vitest';
import type { KeyRecord } from '../../../server/wire/admin.ts';
import { makeCopy } from '../../../server/store/backup/backup-copy.ts';
import { encryptFile } from '../../../server/store/backup/backup-file.ts';
import { ownFileNames } from '../../../server/store/backup/own-files.ts';
import { finishRestore, prepareRestore } from '../../../server/store/backup/restore.ts';
import { closeStore, openStore } from '../../../server/store/open.ts';
import { ensureServerSecret } from '../../../server/store/server-secret.ts';
import { startComposed, type ComposedServer } from '../../fakes/composed.ts';

const passphrase = 'a passphrase nobody guesses';

/**
 * Everything that a server leaves in its data folder, and whether the owner gets it back from a backup. A file that
 * comes later must be put here, and where it must not be missed into `ownFileNames` as well.
 */
const files: Readonly<Record<string, 'in the backup' | 'part of another' | 'stays here'>> = {
  'inglenook.db': 'in the backup',
  'inglenook.db-wal': 'part of another',
  'inglenook.db-shm': 'part of another',
  'server.key': 'in the backup',
  'cloud-prices.json': 'in the backup',
  'requests.journal': 'in the backup',
  // Kept prompts, on purpose: see docs/decisions.
  'traces.db': 'stays here',
  'traces.db-wal': 'stays here',
  'traces.db-shm': 'stays here',
  // Of this computer alone.
  'admin.token': 'stays here',
  'server.json': 'stays here',
  'server.lock': 'stays here',
  'server.lock-journal': 'stays here',
  logs: 'stays here',
  // Can be fetched again; the list of them is in the database.
  models: 'stays here',
  snapshots: 'stays here',
};

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'inglenook-files-'));
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }));
});

async function ask(server: ComposedServer, key: string): Promise<number> {
  const response = await fetch(`${server.address}/v1/chat/completions`, {
    method: 'POST',
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
    body: JSON.stringify({ model: 'fake-model', messages: [{ role: 'user', content: 'Kept for a while' }] }),
  });
  await response.text();
  return response.status;
}

const ownList = '{"about":"Mine."}';

async function restored(file: string, name: string): Promise<string> {
  const dataDir = join(dir, name);
  await prepareRestore(dataDir, { file, passphrase, nowMs: 1 });
  finishRestore(dataDir);
  return dataDir;
}

it('of every file of the data folder it is settled whether a backup brings it back; prices and the log do', async () => {
  const server = await startComposed({ dataDir: join(dir, 'first') });
  const list = (await server.admin('GET', '/cloud-prices')) as { prices: unknown[] } & Record<
    string,
    unknown
  >;
  const { from: _from, problem: _problem, ...own } = list;
  await server.admin('PUT', '/cloud-prices', { ...own, prices: own.prices.slice(0, 1) });
  const { key } = (await server.admin('POST', '/keys', { name: 'Anna', trace: true })) as { key: string };
  expect(await ask(server, key)).toBe(200);
  expect(await server.admin('GET', '/traces')).toMatchObject({ traces: [{ key: 'Anna' }] });
  const left = readdirSync(server.dataDir);
  expect(left.filter((name) => files[name] === undefined)).toEqual([]);
  expect(left).toEqual(expect.arrayContaining(['cloud-prices.json', 'requests.journal', 'traces.db']));
  const inside = Object.entries(files).flatMap(([name, where]) => (where === 'in the backup' ? [name] : []));
  expect([...ownFileNames, 'inglenook.db', 'server.key'].toSorted()).toEqual(inside.toSorted());

  const file = join(dir, 'office.age');
  await server.admin('POST', '/backups', { file, passphrase });
  const dataDir = await restored(file, 'second');
  expect(readFileSync(join(dataDir, 'cloud-prices.json'))).toEqual(
    readFileSync(join(server.dataDir, 'cloud-prices.json')),
  );
  expect(readdirSync(dataDir).filter((name) => files[name] !== 'in the backup')).toEqual([]);
  const again = await startComposed({ dataDir });
  expect(await again.admin('GET', '/cloud-prices')).toMatchObject({
    from: 'own',
    prices: own.prices.slice(0, 1),
  });
  expect(await again.admin('GET', '/traces')).toMatchObject({ traces: [] });
});

it('rows that a crash left in the journal come along, each once', async () => {
  const first = await startComposed({ dataDir: join(dir, 'first') });
  const { key } = (await first.admin('POST', '/keys', { name: 'Anna' })) as { key: string };
  for (let count = 0; count < 3; count += 1) expect(await ask(first, key)).toBe(200);
  const log = (await first.admin('GET', '/log')) as { id: string }[];
  await first.stop(0);
  // As after a kill: one row is in the journal alone, one in both.
  const path = join(first.dataDir, 'inglenook.db');
  const store = openStore(path);
  const [newest, second] = log;
  expect(newest).toBeDefined();
  store.db.prepare('DELETE FROM requests WHERE seq = (SELECT max(seq) FROM requests)').run();
  closeStore(store);
  for (const row of [second, newest]) {
    appendFileSync(
      join(first.dataDir, 'requests.journal'),
      `${JSON.stringify({ row, spendings: [], use: null })}\n`,
    );
  }
  const manifest = {
    version: '0.1.0',
    madeAt: '2026-11-23T12:00:00.000Z',
    computer: 'desk-1',
    serverSecret: ensureServerSecret(first.dataDir),
  };
  makeCopy(path, join(dir, 'copy.db'), manifest);
  await encryptFile(join(dir, 'copy.db'), join(dir, 'b.age'), { passphrase, workFactor: 8 });
  const again = await startComposed({ dataDir: await restored(join(dir, 'b.age'), 'second') });
  expect(((await again.admin('GET', '/log')) as { id: string }[]).map(({ id }) => id).toSorted()).toEqual(
    log.map(({ id }) => id).toSorted(),
  );
  const [record] = (await again.admin('GET', '/keys')) as KeyRecord[];
  expect(record?.name).toBe('Anna');
});

it('a restore leaves no price list of before, and keeps it aside', async () => {
  const first = await startComposed({ dataDir: join(dir, 'first') });
  const file = join(dir, 'without.age');
  await first.admin('POST', '/backups', { file, passphrase });
  await first.stop(0);
  const own = join(first.dataDir, 'cloud-prices.json');
  writeFileSync(own, ownList);
  const { keepIn } = await prepareRestore(first.dataDir, { file, passphrase, nowMs: 1 });
  finishRestore(first.dataDir);
  expect([existsSync(own), readFileSync(join(first.dataDir, keepIn, 'cloud-prices.json'), 'utf8')]).toEqual([
    false,
    ownList,
  ]);
});
