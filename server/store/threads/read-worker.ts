/** The thread in which screens and exports read the log, with a connection of its own; see reader.ts. */
import { parentPort, workerData } from 'node:worker_threads';
import { AppError } from '../../core/errors.ts';
import { openStoreToRead } from '../open.ts';
import { readJobs, type ReadJobs } from './read-jobs.ts';
import type { ReadAnswer, ReadAsk } from './reader.ts';

const jobs = readJobs(openStoreToRead((workerData as { readonly path: string }).path));

parentPort?.on('message', ({ number, name, ask }: ReadAsk) => {
  parentPort?.postMessage(answer(number, name, ask));
});

function answer(number: number, name: keyof ReadJobs, ask: unknown): ReadAnswer {
  try {
    const job = jobs[name] as (asked: unknown) => unknown;
    return { number, result: job(ask) };
  } catch (error) {
    if (!(error instanceof AppError)) {
      return { number, failure: { message: error instanceof Error ? String(error.stack) : 'unknown' } };
    }
    const { message, status, code, param } = error;
    return { number, failure: { message, details: { status, code, ...(param === null ? {} : { param }) } } };
  }
}
