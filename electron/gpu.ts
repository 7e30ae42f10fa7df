import { z } from 'zod';
import type { AppApi } from './electron-api.ts';
import { readSmallFile, writeSmallFile } from './small-file.ts';
import type { Time } from './time.ts';

const disableGpu = '--disable-gpu';
const mostCrashes = 3;
const withinMs = 2 * 60_000;

const marker = z.object({ version: z.string() });

/**
 * The window needs no graphics card; where Chromium's GPU process keeps crashing the app starts anew without it. Kept in
 * a file for this version, so that the next one tries again. This is about drawing alone: models use the card in another
 * process.
 */
export function drawsWithoutGpu(file: string, version: string, argv: readonly string[]): boolean {
  if (argv.includes(disableGpu)) return true;
  try {
    return marker.parse(JSON.parse(readSmallFile(file)?.toString('utf8') ?? 'null')).version === version;
  } catch {
    return false;
  }
}

export type GpuWatch = {
  readonly file: string;
  readonly time: Pick<Time, 'monotonicMs'>;
  /** The marker is set; time to end and come again. */
  readonly onHopeless: () => void;
};

export function watchGpu(app: Pick<AppApi, 'on' | 'getVersion'>, { file, time, onHopeless }: GpuWatch): void {
  let crashes: readonly number[] = [];
  app.on('child-process-gone', (_event, { type, reason }) => {
    if (type !== 'GPU' || reason === 'clean-exit' || reason === 'killed') return;
    const nowMs = time.monotonicMs();
    crashes = [...crashes.filter((atMs) => nowMs - atMs < withinMs), nowMs];
    if (crashes.length !== mostCrashes) return;
    try {
      writeSmallFile(file, `${JSON.stringify({ version: app.getVersion() })}\n`);
    } catch {
      // Without the marker it would come again in the same way; Chromium falls back to drawing in software by itself.
      return;
    }
    onHopeless();
  });
}
