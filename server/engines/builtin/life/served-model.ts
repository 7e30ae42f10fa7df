import type { ReadyModel } from '../../../core/engine.ts';
import { AppError } from '../../../core/errors.ts';
import type { GeneratePart, GenerateRequest } from '../../../core/generate.ts';
import type { CardClaim } from '../../../core/graphics.ts';
import {
  usualKeepAliveMinutes,
  type ModelDescription,
  type ModelSettings,
  type ModelState,
} from '../../../core/model.ts';
import { backOffMs } from './back-off.ts';
import { createCrashRecord } from './crash-record.ts';
import { describeLoad } from './describe-load.ts';
import { createKeepAlive } from './keep-alive.ts';
import { checkModelFile, type LibraryModel } from './library.ts';
import { modelUnavailable } from './load-failure.ts';
import { loadWishOf, needsFreshLoad } from './load-wish.ts';
import type { RoomUser } from './memory-room.ts';
import { modelBusy, modelUnloaded, serverStopping, unlessAborted } from './model-errors.ts';
import { loadModel, type LoadNews, type LoadWish } from './model-loading.ts';
import {
  engineFailed,
  startModelProcess,
  type AnswerTo,
  type Crash,
  type ModelProcess,
} from './model-process.ts';
import type { EngineMemory, EngineQuestion, LoadedInfo } from '../protocol.ts';
import { mainTask } from '../tasks.ts';
import type { ServedModelOptions } from './served-model-options.ts';

export type ServedModel = {
  readonly ensureReady: (signal: AbortSignal) => Promise<ReadyModel>;
  /** Tries a load that was refused, or would be, because the memory may not be enough. */
  readonly loadAnyway: () => Promise<void>;
  readonly generate: (request: GenerateRequest, signal: AbortSignal) => AsyncGenerator<GeneratePart>;
  /** What is answered at once: the task it is loaded for, or the count of a prompt's tokens. */
  readonly ask: <Question extends EngineQuestion>(
    question: Question,
    signal: AbortSignal,
  ) => Promise<AnswerTo<Question>>;
  readonly unload: () => Promise<void>;
  readonly stop: () => Promise<void>;
  /** What the file looks like now; a change takes effect at the next load. */
  readonly setFile: (file: LibraryModel) => void;
  /** Throws an AppError 409 where the change needs a fresh load and the model is in use. */
  readonly assertMayChange: (next: ModelSettings) => void;
  /** After the settings were changed from `before`. A change of slots or context loads an idle model anew. */
  readonly settingsChanged: (before: ModelSettings) => void;
  /** Whether it takes memory, or is about to. */
  readonly isLoaded: () => boolean;
  readonly asRoomUser: RoomUser;
  /** What it takes of the graphics cards; null while it is not loaded. */
  readonly claim: () => CardClaim | null;
  readonly describe: () => ModelDescription;
};

/** Who was told that the model is ready comes with the request at once, or not at all. */
const promiseMs = 5000;

/**
 * One model's life:
 *
 *     off ──ensureReady──► loading ──► ready ⇄ busy ──unload, idle, eviction──► draining ──► off
 *      ▲                      │           │
 *      └── next ensureReady ──┴── failed  └── crash, hung ──► off ──after a pause──► loading
 *
 * However many ask, it is loaded once; who gives up waiting does not stop the load for the others. A crash fails the
 * requests of that process; a fresh one is started after 1 s, and after ever longer pauses up to 30 s when it crashes
 * again before it has answered anything. Who asks meanwhile waits for it.
 */
export function createServedModel(options: ServedModelOptions): ServedModel {
  const { log, clock, timers, room, onChange } = options;
  const key = options.task === 'generate' ? options.file.id : `${options.file.id} (${options.task})`;
  let { file } = options;
  let process: ModelProcess | null = null;
  let ready: LoadedInfo | null = null;
  let readySinceMs = 0;
  let loading: Promise<LoadedInfo> | null = null;
  let draining: Promise<void> | null = null;
  let progress = 0;
  let news: LoadNews = { waitingFor: null, attempts: [], estimatedBytes: null, isRefused: false };
  let failure: string | null = null;
  /** Loads that failed, in a row. */
  let failures = 0;
  let failedUntilMs = -Infinity;
  let correction = 1;
  let lastUsedMs = 0;
  let promisedMs = -Infinity;
  let isIdle = Promise.withResolvers<void>();
  let isStopped = false;
  /** Raised by every unload, so that a load which still waits for its turn knows that it is not wanted any more. */
  let loads = 0;
  /** For the next load only. */
  let isForced = false;
  const keepAlive = createKeepAlive({
    clock,
    timers,
    onExpired() {
      if (ready === null || active() > 0) return;
      log.info('A model is unloaded because nobody has used it for a while.', { model: key });
      void unload();
    },
  });

  const crashes = createCrashRecord({
    clock,
    timers,
    restart() {
      if (!isStopped) load().catch(() => {});
    },
  });

  const active = (): number => process?.activeRequests() ?? 0;
  const memory = (): EngineMemory | null =>
    ready === null ? null : (process?.stats()?.memory ?? ready.memory);

  // --- loading ---------------------------------------------------------------------------------------------

  async function ensureReady(signal: AbortSignal): Promise<ReadyModel> {
    signal.throwIfAborted();
    if (isStopped) throw serverStopping();
    const loaded = await unlessAborted(ready !== null && draining === null ? ready : load(), signal);
    promisedMs = clock.monotonicMs();
    lastUsedMs = promisedMs;
    return { slots: loaded.slots, contextTokens: loaded.contextTokens };
  }

  async function loadAnyway(): Promise<void> {
    if (isStopped) throw serverStopping();
    // One that is under way may yet find that it has no room.
    await loading?.catch(() => {});
    if (ready !== null && draining === null) return;
    isForced = true;
    failedUntilMs = -Infinity;
    log.warn('A model is loaded although its memory may not be enough: the owner wants it so.', {
      model: key,
    });
    try {
      await load();
    } finally {
      isForced = false;
    }
  }

  function load(): Promise<LoadedInfo> {
    if (loading !== null) return loading;
    const heldBack = options.heldBack();
    if (heldBack !== null) return Promise.reject(heldBack);
    const pauseMs = failedUntilMs - clock.monotonicMs();
    // What has just failed would fail again; whoever asks is told at once.
    if (failure !== null && pauseMs > 0) {
      return Promise.reject(modelUnavailable(file.id, failure, Math.ceil(pauseMs / 1000)));
    }
    progress = 0;
    const begun = loadOnce();
    loading = begun;
    void begun.then(
      () => loaded(begun),
      () => loaded(begun),
    );
    onChange();
    return loading;
  }

  function loaded(begun: Promise<LoadedInfo>): void {
    if (loading === begun) loading = null;
    news = { ...news, waitingFor: null };
    rest();
    onChange();
  }

  async function loadOnce(): Promise<LoadedInfo> {
    const myLoads = loads;
    const assertWanted = (): void => {
      if (isStopped) throw serverStopping();
      if (myLoads !== loads) throw modelUnloaded(file.id);
    };
    if (draining !== null) await draining;
    await pauseAfterCrash();
    assertWanted();
    failure = null;
    try {
      const info = await loadModel(await wish(), {
        room,
        start,
        assertWanted,
        inTurn: options.inTurn,
        nowMs: clock.monotonicMs,
        tell(told) {
          if (told.attempts.length > news.attempts.length) progress = 0;
          news = told;
          onChange();
        },
      });
      assertWanted();
      settle(info);
      return info;
    } catch (error) {
      if (error instanceof AppError && error.code === 'model_unavailable') noteFailure(error);
      throw error;
    }
  }

  /** The file may have changed, gone or been repaired since the library was scanned. */
  async function wish(): Promise<LoadWish> {
    file = { ...file, ...(await checkModelFile(file.path)) };
    const { task, threads } = options;
    return loadWishOf(file, { key, task, threads, settings: options.settings(), correction, isForced });
  }

  function settle(info: LoadedInfo): void {
    ready = info;
    readySinceMs = clock.nowMs();
    failures = 0;
    const measured = info.memory.rssBytes + info.memory.gpuBytes;
    if (news.estimatedBytes !== null && measured > 0) {
      correction = Math.min(2, Math.max(0.25, (correction * measured) / news.estimatedBytes));
    }
    const { slots, contextTokens, backend, threads } = info;
    log.info('A model is loaded.', {
      model: key,
      pid: process?.pid,
      slots,
      contextTokens,
      backend,
      threads,
      memoryBytes: measured,
      estimatedBytes: news.estimatedBytes,
      attempts: news.attempts.length,
    });
  }

  function noteFailure(error: AppError): void {
    const cause = news.attempts.at(-1)?.cause ?? error.message;
    log.error('A model could not be loaded.', { model: key, cause, attempts: news.attempts.length });
    failure = error.message.replace(/^The model `[^`]*` cannot be used now\. /, '');
    failures += 1;
    failedUntilMs = clock.monotonicMs() + (file.reason === null ? backOffMs(failures) : 0);
  }

  function start(): ModelProcess {
    progress = 0;
    const started: ModelProcess = startModelProcess({
      modelId: key,
      entry: options.entry,
      task: options.task,
      log,
      clock,
      timers,
      onProgress(percent) {
        progress = percent;
        onChange();
      },
      onActivity() {
        lastUsedMs = clock.monotonicMs();
        if (started.activeRequests() === 0) {
          isIdle.resolve();
          room.changed();
        }
        rest();
        onChange();
      },
      onCrash: (crash) => noteCrash(crash),
      onExit() {
        if (process !== started) return;
        process = null;
        ready = null;
        isIdle.resolve();
        rest();
        room.changed();
        onChange();
      },
    });
    process = started;
    return started;
  }

  // --- crashes ---------------------------------------------------------------------------------------------

  /** A crash while it loads is one more way that failed; only one that served people is started again by itself. */
  function noteCrash(crash: Crash): AppError {
    if (ready === null) return engineFailed(file.id, 1);
    const pauseMs = crashes.note(crash);
    return engineFailed(file.id, Math.ceil(pauseMs / 1000));
  }

  async function pauseAfterCrash(): Promise<void> {
    const pauseMs = crashes.pauseMs();
    if (pauseMs <= 0) return;
    news = { ...news, waitingFor: 'restart' };
    onChange();
    const { promise, resolve } = Promise.withResolvers<void>();
    const cancel = timers.after(pauseMs, resolve);
    await Promise.race([promise, woken.promise]);
    cancel();
  }

  // --- serving ---------------------------------------------------------------------------------------------

  async function* generate(request: GenerateRequest, signal: AbortSignal): AsyncGenerator<GeneratePart> {
    const serving = await servingProcess(signal);
    yield* serving.generate(request, signal);
    crashes.answered();
  }

  async function ask<Question extends EngineQuestion>(
    question: Question,
    signal: AbortSignal,
  ): Promise<AnswerTo<Question>> {
    const serving = await servingProcess(signal);
    const answer = await serving.ask(question, signal);
    crashes.answered();
    return answer;
  }

  /** Between `ensureReady` and a slot's turn the process may have died or been unloaded. */
  async function servingProcess(signal: AbortSignal): Promise<ModelProcess> {
    if (ready === null || draining !== null) await ensureReady(signal);
    promisedMs = -Infinity;
    if (process === null) throw serverStopping();
    return process;
  }

  // --- ending ----------------------------------------------------------------------------------------------

  let woken = Promise.withResolvers<void>();
  /** Loads that wait for something look whether they are still wanted. */
  function wake(): void {
    woken.resolve();
    woken = Promise.withResolvers();
    room.changed();
  }

  function unload(): Promise<void> {
    loads += 1;
    crashes.cancelRestart();
    failedUntilMs = -Infinity;
    wake();
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
    await leaving.end(modelUnloaded(file.id));
  }

  /** Counts down to the unloading while nobody uses it. */
  function rest(): void {
    const { pinned, keepAliveMinutes } = options.settings();
    if (ready === null || active() > 0) keepAlive.disarm();
    else keepAlive.arm(pinned ? null : (keepAliveMinutes ?? usualKeepAliveMinutes));
  }

  // --- settings --------------------------------------------------------------------------------------------

  function assertMayChange(next: ModelSettings): void {
    if (!needsFreshLoad(options.settings(), next) || (ready === null && loading === null)) return;
    if (active() === 0 && loading === null) return;
    throw modelBusy(file.id, loading !== null);
  }

  function settingsChanged(before: ModelSettings): void {
    if (needsFreshLoad(before, options.settings()) && ready !== null && draining === null) {
      const reloaded = unload().then(() => load());
      reloaded.catch(() => {});
    }
    rest();
    onChange();
  }

  function reasonOf(): string | null {
    return loading === null && ready === null ? (failure ?? file.reason) : null;
  }

  function stateOf(): ModelState {
    if (loading !== null) return 'loading';
    if (ready === null) return reasonOf() === null ? 'off' : 'failed';
    return active() > 0 ? 'busy' : 'ready';
  }

  return {
    ensureReady,
    loadAnyway,
    generate,
    ask,
    unload,
    assertMayChange,
    settingsChanged,
    async stop() {
      isStopped = true;
      crashes.cancelRestart();
      keepAlive.disarm();
      wake();
      await process?.end(serverStopping());
      await loading?.catch(() => {});
    },
    setFile(changed) {
      file = changed;
    },
    isLoaded: () => process !== null || loading !== null,
    asRoomUser: {
      key,
      evict: unload,
      mappedBytes: () => memory()?.mappedBytes ?? 0,
      tenant() {
        const taken = memory();
        if (taken === null) return null;
        const isPromised = clock.monotonicMs() - promisedMs < promiseMs;
        return {
          ramBytes: taken.rssBytes,
          gpuBytes: taken.gpuBytes,
          isIdle: active() === 0 && draining === null && !isPromised,
          isPinned: options.settings().pinned,
          lastUsedMs,
        };
      },
    },
    claim: () =>
      ready === null ? null : { model: file.id, pid: process?.pid ?? null, bytes: memory()?.gpuBytes ?? 0 },
    describe() {
      const { id, source, path, sizeBytes, modifiedMs } = file;
      return {
        id,
        engine: options.engineId,
        task: mainTask(file),
        source,
        path,
        sizeBytes,
        modifiedMs,
        reason: reasonOf(),
        ...(news.isRefused && failure !== null && stateOf() === 'failed' ? { isTooBig: true } : {}),
        state: stateOf(),
        progressPercent: loading === null ? null : progress,
        ...describeLoad({ ready, stats: process?.stats() ?? null, taken: memory(), news }),
        activeSlots: active(),
        waitingFor: loading === null ? null : news.waitingFor,
        keepAliveUntilMs: keepAlive.untilMs(),
        crashes: crashes.count(),
        lastCrash: crashes.last(),
        settings: options.settings(),
        ...(file.header === undefined ? {} : { header: file.header }),
        readySinceMs: ready === null ? null : readySinceMs,
      };
    },
  };
}
