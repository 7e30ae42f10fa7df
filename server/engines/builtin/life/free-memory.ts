import { readFileSync } from 'node:fs';
import { totalmem } from 'node:os';

/** Bytes of ordinary memory: what programs can still have (null where the system does not tell), and all there is. */
export type RamState = { readonly freeBytes: number | null; readonly totalBytes: number };

/**
 * Of this computer, or of the container we run in. The system's own figure counts the cached pages of files as free,
 * but a container's does not: there they are added, since the kernel gives them up when memory is wanted.
 */
export function readRam(): RamState {
  // macOS keeps nearly all memory in use and gives it up on demand; its figure of free pages says nothing.
  if (process.platform === 'darwin') return { freeBytes: null, totalBytes: totalmem() };
  const limitBytes = process.constrainedMemory();
  const isLimited = limitBytes > 0 && limitBytes < totalmem();
  const freeBytes = process.availableMemory() + (isLimited ? containerCacheBytes() : 0);
  const totalBytes = isLimited ? limitBytes : totalmem();
  return { freeBytes: Math.min(freeBytes, totalBytes), totalBytes };
}

/** Linux, control groups version 2; elsewhere containers are not limited in this way. */
function containerCacheBytes(): number {
  try {
    return parseCacheBytes(readFileSync('/sys/fs/cgroup/memory.stat', 'utf8'));
  } catch {
    return 0;
  }
}

/** `inactive_file` + `active_file` of a `memory.stat` (kernel's cgroup-v2.rst). */
export function parseCacheBytes(stat: string): number {
  return [...stat.matchAll(/^(?:in)?active_file (\d+)$/gm)].reduce(
    (sum, [, bytes]) => sum + Number(bytes),
    0,
  );
}

/** Of this process: all it holds, and how much of that is pages of files, which the system counts as free. */
export type ProcessMemory = { readonly rssBytes: number; readonly mappedBytes: number };

/** Programs and libraries are files too; they are there in any case. */
const ownFilesBytes = 64 * 1024 ** 2;

export function readProcessMemory(): ProcessMemory {
  const rssBytes = process.memoryUsage.rss();
  try {
    const status = readFileSync('/proc/self/status', 'utf8');
    const mappedKilobytes = Number(/^RssFile:\s+(\d+) kB$/m.exec(status)?.[1] ?? 0);
    return { rssBytes, mappedBytes: Math.max(0, mappedKilobytes * 1024 - ownFilesBytes) };
  } catch {
    // Elsewhere it cannot be told apart, and mapped weights do not count as free.
    return { rssBytes, mappedBytes: 0 };
  }
}
