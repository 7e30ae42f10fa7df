import { readFileSync } from 'node:fs';
import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterEach, beforeEach, expect, it, onTestFinished } from 'vitest';
import { systemClock, systemTimers } from '../../../server/core/clock.ts';
import { usualOllamaSettings, type OllamaSettings } from '../../../server/core/ollama.ts';
import { createOllama, type ManagedOllama } from '../../../server/engines/ollama/ollama-control.ts';
import { startFakeOllama } from '../../fakes/fake-ollama.ts';
import { collect, never, textOf, words } from '../upstreams/setup.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'inglenook-ollama-'));
});
afterEach(async () => {
  await rm(folder, { recursive: true, force: true });
});

/** The fake as a program named `ollama`, found by the search path as a real one is. */
async function install(
  script = `exec '${process.execPath}' '${resolve('test/fakes/fake-ollama.ts')}' "$@"`,
): Promise<void> {
  const path = join(folder, 'ollama');
  await writeFile(path, `#!/bin/sh\n${script}\n`);
  await chmod(path, 0o755);
}

/** One that nothing listens at, so that no Ollama of this computer is met. */
const nowhere = '127.0.0.1:9';

function control(first: Partial<OllamaSettings> = {}, host = nowhere): ManagedOllama {
  let settings: OllamaSettings = { ...usualOllamaSettings, ...first };
  const managed = createOllama({
    settings: { get: () => settings, set: (next) => (settings = next) },
    host,
    searchPath: [folder],
    environment: { PATH: process.env['PATH'] ?? '' },
    pidFile: join(folder, 'ollama.pid'),
    isOffline: () => false,
    clock: systemClock,
    timers: systemTimers,
    log: { debug() {}, info() {}, warn() {}, error() {} },
    onChange() {},
  });
  onTestFinished(async () => await managed.stop());
  return managed;
}

it('is missing, installed or running, and says so', async () => {
  const managed = control();
  const { found } = await managed.read(never);
  // A computer that has Ollama in one of its usual places has it here too.
  expect(['missing', 'installed']).toContain(found);
  await install();
  expect(await managed.read(never)).toMatchObject({
    found: 'installed',
    program: join(folder, 'ollama'),
    state: 'off',
  });
  const theirs = await startFakeOllama();
  onTestFinished(async () => await theirs.close());
  const other = control({}, `127.0.0.1:${theirs.port}`);
  expect(await other.read(never)).toMatchObject({
    found: 'running',
    theirs: { version: '0.17.4' },
    state: 'off',
  });
});

it('starts ours on loopback with what the owner has set, answers, and leaves nothing behind', async () => {
  await install();
  const managed = control({ requestsAtOnce: 7, modelsAtOnce: 3, keepAliveMinutes: 11 });
  const state = await managed.configure({ use: 'own' });
  expect(state).toMatchObject({
    state: 'ready',
    version: '0.17.4-7-3-11m-1',
    address: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+$/),
  });
  const models = managed.engine.models();
  expect(models).toMatchObject([{ id: 'fake:1b', slots: 7, source: 'ollama' }]);
  await managed.engine.ensureReady('fake:1b', never);
  expect(textOf(await collect(managed.engine.generate(words({ model: 'fake:1b' }), never)))).toBe('Hello');
  await managed.configure({ use: 'none' });
  expect(managed.engine.models()).toEqual([]);
  await expect(fetch(`${state.address}/api/version`)).rejects.toThrow();
});

it('starts ours anew for other settings, but not while it answers', async () => {
  await install();
  const managed = control({ use: 'own' });
  managed.begin();
  await expect.poll(() => managed.engine.models().length, { timeout: 15_000 }).toBe(1);
  const abort = new AbortController();
  const parts = managed.engine.generate(words({ model: 'fake:1b' }), abort.signal)[Symbol.asyncIterator]();
  await parts.next();
  expect(await managed.configure({ requestsAtOnce: 9 })).toMatchObject({
    restartPending: true,
    version: '0.17.4-4-2-30m-1',
  });
  while ((await parts.next()).done !== true);
  await expect
    .poll(async () => (await managed.read(never)).version, { timeout: 15_000 })
    .toBe('0.17.4-9-2-30m-1');
});

it('that is killed is started again with nothing left of it, and who asks meanwhile waits', async () => {
  await install(
    `sleep 300 & echo $! >> '${join(folder, 'helpers')}'; exec '${process.execPath}' '${resolve('test/fakes/fake-ollama.ts')}' "$@"`,
  );
  const managed = control();
  const { address } = await managed.configure({ use: 'own' });
  const [helper] = (await readFile(join(folder, 'helpers'), 'utf8')).trim().split('\n').map(Number);
  process.kill(Number(await readFile(join(folder, 'ollama.pid'), 'utf8')), 'SIGKILL');
  await expect.poll(async () => (await managed.read(never)).state).toBe('starting');
  expect(managed.engine.models()).toMatchObject([{ id: 'fake:1b', state: 'loading' }]);
  await managed.engine.ensureReady('fake:1b', never);
  expect(textOf(await collect(managed.engine.generate(words({ model: 'fake:1b' }), never)))).toBe('Hello');
  expect(await managed.read(never)).toMatchObject({
    state: 'ready',
    address: expect.not.stringMatching(address ?? ''),
  });
  await expect.poll(() => isAlive(helper ?? 0)).toBe(false);
});

/** A process that has ended but was not looked at by its parent is not alive. */
function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch {
    return false;
  }
  return process.platform !== 'linux' || !/\) Z /u.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
}

it('that ends at once says why', async () => {
  await install('echo "no such flag" >&2; exit 3');
  expect(await control().configure({ use: 'own' })).toMatchObject({
    state: 'failed',
    reason: expect.stringContaining('no such flag'),
  });
});

it('uses somebody’s own as it is, and leaves it running', async () => {
  const theirs = await startFakeOllama({ version: '0.16.0' });
  onTestFinished(async () => await theirs.close());
  const managed = control({}, `127.0.0.1:${theirs.port}`);
  const state = await managed.configure({ use: 'theirs' });
  expect(state).toMatchObject({
    state: 'ready',
    version: '0.16.0',
    warnings: [expect.stringContaining('0.17.1')],
  });
  expect(managed.engine.models()).toMatchObject([{ id: 'fake:1b', slots: 1 }]);
  await managed.stop();
  expect((await fetch(`${theirs.address}/api/version`)).status).toBe(200);
  // Nothing was asked that changes anything there.
  expect(theirs.seen.map(({ path }) => path)).toEqual(['/api/show']);
});

it('fetches a model and tells how far it is', async () => {
  const theirs = await startFakeOllama();
  onTestFinished(async () => await theirs.close());
  const managed = control({}, `127.0.0.1:${theirs.port}`);
  expect(() => managed.pull('new:1b')).toThrow(/not used just now/);
  await managed.configure({ use: 'theirs' });
  expect(() => managed.pull('../etc')).toThrow(/no name of a model/);
  expect(managed.pull('new:1b')).toMatchObject({ state: 'running' });
  await expect
    .poll(async () => (await managed.read(never)).pulls)
    .toEqual([{ model: 'new:1b', state: 'done', status: 'success', doneBytes: 110, totalBytes: 110 }]);
  await expect.poll(() => managed.engine.models().map(({ id }) => id)).toEqual(['fake:1b', 'new:1b']);
});
