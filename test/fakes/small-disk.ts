import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import type { OnSmallDisk } from './small-disk-server.ts';

/** A server in a process of its own whose data folder is a file system of a few megabytes (tmpfs), so that it gets full. */
export type SmallDiskServer = {
  readonly address: string;
  readonly token: string;
  /** Writes a file until nothing goes on the disk any more. */
  readonly fill: () => Promise<void>;
  /** Removes it. */
  readonly free: () => Promise<void>;
};

/** The mount is seen by the server alone, and gone with it. Linux, where the user may make such a place of their own. */
const [unshare, ...ownMounts] = ['unshare', '--user', '--map-root-user', '--mount'] as const;

export function canMountSmallDisk(): boolean {
  if (process.platform !== 'linux') return false;
  try {
    execFileSync(unshare, [...ownMounts, 'mount', '-t', 'tmpfs', 'tmpfs', '/mnt'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

export async function startOnSmallDisk(megabytes: number): Promise<SmallDiskServer> {
  const dir = mkdtempSync(join(tmpdir(), 'inglenook-small-disk-'));
  const script = `mount -t tmpfs -o size=${megabytes}m tmpfs "$1" && exec "$2" "$3" "$1"`;
  const program = new URL('small-disk-server.ts', import.meta.url).pathname;
  const child = spawn(unshare, [...ownMounts, 'sh', '-c', script, 'sh', dir, process.execPath, program], {
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  const ended = once(child, 'exit');
  onTestFinished(async () => {
    child.kill('SIGKILL');
    await ended;
    rmSync(dir, { recursive: true, force: true });
  });
  const next = async (): Promise<OnSmallDisk> => {
    const early = ended.then(() => Promise.reject(new Error('The server on the small disk ended.')));
    const [message] = (await Promise.race([once(child, 'message'), early])) as [OnSmallDisk];
    return message;
  };
  const order = async (what: 'fill' | 'free'): Promise<void> => {
    const done = next();
    child.send(what);
    await done;
  };
  const { address, token } = await next();
  return { address, token, fill: () => order('fill'), free: () => order('free') };
}
