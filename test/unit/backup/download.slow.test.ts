import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished, vi } from 'vitest';
import { finishRestore, prepareRestore } from '../../../server/store/backup/restore.ts';
import { startComposed } from '../../fakes/composed.ts';

const passphrase = 'a passphrase nobody guesses';

/** What a backup that is being made has in the data folder. */
const working = (folder: string): string[] =>
  readdirSync(folder).filter((name) => name.startsWith('backup.'));

it('a backup for the browser to keep is made by the same task as the others, one at a time, and leaves nothing here', async () => {
  const server = await startComposed();
  const { key } = (await server.admin('POST', '/keys', { name: 'Anna' })) as { key: string };
  const dir = mkdtempSync(join(tmpdir(), 'inglenook-backup-'));
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }));
  // Where a download lies while it is sent.
  const temporary = join(dir, 'temporary');
  mkdirSync(temporary);
  vi.stubEnv('TMPDIR', temporary);
  onTestFinished(() => void vi.unstubAllEnvs());
  const token = readFileSync(join(server.dataDir, 'admin.token'), 'utf8').trim();
  const download = (body: object): Promise<Response> =>
    fetch(`${server.address}/api/backups/download`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
  const other = { file: join(dir, 'other.age'), passphrase };
  const running = download({ passphrase });
  // Its copy is the one that a scheduled backup is made from, in the data folder and never twice.
  await expect.poll(() => working(server.dataDir), { interval: 5 }).toEqual(['backup.new']);
  await expect(server.admin('POST', '/backups', other)).rejects.toThrow('backup_running');
  const response = await running;
  expect(response.headers.get('content-disposition')).toMatch(
    /filename=inglenook-backup-\d{4}-\d\d-\d\d\.age$/,
  );
  const bytes = Buffer.from(await response.arrayBuffer());
  expect(response.headers.get('content-length')).toBe(String(bytes.length));
  await expect.poll(() => readdirSync(temporary)).toEqual([]);
  expect(working(server.dataDir)).toEqual([]);

  const file = join(dir, 'kept by the browser.age');
  writeFileSync(file, bytes);
  const dataDir = join(dir, 'other computer');
  await prepareRestore(dataDir, { file, passphrase, nowMs: Date.now() });
  finishRestore(dataDir);
  const restored = await startComposed({ dataDir });
  const models = await fetch(`${restored.address}/v1/models`, {
    headers: { authorization: `Bearer ${key}` },
  });
  expect(models.status).toBe(200);
  await models.text();

  const refused = await download({ passphrase: 'short' });
  await refused.text();
  expect([refused.status, refused.headers.get('content-disposition')]).toEqual([400, null]);
  expect(readdirSync(temporary)).toEqual([]);
});
