import { extname } from 'node:path';
import type { Task } from '../../core/ask.ts';
import { systemClock, systemTimers, type Clock, type Timers } from '../../core/clock.ts';
import type { Machine } from '../../core/download.ts';
import type { Engine } from '../../core/engine.ts';
import { modelNotFound, type AppError } from '../../core/errors.ts';
import type { GraphicsView } from '../../core/graphics.ts';
import type { Logger } from '../../core/logger.ts';
import { usualModelSettings, type ModelDescription, type ModelSettings } from '../../core/model.ts';
import { createGraphicsView } from './graphics/graphics-view.ts';
import { readRam, type RamState } from './life/free-memory.ts';
import { createLibraryMemory, scanLibrary, type LibraryModel, type LibrarySources } from './life/library.ts';
import { createMachineView, inspectOnce, surveyOnce } from './life/machine.ts';
import { createRoom } from './life/memory-room.ts';
import { serverStopping } from './life/model-errors.ts';
import { toEngineRequest } from './life/model-process.ts';
import { createServedModel, type ServedModel } from './life/served-model.ts';
import { assertCanDo, mainTask } from './tasks.ts';
import { createChatCheck } from './chat/tool-grammar.ts';
import { assertTextOnly } from './chat/tool-messages.ts';

export type BuiltinEngineOptions = {
  readonly sources: LibrarySources;
  readonly log: Logger;
  /** Something in `models()` has changed. May come often while loading; counters alone do not call it. */
  readonly onChange?: (models: readonly ModelDescription[]) => void;
  /** Instead of one less than the processor's cores. */
  readonly threads?: number;
  /** Where the owner's settings of the models are kept; without, nothing is remembered. */
  readonly settings?: ModelSettingsKeeper;
  /** Null while models may be loaded; else what is told to who asks for one. Absent: they always may. */
  readonly heldBack?: () => AppError | null;
  /** Instead of the real engine process, for tests. */
  readonly engineProcess?: URL;
  readonly clock?: Clock;
  readonly timers?: Timers;
  /** Instead of this computer's memory, for tests. */
  readonly readRam?: () => RamState;
};

export type ModelSettingsKeeper = {
  readonly get: (modelId: string) => ModelSettings;
  readonly set: (modelId: string, settings: ModelSettings) => void;
};

export type BuiltinEngine = Engine & {
  /** Looks at the folders and files again. To be called once at start and whenever files were added or removed. */
  readonly rescan: () => Promise<void>;
  /** Begins to load what the owner wants loaded from the start; failures are in the models' states and the log. */
  readonly preload: () => void;
  /**
   * Changes what the owner has set for a model; counts at once.
   * @throws AppError 404, 409 while it is in use and the change needs a fresh load
   */
  readonly configure: (modelId: string, change: Partial<ModelSettings>) => void;
  /** Loads a model although its memory may not be enough. @throws AppError 404, and as `ensureReady` rejects */
  readonly loadAnyway: (modelId: string) => Promise<void>;
  /** This computer's memory, the GPU's included: whether a model would fit. */
  readonly machine: () => Promise<Machine>;
  /** The graphics cards, what the engine makes of them, and what its models hold there; as they are now, or were a moment ago. */
  readonly graphics: () => Promise<GraphicsView>;
};

const builtinEngineId = 'builtin';

/** The engine that Inglenook brings along: llama.cpp through node-llama-cpp, one process per loaded model. */
export function createBuiltinEngine(options: BuiltinEngineOptions): BuiltinEngine {
  const served = new Map<string, ServedModel>();
  /** Models of `served` that are loaded for something else as well, by task and id: a chat model that embeds. */
  const beside = new Map<string, ServedModel>();
  const files = new Map<string, LibraryModel>();
  const memory = createLibraryMemory();
  const inTurn = createTurns();
  const checkChat = createChatCheck();
  const settings = options.settings ?? forgetfulKeeper();
  const timers = options.timers ?? systemTimers;
  const clock = options.clock ?? systemClock;
  const entry = options.engineProcess ?? engineProcessEntry();
  const stopping = new AbortController();
  const view = createMachineView({
    readRam: options.readRam ?? readRam,
    clock,
    survey: () => surveyOnce({ entry, log: options.log, clock, timers, signal: stopping.signal }),
    log: options.log,
  });
  const lookAtCards = createGraphicsView({
    inspect: () => inspectOnce({ entry, log: options.log, clock, timers, signal: stopping.signal }),
    clock,
    log: options.log,
  });
  const room = createRoom({
    users: () => [...served.values(), ...beside.values()].map((model) => model.asRoomUser),
    readRam: options.readRam ?? readRam,
    onSurvey: view.note,
    timers,
    log: options.log,
  });
  let scanning: Promise<void> = Promise.resolve();

  const models = (): ModelDescription[] => [...served.values()].map((model) => model.describe());
  const changed = (): void => options.onChange?.(models());

  function serve(file: LibraryModel, task: Task): ServedModel {
    return createServedModel({
      file,
      task,
      engineId: builtinEngineId,
      entry,
      threads: options.threads ?? null,
      log: options.log,
      clock,
      timers,
      room,
      heldBack: options.heldBack ?? (() => null),
      settings: () =>
        task === mainTask(file) ? settings.get(file.id) : besideSettings(settings.get(file.id)),
      onChange: changed,
      inTurn,
    });
  }

  async function scan(): Promise<void> {
    const present = await scanLibrary(options.sources, memory);
    const found = new Set(present.map((file) => file.id));
    for (const file of present) {
      const known = served.get(file.id);
      files.set(file.id, file);
      if (known === undefined) served.set(file.id, serve(file, mainTask(file)));
      else known.setFile(file);
      for (const model of besides(file.id)) model.setFile(file);
    }
    for (const [id, model] of served) {
      // A model that still answers stays until it is unloaded, even when its file has gone.
      if (!found.has(id) && ![model, ...besides(id)].some((known) => known.isLoaded())) served.delete(id);
    }
    changed();
  }

  function besides(modelId: string): ServedModel[] {
    return [...beside].flatMap(([key, model]) => (key.endsWith(`/${modelId}`) ? [model] : []));
  }

  /** @throws AppError 404 where there is no such model, 400 where it cannot do this */
  function find(modelId: string, task?: Task): ServedModel {
    const model = served.get(modelId);
    const file = files.get(modelId);
    if (model === undefined || file === undefined) throw modelNotFound(modelId);
    if (task === undefined || task === mainTask(file)) return model;
    assertCanDo(file, task);
    const key = `${task}/${modelId}`;
    const known = beside.get(key) ?? serve(file, task);
    beside.set(key, known);
    return known;
  }

  return {
    id: builtinEngineId,
    models,
    ensureReady: async (modelId, signal, task) => find(modelId, task).ensureReady(signal),
    check({ messages, chat }) {
      assertTextOnly(messages);
      return chat === undefined ? [] : checkChat(chat);
    },
    generate: (request, signal) => find(request.model, 'generate').generate(request, signal),
    async embed({ model, inputs, dimensions }, signal) {
      return find(model, 'embed').ask({ type: 'embed', inputs, dimensions }, signal);
    },
    async rerank({ model, query, documents }, signal) {
      return find(model, 'rerank').ask({ type: 'rerank', query, documents }, signal);
    },
    async countTokens(request, signal) {
      const question = { type: 'count-tokens', request: toEngineRequest(request) } as const;
      return (await find(request.model, 'generate').ask(question, signal)).promptTokens;
    },
    async unload(modelId) {
      await Promise.all([find(modelId), ...besides(modelId)].map((model) => model.unload()));
    },
    async stop() {
      stopping.abort(serverStopping());
      await Promise.all([...served.values(), ...beside.values()].map((model) => model.stop()));
      await Promise.all([view.settled(), lookAtCards.settled()]);
    },
    machine: view.read,
    async graphics() {
      const facts = await lookAtCards.read();
      const claims = [...served.values(), ...beside.values()].map((model) => model.claim());
      return { facts, claims: claims.filter((claim) => claim !== null) };
    },
    loadAnyway: (modelId) => find(modelId).loadAnyway(),
    preload() {
      for (const [id, model] of served) {
        if (settings.get(id).preload) model.ensureReady(new AbortController().signal).catch(() => {});
      }
    },
    configure(modelId, change) {
      const affected = [find(modelId), ...besides(modelId)];
      const before = settings.get(modelId);
      const next = { ...before, ...change };
      for (const model of affected) model.assertMayChange(next);
      settings.set(modelId, next);
      for (const model of affected) model.settingsChanged(before);
    },
    rescan() {
      scanning = scanning.then(scan, scan);
      return scanning;
    },
  };
}

/** Beside this file, with the same extension: .ts in development, .js when built. */
function engineProcessEntry(): URL {
  return new URL(`./engine-process${extname(import.meta.url)}`, import.meta.url);
}

/** What the owner has chosen is meant for a model's main task. */
function besideSettings({ keepAliveMinutes }: ModelSettings): ModelSettings {
  return { ...usualModelSettings, keepAliveMinutes };
}

function forgetfulKeeper(): ModelSettingsKeeper {
  const kept = new Map<string, ModelSettings>();
  return {
    get: (modelId) => kept.get(modelId) ?? usualModelSettings,
    set: (modelId, settings) => void kept.set(modelId, settings),
  };
}

/** Runs what it is given one after the other. */
function createTurns(): <Result>(work: () => Promise<Result>) => Promise<Result> {
  let last: Promise<unknown> = Promise.resolve();
  return (work) => {
    const result = last.then(work);
    last = result.catch(() => {});
    return result;
  };
}
