import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import type { OnSmallDisk } from './small-disk-server.ts';

/** A server in a process of its own, that runs out of room when told to. */
export type SmallDiskServer = {
  readonly address: string;
  readonly token: string;
  /** From now on nothing more goes in. */
  readonly fill: () => Promise<void>;
  /** There is room again. */
  readonly free: () => Promise<void>;
};

/**
 * What runs out. `disk`: the data folder is a file system of a few megabytes (tmpfs), so that every file stops growing;
 * Linux, where one may be mounted for the server alone. `pages`: the database itself may not grow, by SQLite's own
 * limit, which gives the error of a full disk; anywhere.
 */
export type Shortage = 'disk' | 'pages';

/** The mount is seen by the server alone, and gone with it. */
const ownMounts: readonly (readonly [program: string, ...flags: string[]])[] = [
  ['unshare', '--user', '--map-root-user', '--mount'],
  // Root where users may not have namespaces of their own.
  ['unshare', '--mount'],
];
const smallDisk = 'mount -t tmpfs -o size=4m tmpfs "$1"';

function wayToMount(): (typeof ownMounts)[number] | undefined {
  if (process.platform !== 'linux') return undefined;
  return ownMounts.find(([program, ...flags]) => {
    try {
      execFileSync(program, [...flags, 'sh', '-c', smallDisk, 'sh', '/mnt'], { stdio: 'ignore' });
      return true;
    } catch {
      return false;
    }
  });
}

export function canBeShortOf(shortage: Shortage): boolean {
  return shortage === 'pages' || wayToMount() !== undefined;
}

export async function startShortOf(shortage: Shortage): Promise<SmallDiskServer> {
  const dir = mkdtempSync(join(tmpdir(), 'inglenook-small-disk-'));
  const program = new URL('small-disk-server.ts', import.meta.url).pathname;
  const server = [process.execPath, program, dir, shortage];
  const mounted = ['sh', '-c', `${smallDisk} && shift && exec "$@"`, 'sh', dir, ...server];
  const [command = '', ...args] = shortage === 'disk' ? [...(wayToMount() ?? []), ...mounted] : server;
  const child = spawn(command, args, { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
  const ended = once(child, 'exit');
  onTestFinished(async () => {
    child.kill('SIGKILL');
    await ended;
    rmSync(dir, { recursive: true, force: true });
  });
  const next = async (): Promise<OnSmallDisk> => {
    const early = ended.then(() => Promise.reject(new Error('The server that was short of room ended.')));
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
