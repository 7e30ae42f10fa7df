import { fork, type ChildProcess } from 'node:child_process';
import { constants, setPriority } from 'node:os';
import type { Task } from '../../../core/ask.ts';
import type { Clock, Timers } from '../../../core/clock.ts';
import { AppError } from '../../../core/errors.ts';
import type { GeneratePart, GenerateRequest } from '../../../core/generate.ts';
import type { GraphicsFacts } from '../../../core/graphics.ts';
import type { Logger } from '../../../core/logger.ts';
import type { Backend } from '../../../core/model.ts';
import { createPartQueue, type PartQueue } from './part-queue.ts';
import { plainChat } from '../chat/tool-options.ts';
import type {
  AcceptedJob,
  EngineAnswer,
  EngineMachine,
  EngineQuestion,
  EngineRequest,
  EngineStats,
  FromEngine,
  LoadedInfo,
  LoadOptions,
  TickReport,
  ToEngine,
  WireError,
} from '../protocol.ts';
import { createWatchdog } from './watchdog.ts';

/** One engine process, from its start to its end; see served-model.ts for what comes after. */
export type ModelProcess = {
  /** What the computer has, measured now. Rejects as `load` does. */
  readonly survey: (backend: Backend | 'auto') => Promise<EngineMachine>;
  /** What the graphics cards are. Rejects as `load` does. */
  readonly inspect: () => Promise<GraphicsFacts>;
  /** Once, after a survey. Rejects with LoadFailed, or with the error given to `end`. */
  readonly load: (options: LoadOptions) => Promise<LoadedInfo>;
  readonly pid: number | undefined;
  readonly generate: (request: GenerateRequest, signal: AbortSignal) => AsyncGenerator<GeneratePart>;
  /** Rejects with an AppError, or with the signal's reason. */
  readonly ask: <Question extends EngineQuestion>(
    question: Question,
    signal: AbortSignal,
  ) => Promise<AnswerTo<Question>>;
  readonly activeRequests: () => number;
  readonly stats: () => EngineStats | null;
  /** Kills it; its requests fail with `error`. Resolves when the process is gone. */
  readonly end: (error: AppError) => Promise<void>;
};

export type AnswerTo<Question extends EngineQuestion> = Extract<
  EngineAnswer,
  { readonly type: Question['type'] }
>;

export type ModelProcessOptions = {
  readonly modelId: string;
  readonly entry: URL;
  readonly task: Task;
  readonly log: Logger;
  readonly clock: Pick<Clock, 'monotonicMs'>;
  readonly timers: Pick<Timers, 'after'>;
  readonly onProgress: (percent: number) => void;
  /** The number of its requests has changed. */
  readonly onActivity: () => void;
  /** It has ended by itself; its requests are told the error. Not called after `end`. */
  readonly onCrash: (crash: Crash) => AppError;
  readonly onExit: () => void;
};

/** `hung`: it had work and was silent. `broken`: it gave up after a failed computation. */
export type Crash = {
  readonly kind: 'hung' | 'broken' | 'died';
  /** The signal, exit code or reason. */
  readonly how: string;
};

/** Why a model could not be loaded, in the engine's words: for the log and for `describeLoadFailure`. */
export class LoadFailed extends Error {
  override readonly name = 'LoadFailed';
  /** Null where the engine itself has said why. */
  readonly crash: Crash | null;
  constructor(message: string, crash: Crash | null) {
    super(message);
    this.crash = crash;
  }
}

type Request = { readonly queue: PartQueue; accepted: AcceptedJob | null };

export function startModelProcess(options: ModelProcessOptions): ModelProcess {
  const { modelId, log } = options;
  const child = forkEngine(options.entry);
  if (options.task !== 'generate') giveWay(child);
  const requests = new Map<number, Request>();
  const questions = new Map<number, PromiseWithResolvers<EngineAnswer>>();
  const loaded = Promise.withResolvers<LoadedInfo>();
  let surveyed = Promise.withResolvers<EngineMachine>();
  const inspected = Promise.withResolvers<GraphicsFacts>();
  const gone = Promise.withResolvers<void>();
  loaded.promise.catch(() => {});
  surveyed.promise.catch(() => {});
  inspected.promise.catch(() => {});
  const whileLoading = createWatchdog({ ...options, mostSilentMs: mostSilentLoadMs, onHung });
  const watchdog = createWatchdog({ ...options, onHung });
  let crash: Crash | null = null;
  let lastWords = '';
  let stats: EngineStats | null = null;
  let endError: AppError | null = null;
  let nextId = 1;

  function onHung(silentMs: number): void {
    log.error('An engine process does not answer any more and is ended.', { model: modelId, silentMs });
    crash = { kind: 'hung', how: `silent for ${Math.round(silentMs / 1000)} s` };
    child.kill('SIGKILL');
  }

  function onActivity(): void {
    watchdog.setBusy(requests.size + questions.size > 0);
    options.onActivity();
  }

  function send(message: ToEngine): void {
    // A process that has just died has no channel; its exit tells the requests.
    if (child.connected) child.send(message, () => {});
  }

  function forget(id: number): void {
    if (requests.delete(id) || questions.delete(id)) onActivity();
  }

  function receive(message: FromEngine): void {
    whileLoading.sign();
    if (message.type === 'reading') watchdog.tickBegan(message.tokens);
    else watchdog.sign();
    switch (message.type) {
      case 'machine':
        surveyed.resolve(message);
        break;
      case 'inspected':
        inspected.resolve(message.graphics);
        break;
      case 'progress':
        options.onProgress(message.percent);
        break;
      case 'ready':
        whileLoading.stop();
        loaded.resolve(message);
        break;
      case 'load-failed':
        whileLoading.stop();
        failLoad(new LoadFailed(message.reason, null));
        break;
      case 'reading':
        break;
      case 'broken':
        crash = { kind: 'broken', how: message.reason };
        log.error('An engine gives up after a failed computation.', { model: modelId, how: message.reason });
        break;
      case 'tick':
        stats = message.stats;
        distribute(message);
        break;
      case 'answered':
        questions.get(message.id)?.resolve(message.answer);
        forget(message.id);
        break;
      case 'refused':
        requests.get(message.id)?.queue.fail(fromWireError(message.error));
        questions.get(message.id)?.reject(fromWireError(message.error));
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
      const { id: _id, ...start } = accepted;
      request.queue.push({ type: 'start', ...start });
    }
    for (const { id, piece, ...rest } of report.text) requests.get(id)?.queue.push({ ...piece, ...rest });
    for (const { id, completionTokens, reasoningTokens, ...ending } of report.finished) {
      const request = requests.get(id);
      const { promptTokens, cachedTokens } = request?.accepted ?? { promptTokens: 0, cachedTokens: 0 };
      const usage = { promptTokens, cachedTokens, completionTokens, reasoningTokens };
      request?.queue.push({ type: 'finish', ...ending, usage });
      forget(id);
    }
    for (const { id, error } of report.failed) {
      requests.get(id)?.queue.fail(fromWireError(error));
      forget(id);
    }
  }

  function failLoad(error: Error): void {
    surveyed.reject(error);
    inspected.reject(error);
    loaded.reject(error);
  }

  function onEnd(how: string): void {
    whileLoading.stop();
    watchdog.stop();
    crash ??= { kind: 'died', how };
    failLoad(endError ?? new LoadFailed(`the engine process ended (${crash.how})`, crash));
    let error = endError;
    if (error === null) {
      log.error('An engine process ended unexpectedly.', { model: modelId, how: crash.how, lastWords });
      error = options.onCrash(crash);
    }
    for (const { queue } of requests.values()) queue.fail(error);
    for (const { reject } of questions.values()) reject(error);
    requests.clear();
    questions.clear();
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
  async function* generate(request: GenerateRequest, signal: AbortSignal): AsyncGenerator<GeneratePart> {
    signal.throwIfAborted();
    if (endError !== null || !child.connected) throw endError ?? engineFailed(modelId, 1);
    const id = nextId;
    nextId += 1;
    const queue = createPartQueue();
    requests.set(id, { queue, accepted: null });
    const onAbort = () => queue.abort(signal.reason);
    signal.addEventListener('abort', onAbort, { once: true });
    onActivity();
    send({ type: 'generate', id, request: toEngineRequest(request) });
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

  async function ask<Question extends EngineQuestion>(
    question: Question,
    signal: AbortSignal,
  ): Promise<AnswerTo<Question>> {
    signal.throwIfAborted();
    if (endError !== null || !child.connected) throw endError ?? engineFailed(modelId, 1);
    const id = nextId;
    nextId += 1;
    const answer = Promise.withResolvers<EngineAnswer>();
    questions.set(id, answer);
    const onAbort = () => answer.reject(signal.reason as Error);
    signal.addEventListener('abort', onAbort, { once: true });
    onActivity();
    send({ type: 'ask', id, question });
    try {
      return (await answer.promise) as AnswerTo<Question>;
    } finally {
      signal.removeEventListener('abort', onAbort);
      if (questions.has(id)) send({ type: 'cancel', id });
      forget(id);
    }
  }

  return {
    survey(backend) {
      surveyed = Promise.withResolvers();
      whileLoading.setBusy(true);
      if (child.connected) send({ type: 'survey', backend });
      else surveyed.reject(endError ?? new LoadFailed('the engine process ended', crash));
      return surveyed.promise;
    },
    inspect() {
      whileLoading.setBusy(true);
      if (child.connected) send({ type: 'inspect' });
      else inspected.reject(endError ?? new LoadFailed('the engine process ended', crash));
      return inspected.promise;
    },
    load(loadOptions) {
      whileLoading.setBusy(true);
      send({ type: 'load', options: loadOptions });
      return loaded.promise;
    },
    pid: child.pid,
    generate,
    ask,
    activeRequests: () => requests.size + questions.size,
    stats: () => stats,
    async end(error) {
      endError ??= error;
      child.kill('SIGKILL');
      await gone.promise;
    },
  };
}

export function toEngineRequest(request: GenerateRequest): EngineRequest {
  const { messages, maxTokens, stop, sampling, cacheScope, replaces, raw, logprobs, ignoreEos, chat } =
    request;
  return {
    messages,
    maxTokens,
    stop,
    sampling,
    cacheScope,
    replaces: replaces ?? null,
    raw: raw ?? null,
    logprobs: logprobs ?? null,
    ignoreEos: ignoreEos ?? false,
    chat: chat ?? plainChat,
  };
}

/** Reading a large model's weights from a slow disk tells its progress; silence for so long is none. */
const mostSilentLoadMs = 180_000;

/** More than the most slots (16) and the library's own needs; its sampling runs on these threads. */
const threadPoolSize = '24';

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

/** Indexing a folder may take hours; people who wait for words come first. Set before it has started any thread. */
function giveWay({ pid }: ChildProcess): void {
  try {
    if (pid !== undefined) setPriority(pid, constants.priority.PRIORITY_BELOW_NORMAL);
  } catch {
    // Not allowed, or already gone: it works without.
  }
}

/** What the requests of a process that ended by itself are told. */
export function engineFailed(modelId: string, retryAfterSeconds: number): AppError {
  return new AppError(
    `The engine of the model \`${modelId}\` stopped unexpectedly. A fresh one is being started; please try again in ${retryAfterSeconds} s.`,
    { status: 503, code: 'engine_failed', retryAfterSeconds, source: 'engine' },
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
