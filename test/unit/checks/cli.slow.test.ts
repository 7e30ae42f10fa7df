import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { expect, test, vi } from 'vitest';
import { createAbleModel } from '../../fakes/able-model.ts';
import { startComposed, type ComposedServer } from '../../fakes/composed.ts';
import { gate } from '../http/harness.ts';
import { checkOf } from './checked.ts';

// Each command is a process of its own.
vi.setConfig({ testTimeout: 60_000 });

type Result = { readonly code: number; readonly stdout: string; readonly stderr: string };

/** `npx inglenook model check …` against the server. `onStart` is given what ends it as Ctrl-C does. */
async function check(
  server: ComposedServer,
  words: readonly string[],
  onStart: (interrupt: () => void) => void = () => {},
): Promise<Result> {
  const child = spawn(process.execPath, ['scripts/inglenook.mjs', 'model', 'check', ...words], {
    env: { ...process.env, INGLENOOK_DATA_DIR: server.dataDir },
  });
  onStart(() => void child.kill('SIGINT'));
  const output = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const) {
    child[name].setEncoding('utf8').on('data', (text: string) => (output[name] += text));
  }
  const [code] = (await once(child, 'close')) as [number];
  return { code, ...output };
}

test('tells point by point and tool by tool, in words and as JSON', async () => {
  const server = await startComposed({ withEngine: createAbleModel({ contextTokens: 8192 }) });
  const { code, stdout, stderr } = await check(server, ['fake-model']);
  expect([code, stderr]).toEqual([0, '']);
  expect(stdout).toMatch(/^POINT +RESULT +MS +WHY\ntext +ok +\d+ +Answered as tools expect it\.\n/);
  expect(stdout).toContain('works    Aider: works.\n');
  expect(stdout).toContain('fails    Claude Code: needs 32k context, has 8k.\n');
  const last = await check(server, ['fake-model', '--last', '--json']);
  expect(last.code).toBe(0);
  expect(JSON.parse(last.stdout)).toEqual(await checkOf(server));
});

test('ends with 1 where something fails that the model claims, with 0 where it does not claim it', async () => {
  const broken = await startComposed({ withEngine: createAbleModel({ fails: 'json-schema' }) });
  const failed = await check(broken, ['fake-model', '--json']);
  expect([failed.code, failed.stderr]).toEqual([1, '']);
  expect(JSON.parse(failed.stdout)).toMatchObject({ state: 'fresh', model: 'fake-model' });
  const modest = await startComposed({ withEngine: createAbleModel({ oneCall: true }) });
  expect((await check(modest, ['fake-model'])).code).toBe(0);
});

test('refuses with the reason what is not there or cannot be checked, and is called wrongly with 2', async () => {
  const engine = createAbleModel({
    beforeReady: () => {
      throw new Error('no');
    },
  });
  const server = await startComposed({ withEngine: engine });
  expect(await check(server, ['nobody'])).toMatchObject({
    code: 1,
    stdout: '',
    stderr: expect.stringContaining('There is no model named “nobody”'),
  });
  expect(await check(server, ['fake-model', '--last'])).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('was never checked'),
  });
  expect(await check(server, ['fake-model'])).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('fake-model could not be checked: '),
  });
  expect((await check(server, [])).code).toBe(2);
});

test('Ctrl-C ends the check too', async () => {
  const held = gate();
  const engine = createAbleModel({ beforePart: () => held.opened });
  const server = await startComposed({ withEngine: engine });
  let interrupt = (): void => {};
  const result = check(server, ['fake-model'], (end) => (interrupt = end));
  await expect.poll(() => engine.seen.active, { timeout: 20_000 }).toBe(1);
  interrupt();
  expect(await result).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('was ended before it was done'),
  });
  await expect.poll(() => engine.seen.cancelled).toBe(1);
  expect((await checkOf(server)).run).toBe(null);
});
