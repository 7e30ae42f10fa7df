import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  appendFileSync,
  existsSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import { doctorFindings } from '../../../server/wire/doctor.ts';
import { startComposed } from '../../fakes/composed.ts';

// Each command is a process of its own.
vi.setConfig({ testTimeout: 60_000 });

type Result = { readonly code: number; readonly stdout: string; readonly stderr: string };

/** `npx inglenook …` on the data folder. */
function cli(dataDir: string, ...words: string[]): Promise<Result> {
  return cliWith({ INGLENOOK_DATA_DIR: dataDir }, words);
}

async function cliWith(
  environment: Readonly<Record<string, string>>,
  words: readonly string[],
): Promise<Result> {
  const child = spawn(process.execPath, ['scripts/inglenook.mjs', ...words], {
    env: { ...process.env, ...environment },
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
  expect(plain.stdout.indexOf('LOOK')).toBeLessThan(plain.stdout.indexOf('ok    Database: It is intact'));
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
  await server.admin('POST', '/keys', { name: 'Annabel' });
  await server.stop(0);
  const line = { level: 'warn', message: 'The device of Annabel was refused 192.168.1.7.' };
  appendFileSync(join(server.dataDir, 'logs', 'server.log'), `${JSON.stringify(line)}\n`);
  const result = await cli(server.dataDir, 'doctor');
  expect(result.code).toBe(1);
  expect(result.stdout).toMatch(/^BAD {3}Inglenook: It is not running[^\n]*\n {6}→ Start it: npm start/u);
  expect(result.stdout).toContain('Database: It is intact');
  const report = join(server.dataDir, 'report.txt');
  expect(await cli(server.dataDir, 'doctor', '--report', report)).toMatchObject({ code: 0 });
  const text = readFileSync(report, 'utf8');
  expect(text).toMatch(/BAD\s+server: It is not running/u);
  expect(text).toContain('backup: There is none');
  expect(text).toContain('The device of [name] was refused 192.168.1.7.');
  expect(text).not.toContain('Annabel');
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
  const report = join(dir, 'report.txt');
  expect((await cli(dir, 'doctor', '--report', report)).code).toBe(0);
  expect(readFileSync(report, 'utf8')).toMatch(/database: It cannot be opened[^]*The log was left out\./u);
});

test('before the first start it says so, and begins nothing', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'inglenook-doctor-new-'));
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }));
  const result = await cli(dir, 'doctor');
  expect([result.code, result.stdout]).toEqual([1, expect.stringContaining('There is none yet')]);
  expect(existsSync(join(dir, 'inglenook.db'))).toBe(false);
});

test('while no server runs, whoever has its port is the likely reason', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'inglenook-doctor-port-'));
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }));
  const other = createServer().listen(0, '127.0.0.1');
  await once(other, 'listening');
  onTestFinished(() => void other.close());
  const { port } = other.address() as AddressInfo;
  const look = async () => {
    const { stdout } = await cliWith({ INGLENOOK_DATA_DIR: dir, INGLENOOK_PORT: String(port) }, [
      'doctor',
      '--json',
    ]);
    return doctorFindings.parse(JSON.parse(stdout)).checks.find(({ id }) => id === 'port');
  };
  expect(await look()).toMatchObject({
    state: 'bad',
    sentence: `Another program has port ${port}, so Inglenook cannot start on it.`,
  });
  other.close();
  await once(other, 'close');
  expect(await look()).toMatchObject({ state: 'ok', sentence: `${port} is free.` });
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
