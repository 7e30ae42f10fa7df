/** The thread that masks, keeps, finds and forgets traces, alone with their file; see traces.ts. */
import { parentPort, workerData } from 'node:worker_threads';
import { AppError } from '../../core/errors.ts';
import { openTraceFile } from './file.ts';
import { traceJobs, type TraceJobs } from './jobs.ts';
import type { TraceAnswer, TraceAsk } from './traces.ts';

const file = openTraceFile((workerData as { readonly path: string }).path);
const jobs = traceJobs(file);

parentPort?.on('message', ({ number, name, ask }: TraceAsk) => {
  parentPort?.postMessage(name === 'close' ? close(number) : answer(number, name, ask));
});

function answer(number: number, name: keyof TraceJobs, ask: unknown): TraceAnswer {
  try {
    const job = jobs[name] as (asked: unknown) => unknown;
    return { number, result: job(ask) };
  } catch (error) {
    if (error instanceof AppError) {
      const { message, status, code, param } = error;
      return {
        number,
        failure: { message, details: { status, code, ...(param === null ? {} : { param }) } },
      };
    }
    return { number, failure: { message: describe(error) } };
  }
}

/** Never with the values that were to be written. */
function describe(error: unknown): string {
  if (!(error instanceof Error)) return 'unknown';
  return 'code' in error ? `${String(error.code)}: ${error.message}` : error.message;
}

function close(number: number): TraceAnswer {
  file.db.close();
  return { number, result: null };
}
