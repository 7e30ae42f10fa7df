import { stat } from 'node:fs/promises';
import { extname } from 'node:path';
import { Worker } from 'node:worker_threads';
import type { Timers } from '../../core/clock.ts';
import type { Store } from '../open.ts';

export type CheckpointAsk = { readonly number: number; readonly mode: 'passive' | 'truncate' };
export type CheckpointAnswer = { readonly number: number; readonly isDone: boolean };

/** Folds what was written into the database, in a thread of its own. */
export type Checkpoints = {
  /**
   * Also empties the write-ahead log, so that nothing of what was deleted is left in it. False when somebody was in the
   * way; then ask again.
   */
  readonly truncate: () => Promise<boolean>;
  readonly close: () => Promise<void>;
};

const lookEveryMs = 1_000;
const leastBytes = 4 * 1024 * 1024;
/** In pages, some 160 MB: the writing connection does it itself only when the thread has failed for long. */
const lastResortPages = 40_000;

/** Looks after the write-ahead log until closed. A database in memory has none. */
export function keepCheckpointed(store: Store, timers: Timers): Checkpoints {
  const path = store.db.name;
  if (path === ':memory:') return { truncate: async () => true, close: async () => {} };
  store.db.pragma(`wal_autocheckpoint = ${lastResortPages}`);
  let thread: Worker | null = null;
  let count = 0;
  let isClosed = false;
  const waiting = new Map<number, (isDone: boolean) => void>();

  function start(): Worker {
    const entry = new URL(`./checkpoint-worker${extname(import.meta.url)}`, import.meta.url);
    const worker = new Worker(entry, {
      workerData: { path },
      execArgv: [],
      env: {},
      stdout: true,
      stderr: true,
    });
    worker.unref();
    worker.on('message', ({ number, isDone }: CheckpointAnswer) => {
      waiting.get(number)?.(isDone);
      waiting.delete(number);
    });
    // The next look begins a new one.
    worker.on('error', () => {});
    worker.on('exit', () => {
      if (thread === worker) thread = null;
      for (const resolve of waiting.values()) resolve(false);
      waiting.clear();
    });
    return worker;
  }
  function ask(mode: CheckpointAsk['mode']): Promise<boolean> {
    if (isClosed) return Promise.resolve(false);
    thread ??= start();
    const number = (count += 1);
    thread.postMessage({ number, mode } satisfies CheckpointAsk);
    return new Promise((resolve) => void waiting.set(number, resolve));
  }
  async function look(): Promise<void> {
    if (waiting.size > 0 || isClosed) return;
    const bytes = await stat(`${path}-wal`).then(
      ({ size }) => size,
      () => 0,
    );
    if (bytes >= leastBytes) await ask('passive');
  }
  const stopLooking = timers.every(lookEveryMs, () => void look());
  return {
    truncate: () => ask('truncate'),
    async close() {
      isClosed = true;
      stopLooking();
      await thread?.terminate();
    },
  };
}
