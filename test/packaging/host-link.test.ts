import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect, onTestFinished, test, vi } from 'vitest';
import { messageFromServer, type MessageFromServer, type MessageToServer } from '../../server/wire/host.ts';

/** The built server, below each of the hosts that it may have: nobody, a script, and Electron's main process. */

const entry = resolve(import.meta.dirname, '..', '..', 'dist', 'server', 'main.js');
const shim = pathToFileURL(join(import.meta.dirname, 'parent-port.mjs')).href;
const windowToken = 'w'.repeat(43);
const masterKey = 'm'.repeat(43);

type Host = 'node' | 'fork' | 'parentPort';

type Started = {
  readonly child: ChildProcess;
  readonly heard: MessageFromServer[];
  readonly send: (message: MessageToServer) => void;
  readonly errors: () => string;
  /** The ready line of stdout, and nothing else. */
  readonly output: () => string;
  readonly ready: () => Promise<string>;
  readonly exitCode: Promise<number | null>;
};

function folder(): string {
  const dir = mkdtempSync(join(tmpdir(), 'inglenook-link-'));
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }));
  return dir;
}

function start(host: Host, dataDir: string, init: object = {}): Started {
  if (!existsSync(entry)) throw new Error('The server is not built: npm run build.');
  const isHosted = host !== 'node';
  const child = fork(entry, isHosted ? ['--host=electron'] : [], {
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    execArgv: host === 'parentPort' ? ['--import', shim] : [],
    env: { ...process.env, INGLENOOK_DATA_DIR: dataDir, INGLENOOK_PORT: '0', INGLENOOK_OFFLINE: '1' },
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  const texts = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const) {
    child[name]?.setEncoding('utf8').on('data', (text: string) => (texts[name] += text));
  }
  const heard: MessageFromServer[] = [];
  // Every word is one of the protocol.
  child.on('message', (message) => heard.push(messageFromServer.parse(message)));
  const send = (message: MessageToServer): void => void child.send(message);
  if (isHosted) send({ v: 1, type: 'init', windowToken, ...init });
  return {
    child,
    heard,
    send,
    errors: () => texts.stderr,
    output: () => texts.stdout,
    ready: () =>
      vi.waitFor(() => {
        const line = /^Inglenook is ready at (http:\S+)\n$/.exec(texts.stdout);
        if (line?.[1] === undefined) throw new Error(`not ready: ${texts.stdout}${texts.stderr}`);
        return line[1];
      }, 20_000),
    exitCode: once(child, 'exit').then(([code]) => code as number | null),
  };
}

const ask = (url: string, token: string, init: RequestInit = {}) =>
  fetch(url, { ...init, headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' } });

/** One whole life: up, who is known, paused and resumed, drained; the port is left out, it differs. */
async function transcript(host: Host): Promise<unknown> {
  const dataDir = folder();
  const { ready, heard, send, child, exitCode, output } = start(host, dataDir);
  const address = await ready();
  const adminToken = readFileSync(join(dataDir, 'admin.token'), 'utf8').trim();
  const statuses = {
    healthz: (await fetch(`${address}/healthz`)).status,
    readyz: (await fetch(`${address}/readyz`)).status,
    admin: (await ask(`${address}/api/status`, adminToken)).status,
    nobody: (await fetch(`${address}/api/status`)).status,
    window: (await ask(`${address}/api/status`, windowToken)).status,
  };
  if (host === 'node') child.kill('SIGTERM');
  else {
    send({ v: 1, type: 'ping' });
    send({ v: 1, type: 'drain', ms: 1_000 });
  }
  const code = await exitCode;
  return { statuses, code, lines: output().split('\n').length - 1, heard: heard.map(withoutPort) };
}

function withoutPort(message: MessageFromServer): unknown {
  return message.type === 'ready' ? { ...message, port: 'PORT' } : message;
}

const state = {
  phase: 'serving',
  pauses: { gpu: null, all: null },
  active: 0,
  models: [],
  lanAddress: null,
  keepAwake: 'no',
  update: null,
  error: null,
};

test('started by hand, below a script and below the app it lives the same life', async () => {
  const [byHand, forked, below] = [
    await transcript('node'),
    await transcript('fork'),
    await transcript('parentPort'),
  ];
  expect(below).toEqual(forked);
  expect(forked).toEqual({
    statuses: { healthz: 200, readyz: 200, admin: 200, nobody: 401, window: 200 },
    code: 0,
    lines: 1,
    heard: [
      { v: 1, type: 'ready', port: 'PORT' },
      { v: 1, type: 'state', state },
      { v: 1, type: 'pong' },
      { v: 1, type: 'state', state: { ...state, phase: 'stopping' } },
    ],
  });
  // Nobody is there to be told, and there is no window to know.
  expect(byHand).toMatchObject({
    statuses: { healthz: 200, readyz: 200, admin: 200, nobody: 401, window: 401 },
    code: 0,
    lines: 1,
  });
});

test.each(['fork', 'parentPort'] as const)('below a host (%s) it does what the tray wants', async (host) => {
  const { ready, heard, send, exitCode } = start(host, folder());
  const address = await ready();
  const last = (): unknown => heard.at(-1);
  const untilMs = Date.now() + 3_600_000;
  send({ v: 1, type: 'pause', what: 'all', untilMs });
  await vi.waitFor(
    () => expect(last()).toMatchObject({ state: { pauses: { all: { isDone: true }, gpu: null } } }),
    10_000,
  );
  const paused = heard.at(-1);
  // A second's rounding on the way is nobody's concern.
  const pausedUntilMs = paused?.type === 'state' ? (paused.state.pauses.all?.untilMs ?? 0) : 0;
  expect(Math.abs(pausedUntilMs - untilMs)).toBeLessThan(1_500);
  send({ v: 1, type: 'resume', what: 'all' });
  await vi.waitFor(() => expect(last()).toMatchObject({ state: { pauses: { all: null } } }), 10_000);

  send({ v: 1, type: 'net-changed' });
  send({ v: 1, type: 'ticket', id: 'first' });
  await vi.waitFor(() => expect(last()).toMatchObject({ type: 'ticket', id: 'first' }));
  // Before there is a password the link leads to setting one.
  expect(last()).toMatchObject({ url: expect.stringMatching(/\/console\/setup#[\w-]{43}$/) });
  await ask(`${address}/api/password`, windowToken, {
    method: 'POST',
    body: '{"password":"a warm place by the fire"}',
  });
  send({ v: 1, type: 'ticket', id: 'second' });
  await vi.waitFor(() => expect(last()).toMatchObject({ type: 'ticket', id: 'second' }));
  const told = heard.at(-1);
  const url = told?.type === 'ticket' ? told.url : '';
  expect(url.startsWith(`${address}/console/sign-in#`)).toBe(true);
  const use = () =>
    fetch(`${address}/api/session/ticket`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ ticket: url.split('#')[1] }),
    });
  const used = await use();
  expect([used.status, used.headers.get('set-cookie')?.includes('HttpOnly; SameSite=Strict')]).toEqual([
    200,
    true,
  ]);
  expect((await use()).status).toBe(401);
  send({ v: 1, type: 'drain', ms: 0 });
  expect(await exitCode).toBe(0);
});

test('a second one on the same data says who is there, by the words that the app offers a browser with', async () => {
  const dataDir = folder();
  const headless = start('node', dataDir);
  const port = Number(new URL(await headless.ready()).port);
  const second = start('parentPort', dataDir);
  expect(await second.exitCode).toBe(1);
  expect(second.heard).toEqual([
    {
      v: 1,
      type: 'fatal',
      code: 'already_running',
      message: expect.stringContaining(`http://127.0.0.1:${port}`),
      running: { pid: headless.child.pid, port },
    },
  ]);
  headless.child.kill('SIGTERM');
  expect(await headless.exitCode).toBe(0);
});

test('what the keychain has sealed opens with it alone, until the owner wants it back in the file', async () => {
  const dataDir = folder();
  const secretIs = (): string => readFileSync(join(dataDir, 'server.key'), 'utf8').slice(0, 10);
  const live = async (host: Host, init: object = {}): Promise<Started> => {
    const started = start(host, dataDir, init);
    await started.ready();
    if (host === 'node') started.child.kill('SIGTERM');
    else started.send({ v: 1, type: 'drain', ms: 0 });
    expect(await started.exitCode).toBe(0);
    return started;
  };
  await live('node');
  expect(secretIs()).toBe('ink-secret');
  await live('parentPort', { keychain: { masterKey, seal: true } });
  expect(secretIs()).toBe('ink-sealed');

  const headless = start('node', dataDir);
  expect(await headless.exitCode).toBe(1);
  expect(headless.errors()).toContain('sealed by this computer’s keychain');
  expect(headless.errors()).not.toContain(masterKey);
  const other = start('fork', dataDir, { keychain: { masterKey: 'n'.repeat(43), seal: true } });
  expect(await other.exitCode).toBe(1);
  expect(other.heard).toMatchObject([{ type: 'fatal', code: 'secret_sealed' }]);
  expect(secretIs()).toBe('ink-sealed');

  await live('fork', { keychain: { masterKey, seal: false } });
  expect(secretIs()).toBe('ink-secret');
  await live('node');
});
