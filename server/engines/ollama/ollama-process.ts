import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from '../../core/logger.ts';
import type { OllamaSettings } from '../../core/ollama.ts';

/** An Ollama that we have started, on loopback and a port nobody knows beforehand. */
export type OllamaProcess = {
  readonly address: string;
  /** Resolves when it has ended, however that came, with its last words. */
  readonly ended: Promise<string>;
  /** Resolves when nothing of it is left. */
  readonly stop: () => Promise<void>;
};

export type StartOptions = {
  readonly program: string;
  readonly settings: OllamaSettings;
  /** What it is given of this program's environment. */
  readonly environment: Readonly<Record<string, string>>;
  /** Remembers it, so that one that was left behind by a crash is ended at the next start. */
  readonly pidFile: string;
  readonly log: Logger;
};

const stopMs = 5_000;
const mostLastLines = 20;

/** Starts `ollama serve`; whether it answers is for the caller to see. @throws where the program cannot be started */
export async function startOllama(options: StartOptions): Promise<OllamaProcess> {
  endLeftBehind(options.pidFile);
  const port = await freePort();
  const child = spawn(options.program, ['serve'], {
    env: environmentOf(options, port),
    stdio: ['ignore', 'ignore', 'pipe'],
    windowsHide: true,
    // A group of its own: the processes that compute for it outlive it where it is killed, gigabytes of them.
    detached: process.platform !== 'win32',
  });
  const lastLines: string[] = [];
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    lastLines.push(...text.split('\n').filter((line) => line.trim() !== ''));
    lastLines.splice(0, lastLines.length - mostLastLines);
  });
  const ended = new Promise<string>((resolve) => {
    child.once('error', (error) => resolve(error.message));
    child.once('exit', () => {
      endGroup(child.pid);
      resolve(lastLines.at(-1)?.slice(0, 500) ?? '');
    });
  });
  void ended.then(() => rmSync(options.pidFile, { force: true }));
  await Promise.race([
    once(child, 'spawn'),
    once(child, 'error').then(([error]) => Promise.reject(error as Error)),
  ]);
  writeFileSync(options.pidFile, String(child.pid), { mode: 0o600 });
  return { address: `http://127.0.0.1:${port}`, ended, stop: async () => await stop(child) };
}

/** In Ollama's words (its envconfig); what its owner has set for another one is not taken over. */
function environmentOf({ settings, environment }: StartOptions, port: number): Record<string, string> {
  return {
    ...environment,
    OLLAMA_HOST: `127.0.0.1:${port}`,
    OLLAMA_NUM_PARALLEL: String(settings.requestsAtOnce),
    OLLAMA_MAX_LOADED_MODELS: String(settings.modelsAtOnce),
    OLLAMA_KEEP_ALIVE: `${settings.keepAliveMinutes}m`,
    OLLAMA_CONTEXT_LENGTH: String(settings.contextTokens),
    // Nothing leaves the house by this way.
    OLLAMA_NO_CLOUD: '1',
    // The folder of models may be another Ollama's too: what that one is just fetching is not to be tidied away.
    OLLAMA_NOPRUNE: '1',
  };
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) return;
  const exited = once(child, 'exit');
  if (process.platform === 'win32')
    spawn('taskkill', ['/pid', String(child.pid), '/T', '/F'], { windowsHide: true });
  else child.kill('SIGTERM');
  const late = new AbortController();
  const kill = sleep(stopMs, undefined, { signal: late.signal }).then(
    () => void child.kill('SIGKILL'),
    () => {},
  );
  await exited;
  late.abort();
  await kill;
}

/** What is left of its group once it has ended itself. */
function endGroup(pid: number | undefined): void {
  if (pid === undefined || process.platform === 'win32') return;
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // Nothing is left.
  }
}

/**
 * One of ours that outlived a crash of this server, with those that compute for it. Only what really is an Ollama of
 * that group is ended; where the system does not tell (all but Linux), it is left alone.
 */
function endLeftBehind(pidFile: string): void {
  try {
    const group = Number(readFileSync(pidFile, 'utf8'));
    const isGroup = Number.isInteger(group) && group > 1 && process.platform === 'linux';
    for (const pid of isGroup ? readdirSync('/proc').map(Number) : []) {
      if (pid > 1 && isOllamaOf(group, pid)) process.kill(pid, 'SIGTERM');
    }
  } catch {
    // There is none, or it has gone.
  }
  rmSync(pidFile, { force: true });
}

/** By proc(5): in `stat` the group is the third word behind the name, which stands in parentheses. */
function isOllamaOf(group: number, pid: number): boolean {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    if (Number(stat.slice(stat.lastIndexOf(')')).split(' ')[3]) !== group) return false;
    return /ollama/u.test(readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0')[0] ?? '');
  } catch {
    return false;
  }
}

async function freePort(): Promise<number> {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}
