import { fork, type ChildProcess } from 'node:child_process';
import { AppError } from '../../core/errors.ts';
import type { GeneratePart, GenerateRequest } from '../../core/generate.ts';
import type { Logger } from '../../core/logger.ts';
import { createPartQueue, type PartQueue } from './part-queue.ts';
import type {
  AcceptedJob,
  EngineStats,
  FromEngine,
  LoadedInfo,
  LoadOptions,
  TickReport,
  ToEngine,
  WireError,
} from './protocol.ts';

/** One engine process, from its start to its end; see served-model.ts for what comes after. */
export type ModelProcess = {
  /** Rejects with LoadFailed, or with the error given to `end`. */
  readonly loaded: Promise<LoadedInfo>;
  readonly pid: number | undefined;
  readonly generate: (request: GenerateRequest, signal: AbortSignal) => AsyncGenerator<GeneratePart>;
  readonly activeRequests: () => number;
  readonly stats: () => EngineStats | null;
  /** Kills it; its requests fail with `error`. Resolves when the process is gone. */
  readonly end: (error: AppError) => Promise<void>;
};

export type ModelProcessOptions = {
  readonly modelId: string;
  readonly entry: URL;
  readonly load: LoadOptions;
  readonly log: Logger;
  readonly onProgress: (percent: number) => void;
  /** The number of its requests has changed. */
  readonly onActivity: () => void;
  readonly onExit: () => void;
};

/** Why a model could not be loaded, in the engine's words: for the log and for `describeLoadFailure`. */
class LoadFailed extends Error {
  override readonly name = 'LoadFailed';
}

type Request = { readonly queue: PartQueue; accepted: AcceptedJob | null };

export function startModelProcess(options: ModelProcessOptions): ModelProcess {
  const { modelId, log } = options;
  const child = forkEngine(options.entry);
  const requests = new Map<number, Request>();
  const loaded = Promise.withResolvers<LoadedInfo>();
  const gone = Promise.withResolvers<void>();
  loaded.promise.catch(() => {});
  let lastWords = '';
  let stats: EngineStats | null = null;
  let endError: AppError | null = null;
  let nextId = 1;

  function send(message: ToEngine): void {
    // A process that has just died has no channel; its exit tells the requests.
    if (child.connected) child.send(message, () => {});
  }

  function forget(id: number): void {
    if (requests.delete(id)) options.onActivity();
  }

  function receive(message: FromEngine): void {
    switch (message.type) {
      case 'progress':
        options.onProgress(message.percent);
        break;
      case 'ready':
        loaded.resolve(message);
        break;
      case 'load-failed':
        loaded.reject(new LoadFailed(message.reason));
        break;
      case 'tick':
        stats = message.stats;
        distribute(message);
        break;
      case 'refused':
        requests.get(message.id)?.queue.fail(fromWireError(message.error));
        forget(message.id);
        break;
      case 'log':
        log[message.level](message.message, { model: modelId });
        break;
      default:
        message satisfies never;
    }
  }

  function distribute(report: TickReport): void {
    for (const accepted of report.accepted) {
      const request = requests.get(accepted.id);
      if (request === undefined) continue;
      request.accepted = accepted;
      const { promptTokens, cachedTokens } = accepted;
      request.queue.push({ type: 'start', promptTokens, cachedTokens });
    }
    for (const { id, text, tokens } of report.text) {
      requests.get(id)?.queue.push({ type: 'text-delta', text, tokens });
    }
    for (const { id, reason, completionTokens } of report.finished) {
      const request = requests.get(id);
      const { promptTokens, cachedTokens } = request?.accepted ?? { promptTokens: 0, cachedTokens: 0 };
      const usage = { promptTokens, cachedTokens, completionTokens };
      request?.queue.push({ type: 'finish', reason, usage });
      forget(id);
    }
    for (const { id, error } of report.failed) {
      requests.get(id)?.queue.fail(fromWireError(error));
      forget(id);
    }
  }

  function onEnd(how: string): void {
    const error = endError ?? engineFailed(modelId);
    if (endError === null)
      log.error('An engine process ended unexpectedly.', { model: modelId, how, lastWords });
    loaded.reject(endError ?? new LoadFailed(`the engine process ended (${how})`));
    for (const { queue } of requests.values()) queue.fail(error);
    requests.clear();
    gone.resolve();
    options.onExit();
  }

  child.on('message', (message) => receive(message as FromEngine));
  child.on('error', (error) => {
    // Also sent for a process that could not be started at all; then no exit follows.
    if (child.pid === undefined) onEnd(error.message);
  });
  // Later than the messages that were already on their way.
  child.on('exit', (code, signal) => setImmediate(onEnd, signal ?? `exit code ${code}`));
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    lastWords = (lastWords + text).slice(-500);
  });
  send({ type: 'load', options: options.load });

  async function* generate(request: GenerateRequest, signal: AbortSignal): AsyncGenerator<GeneratePart> {
    signal.throwIfAborted();
    if (endError !== null || !child.connected) throw endError ?? engineFailed(modelId);
    const id = nextId;
    nextId += 1;
    const queue = createPartQueue();
    requests.set(id, { queue, accepted: null });
    const onAbort = () => queue.abort(signal.reason);
    signal.addEventListener('abort', onAbort, { once: true });
    options.onActivity();
    const { messages, maxTokens, stop, sampling, cacheScope } = request;
    send({ type: 'generate', id, request: { messages, maxTokens, stop, sampling, cacheScope } });
    try {
      for (;;) {
        const part = await queue.next();
        yield part;
        if (part.type === 'finish') return;
      }
    } finally {
      signal.removeEventListener('abort', onAbort);
      // Still known: the reader has left before the end, or has been told to.
      if (requests.has(id)) send({ type: 'cancel', id });
      forget(id);
    }
  }

  return {
    loaded: loaded.promise,
    pid: child.pid,
    generate,
    activeRequests: () => requests.size,
    stats: () => stats,
    async end(error) {
      endError ??= error;
      child.kill('SIGKILL');
      await gone.promise;
    },
  };
}

/** More than the most slots (8) and the library's own needs; its sampling runs on these threads. */
const threadPoolSize = '16';

function forkEngine(entry: URL): ChildProcess {
  const inherited = Object.entries(process.env).filter(([name]) => !name.startsWith('INGLENOOK_'));
  return fork(entry, [], {
    serialization: 'advanced',
    execArgv: [],
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    env: {
      ...Object.fromEntries(inherited),
      UV_THREADPOOL_SIZE: threadPoolSize,
      NODE_LLAMA_CPP_SKIP_DOWNLOAD: 'true',
      // Within Electron the same executable must behave as plain Node.
      ...(process.versions['electron'] === undefined ? {} : { ELECTRON_RUN_AS_NODE: '1' }),
    },
  });
}

function engineFailed(modelId: string): AppError {
  return new AppError(
    `The engine of the model \`${modelId}\` stopped unexpectedly. A fresh one is started for the next request; please try again.`,
    { status: 503, code: 'engine_failed', retryAfterSeconds: 1, source: 'engine' },
  );
}

function fromWireError(error: WireError): AppError {
  const { message, status, code, param, retryAfterSeconds } = error;
  return new AppError(message, {
    status,
    code,
    ...(param === null ? {} : { param }),
    ...(retryAfterSeconds === null ? {} : { retryAfterSeconds }),
    source: status < 500 ? 'inglenook' : 'engine',
  });
}
