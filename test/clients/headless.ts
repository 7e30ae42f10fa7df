import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { onTestFinished } from 'vitest';

export type Desk = {
  /** The home folder: whatever the client writes for itself goes below it. */
  readonly home: string;
  /** The project the client works in. */
  readonly project: string;
  /** Hosts that the client has asked for beside this computer; it got none of them. */
  readonly outside: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
};

/** A person's desk for one client: an empty home, a project, and a way out of the building that leads nowhere. */
export async function setUpDesk(files: Readonly<Record<string, string>>): Promise<Desk> {
  const folder = mkdtempSync(join(tmpdir(), 'inglenook-client-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }));
  const home = join(folder, 'home');
  const project = join(folder, 'project');
  mkdirSync(home);
  mkdirSync(project);
  for (const [name, text] of Object.entries(files)) {
    const path = join(project, name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
  }
  const outside: string[] = [];
  const proxy = await closedProxy(outside);
  const environment = {
    PATH: process.env['PATH'] ?? '',
    HOME: home,
    XDG_CONFIG_HOME: join(home, '.config'),
    XDG_DATA_HOME: join(home, '.local', 'share'),
    XDG_CACHE_HOME: join(home, '.cache'),
    XDG_STATE_HOME: join(home, '.local', 'state'),
    TERM: 'dumb',
    NO_COLOR: '1',
    CI: '1',
    ...Object.fromEntries(
      ['HTTP_PROXY', 'HTTPS_PROXY', 'ALL_PROXY', 'http_proxy', 'https_proxy', 'all_proxy'].map((name) => [
        name,
        proxy,
      ]),
    ),
    NO_PROXY: '127.0.0.1,localhost',
    no_proxy: '127.0.0.1,localhost',
  };
  return { home, project, outside, environment };
}

/** Refuses at once, as a computer without internet does, and notes who was asked for. */
async function closedProxy(outside: string[]): Promise<string> {
  const server = createServer((request, response) => {
    outside.push(new URL(request.url ?? '', 'http://unknown').host);
    response.writeHead(502).end();
  });
  server.on('connect', (request, socket) => {
    outside.push(request.url ?? '');
    // Whoever does not wait for the refusal is welcome.
    socket.on('error', () => socket.destroy());
    socket.end('HTTP/1.1 502 Bad Gateway\r\n\r\n');
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

export type Ran = { readonly code: number | null; readonly stdout: string; readonly stderr: string };

/** Longer than any of them needs here; what is not done then, hangs. */
const mostMs = 100_000;

export type Started = {
  /** What it has said so far. */
  readonly said: { readonly stdout: string; readonly stderr: string };
  /** Fulfilled when it has ended, or was ended. */
  readonly ended: Promise<number | null>;
  readonly end: () => void;
};

/** Starts a client, in a process group of its own: nothing that it has started stays behind. */
export function startClient(
  [program, ...args]: readonly [string, ...string[]],
  desk: Desk,
  environment: Readonly<Record<string, string>> = {},
): Started {
  const child = spawn(program, args, {
    cwd: desk.project,
    env: { ...desk.environment, ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  });
  const end = (): void => {
    try {
      if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
    } catch {
      // Nobody of the group is left.
    }
  };
  onTestFinished(end);
  const said = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const) {
    child[name].setEncoding('utf8').on('data', (text: string) => (said[name] += text));
  }
  const ended = once(child, 'close').then(([code]) => code as number | null);
  return { said, ended, end };
}

/** Runs a client to its end. */
export async function runClient(
  command: readonly [string, ...string[]],
  desk: Desk,
  environment: Readonly<Record<string, string>> = {},
): Promise<Ran> {
  const { said, ended, end } = startClient(command, desk, environment);
  const timer = setTimeout(end, mostMs);
  const code = await ended;
  clearTimeout(timer);
  end();
  return { code, ...said };
}
