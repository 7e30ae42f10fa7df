import { statfs } from 'node:fs/promises';
import type { Timers } from '../../../core/clock.ts';
import { DownloadFault } from './download-fault.ts';

export type SpaceGuard = {
  readonly timers: Timers;
  readonly folder: string;
  /** So much must stay free for everything else on this computer. */
  readonly leaveFreeBytes: number;
  readonly freeBytes: (folder: string) => Promise<number>;
};

/** What an ordinary program may still write there. */
export async function freeBytesOf(folder: string): Promise<number> {
  const { bavail, bsize } = await statfs(folder);
  return bavail * bsize;
}

/** @throws DownloadFault of kind `no-space` when the rest of the files would not leave enough */
export async function requireSpace(guard: SpaceGuard, wantedBytes: number): Promise<void> {
  const free = await guard.freeBytes(guard.folder);
  if (free - wantedBytes >= guard.leaveFreeBytes) return;
  throw new DownloadFault(
    'no-space',
    `Not enough room on the disk: ${inGigabytes(wantedBytes)} are still to come, ${inGigabytes(guard.leaveFreeBytes)} shall stay free, and only ${inGigabytes(free)} are. It goes on by itself when there is room.`,
  );
}

const lookEveryMs = 1000;

/** Looks after the disk while something is written: other programs fill it, too. Returns the function that ends it. */
export function watchSpace(guard: SpaceGuard, onFault: (fault: unknown) => void): () => void {
  let isLooking = false;
  return guard.timers.every(lookEveryMs, () => {
    if (isLooking) return;
    isLooking = true;
    requireSpace(guard, 0)
      .catch(onFault)
      .finally(() => (isLooking = false));
  });
}

function inGigabytes(bytes: number): string {
  return `${(bytes / 1e9).toFixed(1)} GB`;
}
