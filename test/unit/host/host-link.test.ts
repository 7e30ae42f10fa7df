import { fork, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { expect, onTestFinished, test } from 'vitest';
import { connectHost } from '../../../server/host-link.ts';

const childFile = join(import.meta.dirname, 'child.ts');
const windowToken = 'w'.repeat(43);
const init = { v: 1, type: 'init', windowToken };
const drain = { v: 1, type: 'drain', ms: 100 };

test.each([
  ['fork', []],
  ['utility', ['--as-utility']],
])('below an app (%s) the server waits for init, says ready and hears drain', async (kind, args) => {
  const child = started(['--host=electron', ...args]);
  child.process.send(init);
  expect(await child.line()).toEqual({ kind, init });
  expect(await child.message()).toEqual({ v: 1, type: 'ready', port: 4321 });
  child.process.send(drain);
  expect(await child.line()).toEqual(drain);
  expect(await child.message()).toEqual({ v: 1, type: 'pairing-done', id: 'told' });
  expect(await child.exitCode).toBe(0);
});

test('whether it is alive is answered at once, and troubles nobody else', async () => {
  const child = started(['--host=electron']);
  child.process.send({ v: 1, type: 'ping' });
  expect(await child.message()).toEqual({ v: 1, type: 'pong' });
  child.process.send(init);
  expect(await child.line()).toMatchObject({ init });
  child.process.send({ v: 1, type: 'ping' });
  expect([await child.message(), await child.message()]).toEqual([
    { v: 1, type: 'ready', port: 4321 },
    { v: 1, type: 'pong' },
  ]);
  child.process.send(drain);
  expect(await child.line()).toEqual(drain);
});

test('below a script that promises no init it does not wait', async () => {
  const child = started([]);
  expect(await child.line()).toEqual({ kind: 'fork', init: null });
  expect(await child.message()).toMatchObject({ type: 'ready' });
});

test('talk that is not ours, or of another version, is ignored', async () => {
  const child = started(['--host=electron']);
  for (const foreign of [
    'shutdown',
    { ...init, v: 2 },
    { ...init, windowToken: 'short' },
    { type: 'drain' },
    null,
  ]) {
    child.process.send(foreign);
  }
  child.process.send(init);
  expect(await child.line()).toMatchObject({ init });
  child.process.send({ ...drain, ms: -1 });
  child.process.send(drain);
  expect(await child.line()).toEqual(drain);
});

test('it notices when its host has left', async () => {
  const child = started([]);
  await child.message();
  child.process.disconnect();
  expect(await child.line()).toMatchObject({ kind: 'fork' });
  expect(await child.line()).toEqual({ gone: true });
  expect(await child.exitCode).toBe(3);
});

test('started by hand it has nobody to tell, and sends into the void without complaint', async () => {
  const child = spawn(process.execPath, [childFile, '--host=electron'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [line] = (await once(createInterface({ input: child.stdout }), 'line')) as [string];
  expect(JSON.parse(line)).toEqual({ kind: 'none', init: null });
  expect((await once(child, 'exit'))[0]).toBe(0);
});

test('a host that announced itself and stays silent is an error, not a wait without end', async () => {
  const silent = { argv: ['--host=electron'], connected: true, send: () => true, on: () => undefined };
  await expect(connectHost(silent, 20).init).rejects.toThrow('has said nothing for 0.02 s');
});

type Started = {
  readonly process: ChildProcess & { readonly send: (message: unknown) => void };
  readonly line: () => Promise<unknown>;
  readonly message: () => Promise<unknown>;
  readonly exitCode: Promise<unknown>;
};

function started(args: readonly string[]): Started {
  const child = fork(childFile, args, { stdio: ['ignore', 'pipe', 'inherit', 'ipc'] }) as Started['process'];
  onTestFinished(() => void child.kill('SIGKILL'));
  const lines = queue();
  const messages = queue();
  if (child.stdout === null) throw new Error('stdout is a pipe');
  createInterface({ input: child.stdout }).on('line', (line) => lines.push(JSON.parse(line)));
  child.on('message', messages.push);
  const exitCode = once(child, 'exit').then(([code]: unknown[]) => code);
  return { process: child, line: lines.next, message: messages.next, exitCode };
}

/** What has come and what is still awaited, in order. */
function queue(): { readonly push: (item: unknown) => void; readonly next: () => Promise<unknown> } {
  const items: unknown[] = [];
  const waiting: ((item: unknown) => void)[] = [];
  return {
    push: (item) => {
      const first = waiting.shift();
      if (first === undefined) items.push(item);
      else first(item);
    },
    next: () =>
      items.length > 0 ? Promise.resolve(items.shift()) : new Promise((resolve) => waiting.push(resolve)),
  };
}
