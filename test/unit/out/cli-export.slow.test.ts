import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { startAdminServer, type AdminServer } from '../admin/admin-server.ts';
import { startCollector } from './collector.ts';

vi.setConfig({ testTimeout: 60_000 });

let server: AdminServer;
let dir: string;
beforeEach(async () => {
  server = await startAdminServer();
  dir = await mkdtemp(join(tmpdir(), 'inglenook-cli-'));
  await writeFile(join(dir, 'server.json'), JSON.stringify({ pid: process.pid, port: server.port }));
  await writeFile(join(dir, 'admin.token'), `${server.adminToken}\n`);
});
afterEach(async () => {
  await server.close();
  await rm(dir, { recursive: true, force: true });
});

/** The real program as a child process. */
async function cli(words: readonly string[], stdin = '') {
  const child = spawn(process.execPath, ['scripts/inglenook.mjs', ...words], {
    env: { ...process.env, INGLENOOK_DATA_DIR: dir, TZ: 'UTC' },
  });
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
  child.stdin.end(stdin);
  const [code] = (await once(child, 'close')) as [number];
  return { code, stdout, stderr };
}

it('export set-otlp, list, test, remove', async () => {
  const collector = await startCollector();
  const words = ['export', 'set-otlp', collector.url, '--header', 'x-a=1,2', '--header', 'x-b=c=d', '--json'];
  const made = await cli(words);
  expect([made.code, made.stderr]).toEqual([0, '']);
  expect(JSON.parse(made.stdout)).toMatchObject({ prompts: true });
  expect(JSON.parse(made.stdout)).toMatchObject({
    name: 'otlp',
    kind: 'otlp',
    hasSecret: true,
    test: { works: true },
  });
  expect(collector.received[0]?.headers).toMatchObject({ 'x-a': '1,2', 'x-b': 'c=d' });
  expect((await cli(['export', 'list'])).stdout).toMatch(
    /^otlp +otlp +http.*of traced keys +waiting +0 +0 +never/m,
  );
  const kept = await cli(['export', 'set-otlp', collector.url, '--prompts', 'no']);
  expect([kept.code, kept.stderr]).toEqual([0, expect.stringContaining('Prompts do not go there')]);
  const away = await cli(['export', 'set-otlp', collector.url, '--prompts', 'yes', '--may-leave']);
  expect([away.code, away.stderr]).toEqual([0, expect.stringContaining('of keys that may leave the office')]);
  expect((await cli(['export', 'test', 'otlp'])).stdout).toMatch(/^otlp {2}works/);
  expect((await cli(['export', 'remove', 'otlp'])).code).toBe(0);
  expect(await cli(['export', 'test', 'otlp'])).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('no export named'),
  });
});

it('export set-otlp --preset langfuse takes its secret key from stdin', async () => {
  const collector = await startCollector((response) => void response.writeHead(401).end());
  const words = [
    'export',
    'set-otlp',
    collector.url,
    '--preset',
    'langfuse',
    '--public-key',
    'pk',
    '--secret-key',
    '-',
  ];
  const made = await cli(words, 'sk-1\n');
  expect(made).toMatchObject({ code: 0, stderr: expect.stringContaining('does not let us in') });
  expect(collector.received[0]?.headers.authorization).toBe(
    `Basic ${Buffer.from('pk:sk-1').toString('base64')}`,
  );
});

it('export set-postgres keeps what cannot be reached yet, and says so; exit code 1 from test', async () => {
  const made = await cli(
    ['export', 'set-postgres', 'postgres://u@127.0.0.1:1/d', '--password', '-', '--from', 'next'],
    'word',
  );
  expect(made).toMatchObject({ code: 0, stderr: expect.stringContaining('Nothing answers') });
  expect(await cli(['export', 'test', 'postgres'])).toMatchObject({ code: 1, stdout: '' });
});

it.each([
  [['export', 'set-otlp', 'http://127.0.0.1', '--preset', 'pigeon'], '--preset'],
  [['export', 'set-otlp', 'http://127.0.0.1', '--public-key', 'x'], '--preset langfuse'],
  [['export', 'set-otlp', 'http://127.0.0.1', '--preset', 'langfuse', '--header', 'a=b'], '--header'],
  [['export', 'set-otlp', 'http://127.0.0.1', '--header', 'nothing'], 'NAME=VALUE'],
  [['export', 'set-postgres', 'postgres://u@h/d', '--from', 'middle'], '--from'],
  [['export', 'set-otlp', 'http://127.0.0.1', '--prompts', 'some'], '--prompts'],
  [['export', 'set-postgres', 'postgres://u@h/d', '--prompts', 'yes'], '--prompts'],
])('%j is wrong usage', async (words, said) => {
  expect(await cli(words)).toMatchObject({ code: 2, stderr: expect.stringContaining(said) });
});
