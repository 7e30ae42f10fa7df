/** The thread that folds the write-ahead log into the database, so that the disk never keeps a request waiting. */
import { parentPort, workerData } from 'node:worker_threads';
import Database from 'better-sqlite3';
import type { CheckpointAsk, CheckpointAnswer } from './checkpoints.ts';

const { path } = workerData as { readonly path: string };
// Waits hardly for others: what does not succeed now does a moment later.
const db = new Database(path, { timeout: 100 });
db.pragma('wal_autocheckpoint = 0');
// As the connection that writes has it.
db.pragma('synchronous = NORMAL');

parentPort?.on('message', ({ number, mode }: CheckpointAsk) => {
  parentPort?.postMessage({ number, isDone: checkpoint(mode) } satisfies CheckpointAnswer);
});

function checkpoint(mode: CheckpointAsk['mode']): boolean {
  try {
    // Waits for nobody and keeps nobody waiting; afterwards little is left for what has to keep writers out.
    db.pragma('wal_checkpoint(PASSIVE)');
    if (mode === 'passive') return true;
    const [answer] = db.pragma('wal_checkpoint(TRUNCATE)') as { readonly busy: number }[];
    return answer?.busy === 0;
  } catch {
    // A full disk, or a reader in the way: the log stays longer, nothing is lost.
    return false;
  }
}
