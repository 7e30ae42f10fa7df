import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import { doctorFindings } from '../../../server/wire/doctor.ts';
import { startComposed } from '../../fakes/composed.ts';

// Each command is a process of its own.
vi.setConfig({ testTimeout: 60_000 });

type Result = { readonly code: number; readonly stdout: string; readonly stderr: string };

/** `npx inglenook …` on the data folder. */
async function cli(dataDir: string, ...words: string[]): Promise<Result> {
  const child = spawn(process.execPath, ['scripts/inglenook.mjs', ...words], {
    env: { ...process.env, INGLENOOK_DATA_DIR: dataDir },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const output = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const) {
    child[name].setEncoding('utf8').on('data', (text: string) => (output[name] += text));
  }
  const [code] = (await once(child, 'close')) as [number];
  return { code, ...output };
}

/** Nothing leaves this computer. */
const still = { readNetwork: async () => ({ addresses: [], routes: [] }) };

test('beside a server: sentences with the worst first, JSON, and a report for who helps', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'inglenook-doctor-cli-'));
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }));
  const server = await startComposed(still);
  await server.admin('POST', '/keys', { name: 'Annabel' });
  const plain = await cli(server.dataDir, 'doctor');
  expect(plain).toMatchObject({ code: 0, stderr: '' });
  expect(plain.stdout).toMatch(/LOOK {2}Backup: There is none[^\n]*\n {6}→ Set up a nightly backup/u);
  expect(plain.stdout.indexOf('LOOK')).toBeLessThan(plain.stdout.indexOf('ok    Database: It is whole'));
  const { checks } = doctorFindings.parse(JSON.parse((await cli(server.dataDir, 'doctor', '--json')).stdout));
  expect(checks.map(({ id }) => id)).toEqual(expect.arrayContaining(['mdns', 'side-doors', 'gpu', 'clock']));
  expect((await cli(server.dataDir, 'doctor', '--language', 'de')).stdout).toContain(
    'Sicherung: Es gibt keine',
  );
  expect((await cli(server.dataDir, 'doctor', '--language', 'fr')).code).toBe(2);

  const file = join(dir, 'report.txt');
  const made = await cli(server.dataDir, 'doctor', '--report', file);
  expect(made).toMatchObject({ code: 0, stdout: `${file}\n`, stderr: expect.stringContaining('Read it') });
  expect(readFileSync(file, 'utf8')).toContain('backup: There is none');
  if (process.platform !== 'win32') expect(statSync(file).mode & 0o077).toBe(0);
  expect(await cli(server.dataDir, 'doctor', '--report', file)).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('already'),
  });
});

test('something bad is exit code 1', async () => {
  const server = await startComposed({ ...still, engine: { models: ['torn'] } });
  const [model] = server.engine.models();
  server.engine.models = () => [{ ...model!, state: 'failed', reason: 'Its file is cut off.' }];
  const result = await cli(server.dataDir, 'doctor');
  expect([result.code, result.stdout]).toEqual([
    1,
    expect.stringMatching(/^BAD {3}Models: Cannot be used: torn\. Its file is cut off\./u),
  ]);
});

test('while no server runs it says so first, and looks at what is there all the same', async () => {
  const server = await startComposed(still);
  await server.stop(0);
  const result = await cli(server.dataDir, 'doctor');
  expect(result.code).toBe(1);
  expect(result.stdout).toMatch(/^BAD {3}Inglenook: It is not running[^\n]*\n {6}→ Start it: npm start/u);
  expect(result.stdout).toContain('Database: It is whole');
  const report = join(server.dataDir, 'never-made.txt');
  expect(await cli(server.dataDir, 'doctor', '--report', report)).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('not running'),
  });
});

test('a database that cannot be opened is a finding, not the end of the doctor', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'inglenook-doctor-torn-'));
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }));
  writeFileSync(join(dir, 'inglenook.db'), 'this is no database, and was never one. '.repeat(200));
  const result = await cli(dir, 'doctor');
  expect([result.code, result.stdout]).toEqual([
    1,
    expect.stringMatching(/^BAD {3}Database: It cannot be opened/mu),
  ]);
  expect(result.stdout).toContain('Disk: ');
});

test('other Inglenooks are listed; without a network the reason is said', async () => {
  const server = await startComposed(still);
  expect(await cli(server.dataDir, 'upstream', 'list', '--nearby')).toEqual({
    code: 1,
    stdout: '',
    stderr: 'inglenook: This computer is in no network just now.\n',
  });
  if (process.platform !== 'linux') return;
  const inOffice = await startComposed({
    readNetwork: async () => ({
      addresses: [{ address: '127.0.0.2', adapter: 'wlan0', kind: 'network' }],
      routes: [],
    }),
  });
  const listed = await cli(inOffice.dataDir, 'upstream', 'list', '--nearby', '--json');
  expect([listed.code, JSON.parse(listed.stdout)]).toEqual([0, []]);
});
