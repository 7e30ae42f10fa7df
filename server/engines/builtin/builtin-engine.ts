import { extname } from 'node:path';
import type { Engine } from '../../core/engine.ts';
import { modelNotFound } from '../../core/errors.ts';
import type { Logger } from '../../core/logger.ts';
import type { ModelDescription } from '../../core/model.ts';
import { createLibraryMemory, scanLibrary, type LibraryModel, type LibrarySources } from './library.ts';
import { createServedModel, type ServedModel } from './served-model.ts';

export type BuiltinEngineOptions = {
  readonly sources: LibrarySources;
  readonly log: Logger;
  /** Something in `models()` has changed. May come often while loading; counters alone do not call it. */
  readonly onChange?: (models: readonly ModelDescription[]) => void;
  /** Instead of one less than the processor's cores. */
  readonly threads?: number;
  /** Instead of the real engine process, for tests. */
  readonly engineProcess?: URL;
};

export type BuiltinEngine = Engine & {
  /** Looks at the folders and files again. To be called once at start and whenever files were added or removed. */
  readonly rescan: () => Promise<void>;
};

const builtinEngineId = 'builtin';

/** The engine that Inglenook brings along: llama.cpp through node-llama-cpp, one process per loaded model. */
export function createBuiltinEngine(options: BuiltinEngineOptions): BuiltinEngine {
  const served = new Map<string, ServedModel>();
  const memory = createLibraryMemory();
  const inTurn = createTurns();
  let scanning: Promise<void> = Promise.resolve();

  const models = (): ModelDescription[] => [...served.values()].map((model) => model.describe());
  const changed = (): void => options.onChange?.(models());

  function serve(file: LibraryModel): ServedModel {
    return createServedModel({
      file,
      engineId: builtinEngineId,
      entry: options.engineProcess ?? engineProcessEntry(),
      threads: options.threads ?? null,
      log: options.log,
      onChange: changed,
      inTurn,
    });
  }

  async function scan(): Promise<void> {
    const files = await scanLibrary(options.sources, memory);
    const found = new Set(files.map((file) => file.id));
    for (const file of files) {
      const known = served.get(file.id);
      if (known === undefined) served.set(file.id, serve(file));
      else known.setFile(file);
    }
    for (const [id, model] of served) {
      // A model that still answers stays until it is unloaded, even when its file has gone.
      if (!found.has(id) && !model.isLoaded()) served.delete(id);
    }
    changed();
  }

  function find(modelId: string): ServedModel {
    const model = served.get(modelId);
    if (model === undefined) throw modelNotFound(modelId);
    return model;
  }

  return {
    id: builtinEngineId,
    models,
    ensureReady: async (modelId, signal) => find(modelId).ensureReady(signal),
    generate: (request, signal) => find(request.model).generate(request, signal),
    unload: async (modelId) => find(modelId).unload(),
    async stop() {
      await Promise.all([...served.values()].map((model) => model.stop()));
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

/** Runs what it is given one after the other. */
function createTurns(): <Result>(work: () => Promise<Result>) => Promise<Result> {
  let last: Promise<unknown> = Promise.resolve();
  return (work) => {
    const result = last.then(work);
    last = result.catch(() => {});
    return result;
  };
}
