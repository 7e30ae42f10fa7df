import { spawn, type ChildProcess } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { request as httpRequest, type IncomingMessage } from 'node:http';
import { connect, createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { proxyProgram } from '../../../scripts/lib/proxies.mjs';
import { startComposed, type ComposedServer } from '../../fakes/composed.ts';
import { gate } from '../http/harness.ts';

vi.setConfig({ testTimeout: 60_000 });

/** Set-up unpacks them on Debian as root (scripts/lib/proxies.mjs); where they are not, these tests are shown as skipped. */
const [nginx, caddy] = [proxyProgram('nginx'), proxyProgram('caddy')];
/** On Linux all of 127.0.0.0/8 is this computer's: the client comes from where neither proxy nor server is. */
const clientAddress = '127.0.0.3';

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** Runs until the test ends; resolves when it listens. */
async function run(program: string, args: readonly string[], { dir, port }: { dir: string; port: number }) {
  const child: ChildProcess = spawn(program, args, {
    cwd: dir,
    env: { ...process.env, HOME: dir, XDG_CONFIG_HOME: dir, XDG_DATA_HOME: dir },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let said = '';
  child.stderr?.on('data', (chunk: Buffer) => (said += chunk.toString()));
  const ended = new Promise<void>((resolve) => void child.once('exit', () => resolve()));
  onTestFinished(async () => {
    child.kill('SIGTERM');
    await ended;
  });
  await vi.waitUntil(
    async () => {
      if (child.exitCode !== null) throw new Error(`${program} ended: ${said}`);
      return new Promise<boolean>((resolve) => {
        const socket = connect(port, '127.0.0.1', () => resolve(true));
        socket.once('connect', () => socket.destroy());
        socket.once('error', () => resolve(false));
      });
    },
    { timeout: 20_000, interval: 50 },
  );
}

async function workDir(): Promise<string> {
  const dir = await mkdtemp(join(tmpdir(), 'inglenook-proxy-'));
  onTestFinished(() => rm(dir, { recursive: true, force: true }));
  return dir;
}

/** As in front of many servers, with everything at nginx's own defaults but what a comment explains. */
async function startNginx(upstream: number, lines: readonly string[]): Promise<number> {
  const [dir, port] = [await workDir(), await freePort()];
  await mkdir(join(dir, 'temp'));
  const temp = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'];
  const config = [
    'daemon off;',
    // As root nginx gives its workers to nobody, who may not look into a folder of ours.
    ...(process.getuid?.() === 0 ? ['user root;'] : []),
    'worker_processes 1;',
    `pid ${dir}/nginx.pid;`,
    'error_log stderr warn;',
    'events { worker_connections 128; }',
    'http {',
    '  access_log off;',
    ...temp.map((name) => `  ${name}_temp_path ${dir}/temp/${name};`),
    `  server { listen 127.0.0.1:${port}; location / {`,
    `    proxy_pass http://127.0.0.1:${upstream};`,
    ...lines.map((line) => `    ${line}`),
    '  } }',
    '}',
  ];
  await writeFile(join(dir, 'nginx.conf'), config.join('\n'));
  await run(nginx ?? 'nginx', ['-p', dir, '-e', 'stderr', '-c', join(dir, 'nginx.conf')], { dir, port });
  return port;
}

const properHeaders = [
  'proxy_set_header Host $http_host;',
  'proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;',
  'proxy_set_header X-Forwarded-Proto $scheme;',
];

async function startCaddy(upstream: number): Promise<number> {
  const [dir, port] = [await workDir(), await freePort()];
  const config = [
    '{',
    '  admin off',
    '  auto_https off',
    '}',
    `http://127.0.0.1:${port} {`,
    '  bind 127.0.0.1',
    `  reverse_proxy 127.0.0.1:${upstream}`,
    '}',
  ];
  await writeFile(join(dir, 'Caddyfile'), config.join('\n'));
  await run(caddy ?? 'caddy', ['run', '--config', join(dir, 'Caddyfile'), '--adapter', 'caddyfile'], {
    dir,
    port,
  });
  return port;
}

type Asked = { readonly path: string; readonly headers?: Record<string, string>; readonly body?: unknown };

/** From the client's own address, on a connection of its own. */
async function ask(port: number, { path, headers, body }: Asked): Promise<IncomingMessage> {
  const payload = body === undefined ? '' : JSON.stringify(body);
  return new Promise((resolve, reject) => {
    const request = httpRequest({
      host: '127.0.0.1',
      localAddress: clientAddress,
      port,
      path,
      agent: false,
      method: body === undefined ? 'GET' : 'POST',
      headers: { 'content-type': 'application/json', 'content-length': payload.length, ...headers },
    });
    request.on('response', resolve).on('error', reject).end(payload);
  });
}

async function textOf(response: IncomingMessage): Promise<string> {
  let text = '';
  for await (const chunk of response) text += String(chunk);
  return text;
}

/** The stream stands still after its first words, so that whatever arrives until then was not kept back. */
async function startStreaming() {
  const held = gate();
  const server = await startComposed({
    engine: { beforePart: (index) => (index === 2 ? held.opened : undefined) },
  });
  const { key } = (await server.admin('POST', '/keys', { name: 'test' })) as { key: string };
  await server.admin('PUT', '/settings/edge.trustedProxies', { value: '127.0.0.1' });
  const body = { model: 'fake-model', stream: true, messages: [{ role: 'user', content: 'Hi' }] };
  const chat = (port: number, headers: Record<string, string> = {}) =>
    ask(port, {
      path: '/v1/chat/completions',
      headers: { authorization: `Bearer ${key}`, ...headers },
      body,
    });
  return { server, key, held, chat };
}

/** Reads on until the first words are there, then lets the stream end. */
async function readHeld(response: IncomingMessage, open: () => void): Promise<string> {
  let text = '';
  for await (const chunk of response) {
    text += String(chunk);
    if (text.includes('Hello')) open();
  }
  return text;
}

const rowsOf = async (server: ComposedServer): Promise<unknown> => server.admin('GET', '/log?limit=10');

describe.runIf(nginx !== null)('behind nginx', () => {
  it('attack 74: the first words arrive while the rest is not yet said, and the row has the client’s address', async () => {
    const { server, held, chat } = await startStreaming();
    const port = await startNginx(server.port, properHeaders);
    const response = await chat(port);
    expect(response.statusCode).toBe(200);
    expect(await readHeld(response, held.open)).toMatch(/Hello[\s\S]*\[DONE\]/);
    expect(await rowsOf(server)).toMatchObject([{ ip: clientAddress, status: 'ok' }]);
  });

  it('attack 74: it is our header that keeps nginx from collecting, which is on by default', async () => {
    const { server, held, chat } = await startStreaming();
    held.open();
    const direct = await chat(server.port);
    expect(direct.headers).toMatchObject({
      'x-accel-buffering': 'no',
      'cache-control': 'no-cache, no-transform',
    });
    await textOf(direct);
  });

  it('what the client itself writes into X-Forwarded-For is not believed', async () => {
    const { server, held, chat } = await startStreaming();
    held.open();
    const port = await startNginx(server.port, properHeaders);
    await textOf(await chat(port, { 'x-forwarded-for': '10.0.0.99, 127.0.0.1' }));
    expect(await rowsOf(server)).toMatchObject([{ ip: clientAddress }]);
  });

  it.each([
    ['that tells from where', properHeaders],
    ['at its defaults, which tell nothing', []],
    ['at its defaults, with HTTP/1.1', ['proxy_http_version 1.1;', 'proxy_set_header Connection "";']],
  ])('console and admin API are closed to who comes by an nginx %s', async (_name, lines) => {
    const { server } = await startStreaming();
    const port = await startNginx(server.port, lines);
    for (const path of ['/console/', '/api/session', '/api/keys']) {
      expect([path, (await ask(port, { path })).statusCode]).toEqual([path, 403]);
    }
    expect((await ask(port, { path: '/healthz' })).statusCode).toBe(200);
  });

  it('also while nobody has named it as a proxy, unless it hides itself entirely', async () => {
    const server = await startComposed();
    for (const lines of [properHeaders, []]) {
      const port = await startNginx(server.port, lines);
      expect((await ask(port, { path: '/api/session' })).statusCode).toBe(403);
    }
  });
});

describe.runIf(caddy !== null)('behind Caddy', () => {
  it('attack 74: the first words arrive at once, with the client’s address in the row', async () => {
    const { server, held, chat } = await startStreaming();
    const port = await startCaddy(server.port);
    const response = await chat(port, { 'x-forwarded-for': '10.0.0.99' });
    expect(response.headers).toMatchObject({ 'x-accel-buffering': 'no' });
    expect(await readHeld(response, held.open)).toMatch(/Hello[\s\S]*\[DONE\]/);
    expect(await rowsOf(server)).toMatchObject([{ ip: clientAddress, status: 'ok' }]);
    expect((await ask(port, { path: '/api/session' })).statusCode).toBe(403);
  });
});
