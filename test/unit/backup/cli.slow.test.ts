import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished, vi } from 'vitest';
import { startComposed } from '../../fakes/composed.ts';

// The program starts a dozen times, and the real passphrase is slow on purpose.
vi.setConfig({ testTimeout: 120_000 });

type Result = { readonly code: number; readonly stdout: string; readonly stderr: string };

it('the command line backs up, verifies, reports and restores, beside a server and without one', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'inglenook-backup-cli-'));
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }));
  const cli = async (dataDir: string, ...words: string[]): Promise<Result> => {
    const environment = { INGLENOOK_DATA_DIR: dataDir, INGLENOOK_PASSPHRASE: 'a passphrase nobody guesses' };
    const child = spawn(process.execPath, [join(process.cwd(), 'scripts/inglenook.mjs'), ...words], {
      cwd: dir,
      env: { ...process.env, ...environment, TZ: 'UTC' },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let stdout = '';
    let stderr = '';
    child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()));
    child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
    const [code] = (await once(child, 'close')) as [number];
    return { code, stdout, stderr };
  };

  const server = await startComposed();
  const { key } = (await server.admin('POST', '/keys', { name: 'Anna' })) as { key: string };
  const made = await cli(server.dataDir, 'backup', 'office.age');
  expect([made.code, made.stdout]).toEqual([0, expect.stringContaining(join(dir, 'office.age'))]);
  expect(made.stderr).toMatch(/Not in it: .*kept prompts/);
  expect(await cli(server.dataDir, 'backup', 'create', 'office.age')).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('already'),
  });
  const listed = await cli(server.dataDir, 'audit', 'list', '--act', 'key', '--json');
  expect(JSON.parse(listed.stdout)).toMatchObject([{ act: 'key.create', object: 'Anna' }]);
  const verified = await cli(server.dataDir, 'audit', 'verify');
  expect([verified.code, verified.stdout]).toEqual([
    0,
    expect.stringMatching(/^The audit is whole: \d+ rows/),
  ]);
  const link = /Newest row: (\S+)/.exec(verified.stdout)?.[1] ?? '';
  const scheduled = await cli(server.dataDir, 'backup', 'schedule', '--folder', dir, '--hour', '4', '--json');
  expect(JSON.parse(scheduled.stdout).schedule).toMatchObject({
    on: true,
    folder: dir,
    hour: 4,
    hasPassphrase: true,
  });
  expect((await cli(server.dataDir, 'report', '--language', 'de', '--out', 'report.html')).code).toBe(0);
  expect(readFileSync(join(dir, 'report.html'), 'utf8')).toContain('Sicherheitsbericht');
  expect((await cli(server.dataDir, 'restore', 'office.age')).stdout).toContain('Restart Inglenook');
  expect((await cli(server.dataDir, 'restore', 'cancel')).code).toBe(0);

  const elsewhere = join(dir, 'elsewhere');
  const wrong = await cli(elsewhere, 'restore', 'office.age', '--passphrase', 'another one');
  expect([wrong.code, wrong.stderr]).toEqual([1, expect.stringContaining('The passphrase is not the one')]);
  expect(readdirSync(elsewhere).filter((name) => name !== 'server.lock')).toEqual([]);
  expect(await cli(elsewhere, 'restore', 'office.age')).toMatchObject({ code: 0, stderr: '' });
  expect((await cli(elsewhere, 'audit', 'verify')).code).toBe(0);
  expect(await cli(elsewhere, 'audit', 'verify', '--expected', link)).toMatchObject({
    code: 1,
    stdout: expect.stringContaining('is not the one that was told earlier'),
  });
  expect((await cli(elsewhere, 'backup', 'again.age')).code).toBe(0);
  writeFileSync(join(dir, 'text.age'), 'text');
  expect((await cli(elsewhere, 'restore', 'text.age')).stderr).toContain('is no backup of Inglenook');

  const restored = await startComposed({ dataDir: elsewhere });
  const models = await fetch(`${restored.address}/v1/models`, {
    headers: { authorization: `Bearer ${key}` },
  });
  expect(models.status).toBe(200);
});
