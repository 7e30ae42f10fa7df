import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { request as httpsRequest } from 'node:https';
import { connect, createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { contextWith, snippets } from '../connect/contexts.ts';
import { ask, bearer, everythingElse, hello, publicName, startOutside } from './asking.ts';

vi.setConfig({ testTimeout: 60_000 });

/** Where Debian puts them; where they are not, these tests are shown as skipped. */
const nginx = '/usr/sbin/nginx';
const caddy = '/usr/bin/caddy';
const canUseNginx = existsSync(nginx) && spawnSync('openssl', ['version']).status === 0;

/** The text of the Connect page that is for this proxy. */
function guideText(mark: string, port: number): string {
  const context = contextWith({ outside: { name: publicName, port } });
  const found = snippets(context, 'cursor', 'text').find((text) => text.includes(mark));
  if (found === undefined) throw new Error(`The walk-through has nothing for ${mark}.`);
  return found;
}

describe.runIf(canUseNginx)('through nginx as the Connect page sets it up, by https', () => {
  it('models and chat are reached, and everything else is refused', async () => {
    const { server, port, outside, inside } = await startOutside();
    const front = await startNginx(guideText('proxy_pass', port));
    const headers = bearer(outside.key);
    expect((await front.ask('GET', '/v1/models', { headers })).status).toBe(200);
    const body = { ...hello, stream: true };
    const said = await front.ask('POST', '/v1/chat/completions', { headers, body });
    expect([said.status, said.text]).toEqual([200, expect.stringMatching(/Hello[\s\S]*\[DONE\]/)]);
    expect((await front.ask('GET', '/v1/models', { headers: bearer(inside.key) })).status).toBe(403);
    for (const [method, path] of everythingElse) {
      const { status } = await front.ask(method, path, { headers });
      expect([method, path, status]).toEqual([method, path, 404]);
    }
    expect(await server.admin('GET', '/log?limit=1')).toMatchObject([{ key: 'Cursor', status: 'ok' }]);
  });

  it('whatever name the caller writes: this computer’s is not taken for it', async () => {
    const { port, inside } = await startOutside();
    const front = await startNginx(guideText('proxy_pass', port));
    for (const host of ['127.0.0.1', `127.0.0.1:${port}`, 'localhost', '192.168.1.20']) {
      const { status } = await front.ask('GET', '/v1/models', { headers: { ...bearer(inside.key), host } });
      expect([host, status]).toEqual([host, 403]);
    }
  });

  it('also where nginx lets every path through, it is the server that refuses', async () => {
    const { port, outside } = await startOutside();
    const open = guideText('proxy_pass', port)
      .replace('location /v1/ {', 'location / {')
      .replace(/ +location \/ \{\s+return 404;\s+\}\n/, '');
    const front = await startNginx(open);
    for (const [method, path] of everythingElse) {
      const { status, text } = await front.ask(method, path, { headers: bearer(outside.key) });
      expect([method, path, status]).toEqual([method, path, 404]);
      if (method !== 'HEAD') expect(text).toContain('Under this name only models and chat');
    }
  });
});

describe.runIf(existsSync(caddy))('through Caddy as the Connect page sets it up', () => {
  it('models and chat are reached, and everything else is refused', async () => {
    const { port, outside, inside } = await startOutside();
    const site = guideText('reverse_proxy', port);
    const front = await startCaddy(site);
    const headers = { ...bearer(outside.key), host: publicName };
    expect((await ask(front, '/v1/models', { headers })).status).toBe(200);
    expect((await ask(front, '/v1/chat/completions', { headers, body: hello })).status).toBe(200);
    const other = { ...bearer(inside.key), host: publicName };
    expect((await ask(front, '/v1/models', { headers: other })).status).toBe(403);
    for (const [method, path] of everythingElse) {
      const { status } = await ask(front, path, { method, headers });
      expect([method, path, status]).toEqual([method, path, 404]);
    }
  });
});

type Front = {
  readonly ask: (
    method: string,
    path: string,
    options: { readonly headers: Readonly<Record<string, string>>; readonly body?: unknown },
  ) => Promise<{ readonly status: number; readonly text: string }>;
};

/** The text as it is, but for its port and where a certificate lies. */
async function startNginx(serverText: string): Promise<Front> {
  const [dir, port] = [workFolder(), await freePort()];
  const certificate = join(dir, 'certificate.pem');
  const key = join(dir, 'key.pem');
  const subject = ['-subj', `/CN=${publicName}`, '-addext', `subjectAltName=DNS:${publicName}`];
  const algorithm = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
  execFileSync(
    'openssl',
    ['req', '-x509', ...algorithm, '-days', '2', ...subject, '-keyout', key, '-out', certificate],
    { stdio: 'ignore' },
  );
  const text = serverText
    .replace('listen 443 ssl', `listen 127.0.0.1:${port} ssl`)
    .replace(/\/etc\/letsencrypt\/live\/[^/]+\/fullchain\.pem/, certificate)
    .replace(/\/etc\/letsencrypt\/live\/[^/]+\/privkey\.pem/, key);
  mkdirSync(join(dir, 'temp'));
  const config = [
    'daemon off;',
    // As root nginx gives its workers to nobody, who may not look into a folder of ours.
    ...(process.getuid?.() === 0 ? ['user root;'] : []),
    'worker_processes 1;',
    `pid ${dir}/nginx.pid;`,
    'error_log stderr warn;',
    'events { worker_connections 64; }',
    'http {',
    'access_log off;',
    ...['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(
      (name) => `${name}_temp_path ${dir}/temp/${name};`,
    ),
    text,
    '}',
  ];
  const file = join(dir, 'nginx.conf');
  writeFileSync(file, config.join('\n'));
  await run(nginx, ['-p', dir, '-e', 'stderr', '-c', file], { dir, port });
  return { ask: askByTls(port, readFileSync(certificate, 'utf8')) };
}

function askByTls(port: number, ca: string): Front['ask'] {
  return async (method, path, { headers, body }) =>
    new Promise((resolve, reject) => {
      const payload = body === undefined ? undefined : JSON.stringify(body);
      const request = httpsRequest(
        {
          host: '127.0.0.1',
          port,
          servername: publicName,
          ca,
          method,
          path,
          agent: false,
          headers: { host: publicName, 'content-type': 'application/json', ...headers },
        },
        (response) => {
          let text = '';
          response.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
          response.on('end', () => resolve({ status: response.statusCode ?? 0, text }));
        },
      );
      request.on('error', reject).end(payload);
    });
}

/** The text as it is, but by plain http on a port of ours: its own certificate would come from the internet. */
async function startCaddy(site: string): Promise<number> {
  const [dir, port] = [workFolder(), await freePort()];
  const text = site.replace(`${publicName} {`, `http://${publicName}:${port} {\n    bind 127.0.0.1`);
  const file = join(dir, 'Caddyfile');
  writeFileSync(file, `{\n    admin off\n    auto_https off\n}\n${text}`);
  await run(caddy, ['run', '--config', file, '--adapter', 'caddyfile'], { dir, port });
  return port;
}

function workFolder(): string {
  const dir = mkdtempSync(join(tmpdir(), 'inglenook-outside-'));
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }));
  return dir;
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** Runs until the test ends; resolves when it listens. */
async function run(program: string, args: readonly string[], at: { dir: string; port: number }) {
  const child = spawn(program, args, {
    cwd: at.dir,
    env: { ...process.env, HOME: at.dir, XDG_CONFIG_HOME: at.dir, XDG_DATA_HOME: at.dir },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let said = '';
  child.stderr.on('data', (chunk: Buffer) => (said += chunk.toString()));
  const ended = new Promise<void>((resolve) => void child.once('exit', () => resolve()));
  onTestFinished(async () => {
    child.kill('SIGTERM');
    await ended;
  });
  await vi.waitUntil(
    async () => {
      if (child.exitCode !== null) throw new Error(`${program} ended: ${said}`);
      return new Promise<boolean>((resolve) => {
        const socket = connect(at.port, '127.0.0.1', () => resolve(true));
        socket.once('connect', () => socket.destroy());
        socket.once('error', () => resolve(false));
      });
    },
    { timeout: 20_000, interval: 50 },
  );
}
