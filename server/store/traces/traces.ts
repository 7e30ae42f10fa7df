import { existsSync } from 'node:fs';
import { extname } from 'node:path';
import { Worker } from 'node:worker_threads';
import type { Timers } from '../../core/clock.ts';
import { AppError, type AppErrorDetails } from '../../core/errors.ts';
import type { Logger } from '../../core/logger.ts';
import { openTraceFile } from './file.ts';
import { traceJobs, type TraceJobs } from './jobs.ts';
import type { NewTrace } from './rows.ts';

/** The traces' file, behind a thread of its own: masking and indexing keep no request waiting. */
export type TraceStore = {
  /**
   * Takes it and returns at once; it is masked and written right behind. What cannot be written is tried again; beyond
   * some hundred the newest are given up, and the server's log says so.
   */
  readonly keep: (trace: NewTrace) => void;
  /** After everything that was to be kept before. @throws AppError 503 where the file cannot be used */
  readonly ask: <Name extends Exclude<keyof TraceJobs, 'keep'>>(
    name: Name,
    ...asked: Parameters<TraceJobs[Name]>
  ) => Promise<ReturnType<TraceJobs[Name]>>;
  /** False as long as nothing was ever kept. */
  readonly isThere: () => boolean;
  /** Writes what waits, for at most some seconds, and closes the file. */
  readonly close: () => Promise<void>;
};

export type TraceAsk = {
  readonly number: number;
  readonly name: keyof TraceJobs | 'close';
  readonly ask: unknown;
};
export type TraceAnswer =
  | { readonly number: number; readonly result: unknown }
  | { readonly number: number; readonly failure: Failure };
type Failure = {
  readonly message: string;
  readonly details?: Pick<AppErrorDetails, 'status' | 'code' | 'param'>;
};

type Services = { readonly path: string; readonly timers: Timers; readonly log: Logger };

/** Some 100 KB each at most. */
const mostWaiting = 500;
const mostTries = 20;
const retryMs = 2_000;
const longestCloseMs = 5_000;

type Waiting = { readonly resolve: (result: unknown) => void; readonly reject: (error: unknown) => void };

/** `:memory:` is kept in this thread: for tests. */
export function openTraces(services: Services): TraceStore {
  return services.path === ':memory:' ? inPlace() : inThread(services);
}

function inPlace(): TraceStore {
  const file = openTraceFile(':memory:');
  const jobs = traceJobs(file);
  return {
    keep: jobs.keep,
    async ask(name, ...asked) {
      const job = jobs[name] as (ask: unknown) => unknown;
      return job(asked[0]) as never;
    },
    isThere: () => true,
    async close() {
      file.db.close();
    },
  };
}

function inThread({ path, timers, log }: Services): TraceStore {
  /** Not yet written, by their number in the order they came; with how often it was tried. */
  const unwritten = new Map<number, { readonly trace: NewTrace; tries: number }>();
  const waiting = new Map<number, Waiting>();
  let thread: Worker | null = null;
  let count = 0;
  let lost = 0;
  let isInTrouble = false;
  let isClosed = false;
  let onWritten = (): void => {};

  function start(): Worker {
    // The extension of this very file: .ts in development, .js when built.
    const entry = new URL(`./trace-worker${extname(import.meta.url)}`, import.meta.url);
    const worker = new Worker(entry, {
      workerData: { path },
      execArgv: [],
      env: {},
      stdout: true,
      stderr: true,
    });
    worker.unref();
    worker.on('message', (answer: TraceAnswer) => take(answer));
    worker.on('error', (error) => trouble(error.message));
    worker.on('exit', () => {
      if (thread === worker) thread = null;
      for (const { reject } of waiting.values()) reject(unusable());
      waiting.clear();
      for (const number of unwritten.keys()) failed(number, 'its thread has ended');
    });
    return worker;
  }
  function send(number: number, name: TraceAsk['name'], ask: unknown): void {
    thread ??= start();
    thread.postMessage({ number, name, ask } satisfies TraceAsk);
  }
  /** Whoever serves must never hear of it when there is no room for a thread. */
  function sendOne(number: number, trace: NewTrace): void {
    try {
      send(number, 'keep', trace);
    } catch (error) {
      failed(number, error instanceof Error ? error.message : 'unknown');
    }
  }
  function take(answer: TraceAnswer): void {
    const { number } = answer;
    if (unwritten.has(number)) {
      if ('failure' in answer) failed(number, answer.failure.message);
      else written(number);
      return;
    }
    const asked = waiting.get(number);
    waiting.delete(number);
    if ('failure' in answer) asked?.reject(toError(answer.failure));
    else asked?.resolve(answer.result);
  }
  function written(number: number): void {
    unwritten.delete(number);
    if (isInTrouble) log.info('Traces can be written again.', lost === 0 ? {} : { lost });
    isInTrouble = false;
    onWritten();
  }
  function failed(number: number, reason: string): void {
    const record = unwritten.get(number);
    if (record === undefined) return;
    trouble(reason);
    record.tries += 1;
    if (record.tries >= mostTries) {
      unwritten.delete(number);
      lost += 1;
      onWritten();
    } else if (!isClosed) {
      timers.after(retryMs, () => {
        if (unwritten.has(number) && !isClosed) sendOne(number, record.trace);
      });
    }
  }
  /** Told once, until it is over: a full disk must not fill the server's log as well. */
  function trouble(reason: string): void {
    if (isInTrouble) return;
    isInTrouble = true;
    log.error('Traces cannot be written; requests go on, and what is to be kept is tried again.', { reason });
  }
  async function allWritten(): Promise<void> {
    if (unwritten.size === 0) return;
    const done = Promise.withResolvers<void>();
    onWritten = () => {
      if (unwritten.size === 0) done.resolve();
    };
    const timeout = setTimeout(done.resolve, longestCloseMs).unref();
    await done.promise;
    clearTimeout(timeout);
  }
  function ask(name: TraceAsk['name'], asked: unknown): Promise<unknown> {
    const number = (count += 1);
    return new Promise((resolve, reject) => {
      waiting.set(number, { resolve, reject });
      send(number, name, asked);
    });
  }
  return {
    keep(trace) {
      if (isClosed) return;
      if (unwritten.size >= mostWaiting) {
        lost += 1;
        trouble('too many wait to be written');
        return;
      }
      const number = (count += 1);
      unwritten.set(number, { trace, tries: 0 });
      sendOne(number, trace);
    },
    async ask(name, ...asked) {
      if (isClosed) throw unusable();
      // The job's own type; the thread answers what the job returns.
      return (await ask(name, asked[0])) as never;
    },
    isThere: () => thread !== null || existsSync(path),
    async close() {
      if (isClosed) return;
      await allWritten();
      isClosed = true;
      if (unwritten.size > 0)
        log.error('Some traces could not be written and are lost.', { lost: unwritten.size });
      if (thread === null) return;
      await ask('close', null).catch(() => undefined);
      await thread?.terminate();
    },
  };
}

function toError({ message, details }: Failure): Error {
  return details === undefined ? new Error(message) : new AppError(message, details);
}

function unusable(): AppError {
  return new AppError(
    'The kept prompts cannot be reached at the moment; requests are served all the same. Please try again.',
    { status: 503, code: 'traces_unavailable', retryable: true },
  );
}
