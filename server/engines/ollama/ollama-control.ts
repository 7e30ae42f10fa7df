import { setTimeout as sleep } from 'node:timers/promises';
import type { Clock, Timers } from '../../core/clock.ts';
import type { Engine } from '../../core/engine.ts';
import { AppError, modelNotFound, toAppError } from '../../core/errors.ts';
import type { Logger } from '../../core/logger.ts';
import type { IsOffline } from '../../core/offline.ts';
import type { ModelDescription } from '../../core/model.ts';
import type { OllamaControl, OllamaSettings, OllamaState } from '../../core/ollama.ts';
import { raced } from '../raced.ts';
import { whileFailed } from '../openai/upstream-errors.ts';
import { findOllamaProgram, isSafeVersion, ollamaAddress } from './find-ollama.ts';
import { createOllamaEngine, type OllamaEngine } from './ollama-engine.ts';
import { startOllama, type OllamaProcess } from './ollama-process.ts';
import { createPulls } from './pulls.ts';

export type OllamaOptions = {
  readonly settings: { readonly get: () => OllamaSettings; readonly set: (settings: OllamaSettings) => void };
  /** Where somebody's own is told to listen (`OLLAMA_HOST`); null for the usual place. */
  readonly host: string | null;
  /** Folders that programs are looked for in. */
  readonly searchPath: readonly string[];
  /** What ours is given of this program's environment. */
  readonly environment: Readonly<Record<string, string>>;
  readonly pidFile: string;
  readonly isOffline: IsOffline;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly log: Logger;
  /** Models or state have changed. */
  readonly onChange: () => void;
};

export type ManagedOllama = OllamaControl & {
  /** One engine, whichever Ollama is behind it just now; without models while there is none. */
  readonly engine: Engine;
  /** Takes up what the owner had set. */
  readonly begin: () => void;
  /** Ends ours; somebody's own goes on. */
  readonly stop: () => Promise<void>;
};

/** What answers now; `process` is null for somebody's own. */
type Running = {
  readonly process: OllamaProcess | null;
  readonly engine: OllamaEngine;
  readonly version: string;
};

const startMs = 30_000;
const lookEveryMs = 250;
const mostRestarts = 5;
/** After so long without a crash the count begins anew. */
const healthyMs = 600_000;
/** Somebody's own that was started without a word about it serves one request at a time. */
const theirSlots = 1;

/** Finds Ollama, starts and stops our own, or uses somebody's as it is. */
export function createOllama(options: OllamaOptions): ManagedOllama {
  const { settings, clock, timers, log, onChange } = options;
  const theirAddress = ollamaAddress(options.host);
  let running: Running | null = null;
  let phase: Pick<OllamaState, 'state' | 'reason'> = { state: 'off', reason: null };
  /** Its models as they were last. */
  let before: readonly ModelDescription[] = [];
  /** Resolves when it no longer starts. */
  let settled = Promise.withResolvers<void>();
  let restartPending = false;
  let crashes: number[] = [];
  let isStopping = false;
  /** One change after the other. */
  let queue: Promise<void> = Promise.resolve();

  const pulls = createPulls({
    isOffline: options.isOffline,
    client: () => requireRunning().engine.client,
    onChange,
    onDone: () => void running?.engine.refresh(new AbortController().signal),
  });

  function setPhase(state: OllamaState['state'], reason: string | null = null): void {
    phase = { state, reason };
    if (state === 'off') before = [];
    if (state !== 'starting') {
      settled.resolve();
      settled = Promise.withResolvers();
    }
    onChange();
  }

  /** Its models stay listed while it is started again, so that requests wait for it instead of being told that there are none. */
  function listed(): readonly ModelDescription[] {
    if (running !== null && phase.state === 'ready') return (before = running.engine.models());
    const state = phase.state === 'failed' ? 'failed' : 'loading';
    return before.map((model) => ({ ...model, state, reason: phase.reason, activeSlots: 0 }));
  }

  /** The one that answers now, or will in a moment. */
  async function present(modelId: string, signal: AbortSignal): Promise<OllamaEngine> {
    while (phase.state === 'starting') {
      signal.throwIfAborted();
      await raced(settled.promise, signal);
    }
    if (running !== null) return running.engine;
    if (before.length === 0) throw modelNotFound(modelId);
    throw whileFailed('Ollama', null);
  }

  /** `ours`: what ours was started with; null for somebody's own. */
  function engineAt(address: string, ours: OllamaSettings | null): OllamaEngine {
    return createOllamaEngine({
      id: 'ollama',
      name: 'Ollama',
      address,
      source: 'ollama',
      mayLeave: false,
      apiKey: null,
      slots: () => ours?.requestsAtOnce ?? theirSlots,
      modelsAtOnce: () => ours?.modelsAtOnce ?? null,
      contextTokens: () => settings.get().contextTokens,
      clock,
      timers,
      onChange: () => {
        onChange();
        restartWhenIdle();
      },
    });
  }

  function inTurn(work: () => Promise<void>): Promise<void> {
    queue = queue.then(work, work);
    return queue;
  }

  async function takeUp(): Promise<void> {
    const { use } = settings.get();
    if (use === 'none' || isStopping) {
      await putDown();
      return setPhase('off');
    }
    listed();
    setPhase('starting');
    await putDown();
    try {
      const next = use === 'own' ? await startOwn() : await useTheirs();
      running = next;
      // Its models are known before anybody is told that it is there.
      await next.engine.refresh(new AbortController().signal);
      // It may have ended meanwhile, and then starts anew.
      if (running === next) setPhase('ready');
    } catch (error) {
      setPhase('failed', toAppError(error).message);
      log.warn('Ollama could not be used.', { reason: toAppError(error).message });
    }
  }

  async function useTheirs(): Promise<Running> {
    const engine = engineAt(theirAddress, null);
    try {
      return { process: null, engine, version: await engine.client.version(AbortSignal.timeout(startMs)) };
    } catch (error) {
      await engine.stop();
      throw error;
    }
  }

  async function startOwn(): Promise<Running> {
    const program = await findOllamaProgram(options.searchPath);
    if (program === null) throw notInstalled();
    const { environment, pidFile } = options;
    const ours = settings.get();
    const process = await startOllama({ program, settings: ours, environment, pidFile, log });
    const engine = engineAt(process.address, ours);
    try {
      const version = await untilItAnswers(process, engine);
      void process.ended.then((lastWords) => crashed(process, lastWords));
      log.info('Ollama was started.', { address: process.address, version });
      return { process, engine, version };
    } catch (error) {
      await Promise.all([process.stop(), engine.stop()]);
      throw error;
    }
  }

  async function putDown(): Promise<void> {
    const last = running;
    running = null;
    restartPending = false;
    if (last === null) return;
    await last.engine.stop();
    await last.process?.stop();
  }

  /** Ours has ended by itself: it is started again, but not for ever. */
  function crashed(process: OllamaProcess, lastWords: string): void {
    if (isStopping || running?.process !== process) return;
    const nowMs = clock.nowMs();
    crashes = [...crashes.filter((ms) => nowMs - ms < healthyMs), nowMs];
    listed();
    const { engine } = running;
    running = null;
    void engine.stop();
    const said = lastWords === '' ? '' : ` Its last words: ${lastWords}`;
    log.warn('Ollama has ended by itself.', { crashes: crashes.length });
    if (crashes.length > mostRestarts) {
      return setPhase(
        'failed',
        `Ollama has ended by itself ${crashes.length} times, so it is left alone.${said}`,
      );
    }
    setPhase('starting', `Ollama has ended by itself and is started again.${said}`);
    timers.after(1_000 * 2 ** (crashes.length - 1), () => void inTurn(takeUpAgain));
  }

  async function takeUpAgain(): Promise<void> {
    if (running === null) await takeUp();
  }

  function restartWhenIdle(): void {
    if (!restartPending || (running?.engine.active() ?? 0) > 0) return;
    restartPending = false;
    void inTurn(takeUp);
  }

  function requireRunning(): Running {
    if (running !== null) return running;
    throw new AppError(phase.reason ?? 'Ollama is not used just now. Start it, or use the one that runs.', {
      status: 409,
      code: 'ollama_off',
    });
  }

  async function read(signal: AbortSignal): Promise<OllamaState> {
    const [program, theirs] = await Promise.all([findOllamaProgram(options.searchPath), findTheirs(signal)]);
    const version = running?.version ?? null;
    const warnings = [version, theirs?.version ?? null]
      .filter((one) => one !== null && !isSafeVersion(one))
      .slice(0, 1)
      .map((one) => `Ollama ${one} has a known hole that model files can use; install 0.17.1 or later.`);
    return {
      found: theirs !== null ? 'running' : program !== null ? 'installed' : 'missing',
      theirs,
      program,
      ...phase,
      address: running === null ? null : (running.process?.address ?? theirAddress),
      version,
      warnings,
      restartPending,
      settings: settings.get(),
      pulls: pulls.list(),
    };
  }

  /** Asked for its version and nothing else. */
  async function findTheirs(signal: AbortSignal): Promise<OllamaState['theirs']> {
    const engine = engineAt(theirAddress, null);
    try {
      return { address: theirAddress, version: await engine.client.version(signal) };
    } catch {
      signal.throwIfAborted();
      return null;
    } finally {
      engine.retire();
    }
  }

  async function configure(change: Partial<OllamaSettings>): Promise<OllamaState> {
    const before = settings.get();
    const after = { ...before, ...change };
    settings.set(after);
    if (before.use !== after.use || phase.state === 'failed') {
      crashes = [];
      await inTurn(takeUp);
    } else if (running?.process != null && isReadAtStart(before, after)) {
      restartPending = true;
      restartWhenIdle();
      await queue;
    }
    return await read(new AbortController().signal);
  }

  return {
    engine: engineOver({ current: () => running?.engine ?? null, present, models: listed }),
    read,
    configure,
    pull: (model) => {
      requireRunning();
      return pulls.begin(model);
    },
    cancelPull: pulls.cancel,
    cancelPulls: pulls.stop,
    begin() {
      if (settings.get().use !== 'none') void inTurn(takeUp);
    },
    async stop() {
      isStopping = true;
      pulls.stop();
      await inTurn(putDown);
    },
  };
}

/** What it reads at its start; the size of a conversation goes along with every request. */
function isReadAtStart(before: OllamaSettings, after: OllamaSettings): boolean {
  return (
    before.requestsAtOnce !== after.requestsAtOnce ||
    before.modelsAtOnce !== after.modelsAtOnce ||
    before.keepAliveMinutes !== after.keepAliveMinutes
  );
}

async function untilItAnswers(process: OllamaProcess, engine: OllamaEngine): Promise<string> {
  const late = AbortSignal.timeout(startMs);
  const gone = new AbortController();
  void process.ended.then((lastWords) => gone.abort(endedAtStart(lastWords)));
  for (;;) {
    gone.signal.throwIfAborted();
    if (late.aborted)
      throw new AppError('Ollama was started but does not answer.', { status: 504, code: 'ollama_silent' });
    const version = await engine.client.version(AbortSignal.any([late, gone.signal])).catch(() => null);
    if (version !== null) return version;
    await sleep(lookEveryMs);
  }
}

function endedAtStart(lastWords: string): AppError {
  const said = lastWords === '' ? '' : ` It says: ${lastWords}`;
  return new AppError(`Ollama ended as soon as it was started.${said}`, {
    status: 502,
    code: 'ollama_failed',
  });
}

function notInstalled(): AppError {
  return new AppError(
    'Ollama is not installed on this computer. Install it from its maker, then start it here.',
    {
      status: 409,
      code: 'ollama_missing',
    },
  );
}

type Behind = {
  readonly current: () => OllamaEngine | null;
  readonly present: (modelId: string, signal: AbortSignal) => Promise<OllamaEngine>;
  readonly models: () => readonly ModelDescription[];
};

/** The same engine for the routing, whatever stands behind it. */
function engineOver({ current, present, models }: Behind): Engine {
  const holding = (modelId: string): OllamaEngine => {
    const engine = current();
    if (engine === null) throw modelNotFound(modelId);
    return engine;
  };
  return {
    id: 'ollama',
    isRemote: true,
    computesHere: true,
    models,
    check: (request) => current()?.check?.(request) ?? [],
    async probe(signal) {
      await current()?.probe?.(signal);
    },
    ensureReady: async (modelId, signal, task) =>
      await (await present(modelId, signal)).ensureReady(modelId, signal, task),
    generate: (request, signal) => holding(request.model).generate(request, signal),
    embed: async (request, signal) => await holding(request.model).embed(request, signal),
    rerank: async (request, signal) => await holding(request.model).rerank(request, signal),
    countTokens: async (request, signal) => await holding(request.model).countTokens(request, signal),
    unload: async (modelId) => await holding(modelId).unload(modelId),
    stop: async () => {},
  };
}
