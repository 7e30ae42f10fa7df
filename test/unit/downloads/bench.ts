import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, vi } from 'vitest';
import type { Download, DownloadSettings, DownloadState } from '../../../server/core/download.ts';
import {
  createDownloadQueue,
  type DownloadQueue,
} from '../../../server/engines/builtin/supply/download-queue.ts';
import { downloadStore } from '../../../server/store/downloads.ts';
import { openStore, type Store } from '../../../server/store/open.ts';
import { ggufBytes } from '../../fakes/gguf-file.ts';
import { createManualTime, type ManualTime } from '../../fakes/manual-time.ts';

/** A model of about this size, with data that no two places have alike. */
export function bigModel(dataBytes = 600_000): Buffer {
  const bytes = ggufBytes({ dataBytes });
  for (let at = bytes.length - dataBytes; at + 4 <= bytes.length; at += 4)
    bytes.writeUInt32LE((at * 2654435761) % 2 ** 32, at);
  return bytes;
}

export type Bench = {
  readonly queue: DownloadQueue;
  readonly modelsDir: string;
  readonly store: Store;
  readonly time: ManualTime;
  readonly settings: { -readonly [Name in keyof DownloadSettings]: DownloadSettings[Name] };
  readonly disk: { freeBytes: number };
  /** How often the models were looked at again. */
  readonly rescans: () => number;
  readonly logged: string[];
  /** The one download, once it is in this state. */
  readonly until: (state: DownloadState) => Promise<Download>;
  /** All files below the models folder. */
  readonly onDisk: () => string[];
  /** The same folder, store and settings with a new queue, as after a restart. */
  readonly restarted: () => Bench;
};

type BenchOptions = {
  readonly hubAddress?: string;
  readonly isOffline?: () => boolean;
  readonly knownName?: (uri: string) => string | null;
};

/** A queue over a real folder and a real database; only time and the size of the disk are made up. */
export function createBench(options: BenchOptions = {}): Bench {
  const root = mkdtempSync(join(tmpdir(), 'inglenook-downloads-'));
  const store = openStore(':memory:');
  onTestFinished(() => rmSync(root, { recursive: true, force: true }));
  return benchOver({ root, store, options });
}

type Ground = { readonly root: string; readonly store: Store; readonly options: BenchOptions };

function benchOver({ root, store, options }: Ground): Bench {
  const modelsDir = join(root, 'models');
  const time = createManualTime();
  const settings = {
    hubAddress: options.hubAddress ?? 'https://hub.invalid',
    hubToken: null as string | null,
    leaveFreeBytes: 5e9,
    parallel: 3,
    isHeld: false,
    hours: null as DownloadSettings['hours'],
    mostBytesPerSecond: null as number | null,
  };
  const disk = { freeBytes: 100e9 };
  const logged: string[] = [];
  const note = (message: string, fields?: unknown): void =>
    void logged.push(
      `${message} ${JSON.stringify(fields, (_key, value: unknown) => (value instanceof Error ? String(value.stack) : value))}`,
    );
  let rescans = 0;
  const queue = createDownloadQueue({
    modelsDir,
    store: downloadStore(store),
    settings: () => settings,
    isOffline: options.isOffline ?? (() => false),
    clock: time.clock,
    timers: time.timers,
    log: { debug: note, info: note, warn: note, error: note },
    freeBytes: async () => disk.freeBytes,
    onReady: async () => void (rescans += 1),
    onChange: () => {},
    pieceBytes: 100_000,
    ...(options.knownName === undefined ? {} : { knownName: options.knownName }),
  });
  onTestFinished(() => queue.stop());
  return {
    queue,
    modelsDir,
    store,
    time,
    settings,
    disk,
    logged,
    rescans: () => rescans,
    until: (state) =>
      vi.waitFor(
        () => {
          const [download] = queue.list();
          // With the reason, so that a failure tells what happened instead.
          expect(`${download?.state} ${download?.reason}`).toMatch(new RegExp(`^${state} `));
          return download as Download;
        },
        { interval: 2, timeout: 4000 },
      ),
    onDisk: () =>
      readdirSync(modelsDir, { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile())
        .map((entry) => entry.name),
    restarted: () => benchOver({ root, store, options }),
  };
}
