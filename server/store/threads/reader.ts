import { extname } from 'node:path';
import { Worker } from 'node:worker_threads';
import { AppError, type AppErrorDetails } from '../../core/errors.ts';
import type { Store } from '../open.ts';
import { readJobs, type ReadJobs } from './read-jobs.ts';

/** Reads of the log that may take long, away from the thread that serves requests. */
export type Reader = {
  /**
   * One question at a time, in their order.
   * @throws AppError 503 when it takes too long, too much is asked at once, or the thread has died; the next question
   *   finds a new thread. What the job itself throws is thrown here.
   */
  readonly read: <Name extends keyof ReadJobs>(
    name: Name,
    ...ask: Parameters<ReadJobs[Name]>
  ) => Promise<ReturnType<ReadJobs[Name]>>;
  /** Ends the thread; what is asked afterwards is refused. */
  readonly close: () => Promise<void>;
};

export type ReadAsk = { readonly number: number; readonly name: keyof ReadJobs; readonly ask: unknown };
export type ReadAnswer =
  | { readonly number: number; readonly result: unknown }
  | { readonly number: number; readonly failure: Failure };
type Failure = {
  readonly message: string;
  /** Absent: not an error of ours. */
  readonly details?: Pick<AppErrorDetails, 'status' | 'code' | 'param'>;
};

export type ReaderLimits = { readonly timeoutMs: number; readonly mostWaiting: number };
const usualLimits: ReaderLimits = { timeoutMs: 30_000, mostWaiting: 200 };

/**
 * Begins no thread before the first question. A database in memory cannot be opened twice, so it is read where it is: in
 * tests only.
 */
export function openReader(store: Store, limits: ReaderLimits = usualLimits): Reader {
  const path = store.db.name;
  if (path === ':memory:') return readInPlace(store);
  let thread: ReadThread | null = null;
  let isClosed = false;
  return {
    async read(name, ...ask) {
      if (isClosed) throw stopped();
      thread ??= startThread(path, limits, () => (thread = null));
      // The job's own type; the thread answers what the job returns.
      return (await thread.ask(name, ask[0])) as never;
    },
    async close() {
      isClosed = true;
      await thread?.end(stopped());
    },
  };
}

function readInPlace(store: Store): Reader {
  const jobs = readJobs(store);
  return {
    async read(name, ...ask) {
      const job = jobs[name] as (asked: unknown) => unknown;
      return job(ask[0]) as never;
    },
    async close() {},
  };
}

type ReadThread = {
  readonly ask: (name: keyof ReadJobs, ask: unknown) => Promise<unknown>;
  readonly end: (reason: AppError) => Promise<void>;
};

type Waiting = { readonly resolve: (result: unknown) => void; readonly reject: (error: unknown) => void };

function startThread(path: string, limits: ReaderLimits, onEnded: () => void): ReadThread {
  // The extension of this very file: .ts in development, .js when built.
  const entry = new URL(`./read-worker${extname(import.meta.url)}`, import.meta.url);
  const worker = new Worker(entry, {
    workerData: { path },
    execArgv: [],
    env: {},
    stdout: true,
    stderr: true,
  });
  worker.unref();
  const waiting = new Map<number, Waiting>();
  let count = 0;
  let timer: NodeJS.Timeout | null = null;
  let hasEnded = false;

  /** It works on one question at a time, so only the oldest can be late. */
  function watch(): void {
    if (timer !== null) clearTimeout(timer);
    timer = waiting.size === 0 ? null : setTimeout(() => void end(tookTooLong()), limits.timeoutMs).unref();
  }
  async function end(reason: AppError): Promise<void> {
    if (!hasEnded) {
      hasEnded = true;
      onEnded();
      for (const { reject } of waiting.values()) reject(reason);
      waiting.clear();
      watch();
    }
    await worker.terminate();
  }
  worker.on('message', (answer: ReadAnswer) => {
    const asked = waiting.get(answer.number);
    waiting.delete(answer.number);
    watch();
    if ('failure' in answer) asked?.reject(toError(answer.failure));
    else asked?.resolve(answer.result);
  });
  worker.on('error', (error) => void end(died(error)));
  worker.on('exit', () => void end(died()));
  return {
    ask(name, ask) {
      if (waiting.size >= limits.mostWaiting) return Promise.reject(tooMuchAsked());
      const number = (count += 1);
      return new Promise((resolve, reject) => {
        waiting.set(number, { resolve, reject });
        if (waiting.size === 1) watch();
        worker.postMessage({ number, name, ask } satisfies ReadAsk);
      });
    },
    end,
  };
}

function toError({ message, details }: Failure): Error {
  return details === undefined ? new Error(message) : new AppError(message, details);
}

function tookTooLong(): AppError {
  return new AppError(
    'Reading the log took too long and was given up. Choose a shorter time or fewer filters.',
    {
      status: 503,
      code: 'read_timeout',
      retryable: true,
    },
  );
}

function tooMuchAsked(): AppError {
  return new AppError('Too much is being read from the log at once. Please try again in a moment.', {
    status: 503,
    code: 'read_busy',
    retryAfterSeconds: 5,
  });
}

function died(cause?: unknown): AppError {
  return new AppError(
    'Reading the log was interrupted; requests are served all the same. Please try again.',
    {
      status: 503,
      code: 'read_failed',
      retryable: true,
      cause,
    },
  );
}

function stopped(): AppError {
  return new AppError('The server is being stopped.', {
    status: 503,
    code: 'server_stopping',
    retryAfterSeconds: 5,
  });
}
