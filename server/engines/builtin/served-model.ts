import type { ReadyModel } from '../../core/engine.ts';
import { AppError } from '../../core/errors.ts';
import type { GeneratePart, GenerateRequest } from '../../core/generate.ts';
import type { Logger } from '../../core/logger.ts';
import type { ModelDescription, ModelState } from '../../core/model.ts';
import { checkModelFile, type LibraryModel } from './library.ts';
import { describeLoadFailure, modelUnavailable } from './load-failure.ts';
import { startModelProcess, type ModelProcess } from './model-process.ts';
import type { LoadedInfo, LoadOptions } from './protocol.ts';

export type ServedModel = {
  readonly ensureReady: (signal: AbortSignal) => Promise<ReadyModel>;
  readonly generate: (request: GenerateRequest, signal: AbortSignal) => AsyncGenerator<GeneratePart>;
  readonly unload: () => Promise<void>;
  readonly stop: () => Promise<void>;
  /** What the file looks like now; a change takes effect at the next load. */
  readonly setFile: (file: LibraryModel) => void;
  /** Whether it takes memory, or is about to. */
  readonly isLoaded: () => boolean;
  readonly describe: () => ModelDescription;
};

export type ServedModelOptions = {
  readonly file: LibraryModel;
  readonly engineId: string;
  readonly entry: URL;
  readonly threads: number | null;
  readonly log: Logger;
  readonly onChange: () => void;
  /** Loads run one at a time: the library's reservations of memory hold within one process only. */
  readonly inTurn: <Result>(work: () => Promise<Result>) => Promise<Result>;
};

/** The starter model is small: eight people at once also on a computer without a GPU. */
const starterSlots = { slots: 8, contextTokens: 4096 };

/**
 * One model's life:
 *
 *     off ──ensureReady──► loading ──► ready ⇄ busy ──unload──► draining ──► off
 *      ▲                      │           │
 *      └── next ensureReady ──┴── failed  └── crash ──► off
 *
 * However many ask, it is loaded once; who gives up waiting does not stop the load for the others. A crash fails the
 * requests of that process, and the next `ensureReady` starts a fresh one.
 */
export function createServedModel(options: ServedModelOptions): ServedModel {
  const { log, onChange } = options;
  let { file } = options;
  let process: ModelProcess | null = null;
  let ready: LoadedInfo | null = null;
  let loading: Promise<LoadedInfo> | null = null;
  let draining: Promise<void> | null = null;
  let progress = 0;
  let failure: string | null = null;
  let isIdle = Promise.withResolvers<void>();
  let isStopped = false;
  /** Raised by every unload, so that a load which still waits for its turn knows that it is not wanted any more. */
  let loads = 0;

  // --- loading ---------------------------------------------------------------------------------------------

  async function ensureReady(signal: AbortSignal): Promise<ReadyModel> {
    signal.throwIfAborted();
    if (isStopped) throw stopping();
    const { slots, contextTokens } = await unlessAborted(
      ready !== null && draining === null ? ready : load(),
      signal,
    );
    return { slots, contextTokens };
  }

  function load(): Promise<LoadedInfo> {
    loading ??= loadOnce().finally(() => {
      loading = null;
      onChange();
    });
    progress = 0;
    onChange();
    return loading;
  }

  async function loadOnce(): Promise<LoadedInfo> {
    const myLoads = loads;
    await draining;
    return options.inTurn(async () => {
      await assertUsable();
      if (isStopped) throw stopping();
      if (myLoads !== loads) throw unloaded(file.id);
      const started = start();
      process = started;
      try {
        ready = await started.loaded;
        failure = null;
        const { slots, contextTokens, backend, threads } = ready;
        log.info('A model is loaded.', {
          model: file.id,
          pid: started.pid,
          slots,
          contextTokens,
          backend,
          threads,
        });
        return ready;
      } catch (error) {
        await started.end(stopping());
        if (error instanceof AppError) throw error;
        const cause = error instanceof Error ? error.message : String(error);
        log.error('A model could not be loaded.', { model: file.id, cause });
        failure = describeLoadFailure(cause);
        throw modelUnavailable(file.id, failure);
      }
    });
  }

  /** The file may have changed, gone or been repaired since the library was scanned. */
  async function assertUsable(): Promise<void> {
    file = { ...file, ...(await checkModelFile(file.path)) };
    failure = null;
    if (file.reason !== null) throw modelUnavailable(file.id, file.reason);
  }

  function loadOptions(): LoadOptions {
    const sizes = file.source === 'starter' ? starterSlots : { slots: null, contextTokens: null };
    return { path: file.path, threads: options.threads, ...sizes };
  }

  function start(): ModelProcess {
    const started: ModelProcess = startModelProcess({
      modelId: file.id,
      entry: options.entry,
      load: loadOptions(),
      log,
      onProgress(percent) {
        progress = percent;
        onChange();
      },
      onActivity() {
        if (started.activeRequests() === 0) isIdle.resolve();
        onChange();
      },
      onExit() {
        if (process !== started) return;
        process = null;
        ready = null;
        isIdle.resolve();
        onChange();
      },
    });
    return started;
  }

  // --- serving and ending ----------------------------------------------------------------------------------

  async function* generate(request: GenerateRequest, signal: AbortSignal): AsyncGenerator<GeneratePart> {
    // Between `ensureReady` and a slot's turn the process may have died or been unloaded.
    if (ready === null || draining !== null) await ensureReady(signal);
    if (process === null) throw stopping();
    yield* process.generate(request, signal);
  }

  function unload(): Promise<void> {
    loads += 1;
    draining ??= drain().finally(() => {
      draining = null;
      onChange();
    });
    return draining;
  }

  async function drain(): Promise<void> {
    const leaving = process;
    if (leaving === null) return;
    if (ready !== null && leaving.activeRequests() > 0) {
      isIdle = Promise.withResolvers();
      await isIdle.promise;
    }
    await leaving.end(unloaded(file.id));
  }

  function reasonOf(): string | null {
    return loading === null && ready === null ? (failure ?? file.reason) : null;
  }

  function stateOf(): ModelState {
    if (loading !== null) return 'loading';
    if (ready === null) return reasonOf() === null ? 'off' : 'failed';
    return process !== null && process.activeRequests() > 0 ? 'busy' : 'ready';
  }

  return {
    ensureReady,
    generate,
    unload,
    async stop() {
      isStopped = true;
      await process?.end(stopping());
      await loading?.catch(() => {});
    },
    setFile(changed) {
      file = changed;
    },
    isLoaded: () => process !== null || loading !== null,
    describe() {
      const active = process?.activeRequests() ?? 0;
      const stats = process?.stats() ?? null;
      const { id, source, path, sizeBytes, modifiedMs } = file;
      return {
        id,
        engine: options.engineId,
        source,
        path,
        sizeBytes,
        modifiedMs,
        reason: reasonOf(),
        state: stateOf(),
        progressPercent: loading === null ? null : progress,
        contextTokens: ready?.contextTokens ?? null,
        slots: ready?.slots ?? null,
        activeSlots: active,
        backend: ready?.backend ?? null,
        threads: ready === null ? null : (stats?.threads ?? ready.threads),
        decodes: ready === null ? null : (stats?.decodes ?? 0),
        generatedTokens: ready === null ? null : (stats?.generatedTokens ?? 0),
      };
    },
  };
}

/** Waits for what others wait for too, but no longer than the signal allows. */
async function unlessAborted<Value>(work: Promise<Value> | Value, signal: AbortSignal): Promise<Value> {
  const aborted = Promise.withResolvers<never>();
  const onAbort = () => aborted.reject(signal.reason as Error);
  signal.addEventListener('abort', onAbort, { once: true });
  try {
    return await Promise.race([work, aborted.promise]);
  } finally {
    signal.removeEventListener('abort', onAbort);
  }
}

function stopping(): AppError {
  return new AppError('The server is stopping. Please try again when it is back.', {
    status: 503,
    code: 'server_stopping',
    retryAfterSeconds: 5,
  });
}

function unloaded(modelId: string): AppError {
  return new AppError(
    `The model \`${modelId}\` has just been unloaded. Please try again; it is loaded on demand.`,
    {
      status: 503,
      code: 'model_unloaded',
      retryAfterSeconds: 1,
    },
  );
}
