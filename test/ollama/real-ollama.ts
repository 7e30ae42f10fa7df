import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { access, mkdtemp, open, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

/** The program that `npm run test:ollama` has found or built. */
const program = process.env['INGLENOOK_TEST_OLLAMA'] ?? '';
const starter = resolve('resources/models/SmolLM2-135M-Instruct.Q4_1.gguf');

/** Two models of the same weights: Ollama tells models apart by their file. */
export const model = 'starter:latest';
export const otherModel = 'other:latest';

export type Loaded = {
  readonly name: string;
  readonly context_length: number;
  readonly expires_at: string;
  readonly size: number;
};

/** A home of its own for Ollama, with the program where programs are looked for and nothing of the person's. */
export async function makeHome(): Promise<{ readonly folder: string; readonly remove: () => Promise<void> }> {
  await access(program);
  const folder = await mkdtemp(join(tmpdir(), 'inglenook-real-ollama-'));
  await symlink(program, join(folder, 'ollama'));
  return { folder, remove: async () => await rm(folder, { recursive: true, force: true }) };
}

/** For the server that is tested: `theirs` is where somebody's own would listen. */
export function environmentIn(folder: string, theirs = '127.0.0.1:9'): Record<string, string> {
  return {
    PATH: `${folder}:${process.env['PATH'] ?? ''}`,
    HOME: folder,
    OLLAMA_HOST: theirs,
    OLLAMA_MODELS: join(folder, 'models'),
  };
}

/** `ollama create`, which needs no network. */
export async function createModels(folder: string, address: string): Promise<void> {
  const other = join(folder, 'other.gguf');
  await writeOtherModel(other);
  for (const [name, file] of [
    ['starter', starter],
    ['other', other],
  ] as const) {
    await writeFile(join(folder, 'Modelfile'), `FROM ${file}\n`);
    const child = spawn(program, ['create', name, '-f', join(folder, 'Modelfile')], {
      env: { ...process.env, HOME: folder, OLLAMA_HOST: new URL(address).host },
      stdio: 'ignore',
    });
    const [code] = (await once(child, 'exit')) as [number | null];
    if (code !== 0) throw new Error(`ollama create ${name} ended with ${code}`);
  }
}

/** The starter model with another letter in its name, which nothing computes with. */
async function writeOtherModel(path: string): Promise<void> {
  const bytes = await readFile(starter);
  const key = Buffer.from('general.name');
  const at = bytes.indexOf(key);
  if (at < 0) throw new Error('the starter model has no general.name');
  // The key, the type of the value (4 bytes) and its length (8 bytes), as GGUF has them.
  const text = at + key.length + 4 + 8;
  bytes[text] = 'X'.charCodeAt(0);
  await writeFile(path, bytes);
}

export async function loadedAt(address: string): Promise<readonly Loaded[]> {
  const answer = await fetch(`${address}/api/ps`);
  return ((await answer.json()) as { models: readonly Loaded[] }).models;
}

/** Somebody's own, started by hand as its docs say. */
export async function startTheirs(
  folder: string,
): Promise<{ readonly address: string; readonly child: ChildProcess; readonly end: () => Promise<void> }> {
  const port = await freePort();
  const child = spawn(program, ['serve'], {
    env: { ...process.env, ...environmentIn(folder, `127.0.0.1:${port}`), OLLAMA_NO_CLOUD: '1' },
    stdio: 'ignore',
  });
  const address = `http://127.0.0.1:${port}`;
  for (let look = 0; look < 100; look += 1) {
    const answers = await fetch(`${address}/api/version`).then(
      ({ ok }) => ok,
      () => false,
    );
    if (answers) break;
    await sleep(200);
  }
  const end = async (): Promise<void> => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    child.kill('SIGTERM');
    await once(child, 'exit');
  };
  return { address, child, end };
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

/** Addresses on which something listens at this port, as Linux tells them; empty elsewhere. */
export async function listenersAt(port: number): Promise<readonly string[]> {
  const wanted = port.toString(16).toUpperCase().padStart(4, '0');
  const found: string[] = [];
  for (const table of ['/proc/net/tcp', '/proc/net/tcp6']) {
    const file = await open(table).catch(() => null);
    if (file === null) continue;
    for await (const line of file.readLines()) {
      const [, local, , state] = line.trim().split(/\s+/u);
      if (state === '0A' && local?.endsWith(`:${wanted}`) === true) found.push(local);
    }
  }
  return found;
}

/** Processes that compute for an Ollama with this home, as Linux tells them. */
export function runnersIn(folder: string): readonly number[] {
  return readdirSync('/proc')
    .map(Number)
    .filter((pid) => {
      try {
        const words = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0');
        return words[1] === 'runner' && words.some((word) => word.startsWith(folder));
      } catch {
        return false;
      }
    });
}
