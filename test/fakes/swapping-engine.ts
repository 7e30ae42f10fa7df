import type { ReadyModel } from '../../server/core/engine.ts';
import { createFakeEngine, type FakeEngine, type FakeEngineOptions } from './fake-engine.ts';

export type SwappingEngine = FakeEngine & {
  /** How often a model has been loaded. */
  readonly swaps: () => number;
};

/** A fake engine with memory for one model at a time: another is loaded when nobody uses the one there is. */
export function createSwappingEngine(options: FakeEngineOptions): SwappingEngine {
  const fake = createFakeEngine(options);
  const waiting = new Set<string>();
  let loaded: string | null = null;
  let users = 0;
  let swaps = 0;
  let change = Promise.withResolvers<void>();

  function changed(): void {
    change.resolve();
    change = Promise.withResolvers();
  }

  /** Counts as a user as soon as it is there, so that nobody takes the memory away in between. */
  async function take(modelId: string, signal: AbortSignal): Promise<ReadyModel> {
    while (loaded !== modelId && users > 0) {
      waiting.add(modelId);
      const left = Promise.withResolvers<void>();
      const onAbort = (): void => left.resolve();
      signal.addEventListener('abort', onAbort, { once: true });
      await Promise.race([change.promise, left.promise]);
      signal.removeEventListener('abort', onAbort);
      waiting.delete(modelId);
      signal.throwIfAborted();
    }
    users += 1;
    if (loaded !== modelId) {
      const before = loaded;
      loaded = modelId;
      swaps += 1;
      if (before !== null) await fake.unload(before);
    }
    try {
      return await fake.ensureReady(modelId, signal);
    } catch (error) {
      release();
      throw error;
    }
  }
  function release(): void {
    users -= 1;
    if (users === 0) changed();
  }

  return {
    ...fake,
    swaps: () => swaps,
    models: () =>
      fake
        .models()
        .map((model) =>
          waiting.has(model.id)
            ? { ...model, state: 'loading' as const, waitingFor: 'memory' as const }
            : model,
        ),
    async ensureReady(modelId, signal) {
      const ready = await take(modelId, signal);
      release();
      return ready;
    },
    async *generate(request, signal) {
      await take(request.model, signal);
      try {
        yield* fake.generate(request, signal);
      } finally {
        release();
      }
    },
  };
}
