import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { expect, onTestFinished, test, vi } from 'vitest';
import { startComposed, type ComposedServer } from '../../fakes/composed.ts';
import { startFakeUpstream } from '../../fakes/fake-upstream.ts';

// Each command is a process of its own.
vi.setConfig({ testTimeout: 60_000 });

type Result = { readonly code: number; readonly stdout: string; readonly stderr: string };

/** `npx inglenook …` against the server. */
async function cli(server: ComposedServer, words: readonly string[], input = ''): Promise<Result> {
  const child = spawn(process.execPath, ['scripts/inglenook.mjs', ...words], {
    env: { ...process.env, INGLENOOK_DATA_DIR: server.dataDir },
  });
  child.stdin.end(input);
  const output = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const) {
    child[name].setEncoding('utf8').on('data', (text: string) => (output[name] += text));
  }
  const [code] = (await once(child, 'close')) as [number];
  return { code, ...output };
}

test('upstreams are added, listed, tested and removed; the key is read from stdin and told to nobody', async () => {
  const fake = await startFakeUpstream({ apiKey: 'sk-canary-123456' });
  onTestFinished(async () => await fake.close());
  const server = await startComposed();
  const add = [
    'upstream',
    'add',
    'box',
    '--url',
    fake.url,
    '--kind',
    'vllm',
    '--slots',
    '3',
    '--api-key',
    '-',
  ];
  expect(await cli(server, add, 'sk-canary-123456\n')).toEqual({
    code: 0,
    stdout: `box  ${fake.url}  fake-large\n`,
    stderr: '',
  });
  const listed = await cli(server, ['upstream', 'list', '--json']);
  expect(JSON.parse(listed.stdout)).toMatchObject([
    { name: 'box', kind: 'vllm', slots: 3, state: 'ready', mayLeave: false, hasKey: true },
  ]);
  expect(listed.stdout).not.toContain('canary');
  expect((await cli(server, ['upstream', 'list'])).stdout).toMatch(/^NAME +KIND[^]*box +vllm/);
  expect((await cli(server, ['upstream', 'test', 'box'])).stdout).toMatch(/^box {2}\d+ ms {2}fake-large\n$/);
  await fake.close();
  expect(await cli(server, ['upstream', 'test', 'box'])).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('cannot be reached'),
  });
  expect(await cli(server, ['upstream', 'remove', 'box'])).toMatchObject({ code: 0 });
  expect(await cli(server, ['upstream', 'remove', 'box'])).toMatchObject({ code: 1 });
});

test('refusals say why', async () => {
  const server = await startComposed();
  const outside = ['upstream', 'add', 'cloud', '--url', 'https://1.1.1.1/v1'];
  expect(await cli(server, outside)).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('--may-leave'),
  });
  for (const words of [
    ['add', 'x'],
    ['add', 'x', '--url', 'http://a', '--kind', 'magic'],
    ['test'],
    ['move'],
  ]) {
    expect([words, (await cli(server, ['upstream', ...words])).code]).toEqual([words, 2]);
  }
});

test('Ollama’s state is told, and wrong words are refused', async () => {
  const server = await startComposed({ environment: { OLLAMA_HOST: '127.0.0.1:9' } });
  expect((await cli(server, ['ollama', 'status'])).stdout).toMatch(/used +none\nstate +off/);
  expect(await cli(server, ['ollama', 'use', 'theirs'])).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('cannot be reached'),
  });
  const set = await cli(server, ['ollama', 'set', '--requests-at-once', '8', '--json']);
  expect(JSON.parse(set.stdout)).toMatchObject({ settings: { requestsAtOnce: 8, use: 'theirs' } });
  expect(await cli(server, ['ollama', 'pull', 'llama3.2:3b'])).toMatchObject({ code: 1 });
  for (const words of [['use', 'mine'], ['set'], ['set', '--requests-at-once', '0']]) {
    expect([words, (await cli(server, ['ollama', ...words])).code]).toEqual([words, 2]);
  }
});
