import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { expect, test, vi } from 'vitest';
import { noSettings } from '../../../server/core/alias.ts';
import { startComposed, type ComposedServer } from '../../fakes/composed.ts';

// Each command is a process of its own.
vi.setConfig({ testTimeout: 60_000 });

type Result = { readonly code: number; readonly stdout: string; readonly stderr: string };

/** `npx inglenook alias …` against the server. */
async function alias(server: ComposedServer, ...words: string[]): Promise<Result> {
  const child = spawn(process.execPath, ['scripts/inglenook.mjs', 'alias', ...words], {
    env: { ...process.env, INGLENOOK_DATA_DIR: server.dataDir },
  });
  const output = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const) {
    child[name].setEncoding('utf8').on('data', (text: string) => (output[name] += text));
  }
  const [code] = (await once(child, 'close')) as [number];
  return { code, ...output };
}

test('sets, lists and removes, in words and as JSON', async () => {
  const server = await startComposed({ engine: { models: ['model-a', 'model-b'] } });
  expect(await alias(server, 'set', 'office', 'model-b')).toEqual({
    code: 0,
    stdout: 'office  model-b\n',
    stderr: '',
  });
  expect(await alias(server, 'set', 'gpt-4o-mini', 'model-a', '--fallback', 'model-b, later')).toEqual({
    code: 0,
    stdout: 'gpt-4o-mini  model-a, then model-b, then later\n',
    stderr: expect.stringMatching(/^Warning: There is no model named “later” yet/),
  });
  const listed = await alias(server, 'list', '--json');
  expect(JSON.parse(listed.stdout).at(-1)).toEqual({
    name: 'gpt-4o-mini',
    model: 'model-a',
    fallback: ['model-b', 'later'],
    builtIn: false,
    isTestModel: true,
    shares: [],
    settings: noSettings,
  });
  expect((await alias(server, 'list')).stdout).toMatch(
    /^NAME +MODEL[^]*office +model-b +– +test model, not for work/,
  );
  const moved = await alias(server, 'set', 'gpt-4o-mini', 'model-b', '--fallback', '', '--json');
  expect(JSON.parse(moved.stdout)).toMatchObject({ model: 'model-b', fallback: [], warnings: [] });
  expect(await alias(server, 'remove', 'gpt-4o-mini')).toMatchObject({ code: 0, stderr: '' });
  expect(JSON.parse((await alias(server, 'list', '--json')).stdout)).toHaveLength(4);
});

test('refuses with 1 and the reason, and with 2 when called wrongly', async () => {
  const server = await startComposed();
  expect(await alias(server, 'remove', 'office')).toMatchObject({
    code: 1,
    stdout: '',
    stderr: expect.stringContaining('Point it to another model instead'),
  });
  expect(await alias(server, 'set', 'a', 'a')).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('“a” would lead back to itself'),
  });
  for (const words of [['set', 'a'], ['set', 'a', ' '], ['set', '', 'x'], ['remove'], ['move', 'a']]) {
    expect([words, (await alias(server, ...words)).code]).toEqual([words, 2]);
  }
});
