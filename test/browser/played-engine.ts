import { basename } from 'node:path';
import type { EngineHooks, FileEngine } from '../../server/compose-foundation.ts';
import type { ModelDescription } from '../../server/core/model.ts';
import {
  createFakeEngine,
  describeModel,
  type FakeEngine,
  type FakeEngineOptions,
} from '../fakes/fake-engine.ts';

export type PlayedEngine = FileEngine & {
  readonly seen: FakeEngine['seen'];
  /** Shows a model in another state, as a real engine would report it, and tells the console. */
  readonly show: (modelId: string, change: Partial<ModelDescription>) => void;
};

/** The fake engine with what a console sees of a real one: changes are announced, files come and go. */
export function createPlayedEngine(hooks: EngineHooks, options: FakeEngineOptions = {}): PlayedEngine {
  const fake = createFakeEngine(options);
  const shown = new Map<string, Partial<ModelDescription>>();
  const announce = (): void => hooks.onChange(models());

  function models(): ModelDescription[] {
    return [...fake.models(), ...hooks.addedFiles().map(describeFile)].map((model) => ({
      ...model,
      ...shown.get(model.id),
    }));
  }

  /** From here on the fake engine itself says how the model is. */
  function forgetState(modelId: string): void {
    const { state: _state, progressPercent: _percent, reason: _reason, ...kept } = shown.get(modelId) ?? {};
    shown.set(modelId, kept);
    announce();
  }

  return {
    ...fake,
    models,
    rescan: async () => announce(),
    preload() {},
    show(modelId, change) {
      shown.set(modelId, { ...shown.get(modelId), ...change });
      announce();
    },
    async ensureReady(modelId, signal) {
      const ready = await fake.ensureReady(modelId, signal);
      forgetState(modelId);
      return ready;
    },
    async *generate(request, signal) {
      try {
        for await (const part of fake.generate(request, signal)) {
          if (part.type === 'start') announce();
          yield part;
        }
      } finally {
        announce();
      }
    },
    async unload(modelId) {
      await fake.unload(modelId);
      forgetState(modelId);
    },
  };
}

function describeFile(path: string): ModelDescription {
  return {
    ...describeModel(basename(path, '.gguf').toLowerCase(), 'fake'),
    source: 'added',
    path,
    sizeBytes: 4_700_000_000,
  };
}
