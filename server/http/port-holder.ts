import { execFile } from 'node:child_process';
import { readdir, readFile, readlink } from 'node:fs/promises';
import { promisify } from 'node:util';
import { z } from 'zod';

const run = promisify(execFile);

/**
 * Who listens on this port, as words for the owner: `another Inglenook`, `ollama (process 812)`; null where it
 * cannot be known (another user's program, an unknown system).
 */
export async function portHolder(port: number): Promise<string | null> {
  if (await isInglenook(port)) return 'another Inglenook';
  try {
    if (process.platform === 'linux') return await linuxHolder(port);
    if (process.platform === 'darwin') return await macHolder(port);
  } catch {
    return null; // only a kindness; the port is taken all the same
  }
  return null;
}

const health = z.object({ product: z.literal('inglenook') });

async function isInglenook(port: number): Promise<boolean> {
  try {
    const answer = await fetch(`http://127.0.0.1:${port}/healthz`, {
      // Whoever has our port may send us anywhere.
      redirect: 'error',
      signal: AbortSignal.timeout(1000),
    });
    return health.safeParse(await answer.json()).success;
  } catch {
    return false;
  }
}

/** proc(5): the listening socket's inode in /proc/net/tcp, then the process that has it open. */
async function linuxHolder(port: number): Promise<string | null> {
  const inode = await listeningInode(port);
  if (inode === null) return null;
  for (const pid of (await readdir('/proc')).filter((name) => /^\d+$/.test(name))) {
    if (await hasSocket(pid, inode)) {
      const name = (await readFile(`/proc/${pid}/comm`, 'utf8')).trim();
      return `${name} (process ${pid})`;
    }
  }
  return null;
}

async function listeningInode(port: number): Promise<string | null> {
  const hexPort = port.toString(16).toUpperCase().padStart(4, '0');
  const listening = '0A';
  for (const table of ['/proc/net/tcp', '/proc/net/tcp6']) {
    for (const line of (await readFile(table, 'utf8').catch(() => '')).split('\n')) {
      const fields = line.trim().split(/\s+/);
      if (fields[1]?.endsWith(`:${hexPort}`) && fields[3] === listening) return fields[9] ?? null;
    }
  }
  return null;
}

async function hasSocket(pid: string, inode: string): Promise<boolean> {
  const descriptors = await readdir(`/proc/${pid}/fd`).catch(() => []);
  for (const descriptor of descriptors) {
    const target = await readlink(`/proc/${pid}/fd/${descriptor}`).catch(() => '');
    if (target === `socket:[${inode}]`) return true;
  }
  return false;
}

async function macHolder(port: number): Promise<string | null> {
  const { stdout } = await run('lsof', ['-nP', `-iTCP:${port}`, '-sTCP:LISTEN', '-Fpc'], { timeout: 3000 });
  const pid = /^p(\d+)$/m.exec(stdout)?.[1];
  const name = /^c(.+)$/m.exec(stdout)?.[1];
  return pid === undefined ? null : `${name ?? 'a program'} (process ${pid})`;
}
