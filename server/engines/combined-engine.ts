import type { Engine } from '../core/engine.ts';
import { modelNotFound } from '../core/errors.ts';

/** All engines as one, for who asks about models and not for an answer: the admin API. The first that has a model is meant. */
export function combineEngines(engines: readonly Engine[]): Engine {
  const holderOf = (modelId: string): Engine => {
    const holder = engines.find((engine) => engine.models().some(({ id }) => id === modelId));
    if (holder === undefined) throw modelNotFound(modelId);
    return holder;
  };
  return {
    id: 'inglenook',
    models: () => engines.flatMap((engine) => engine.models()),
    ensureReady: async (modelId, signal, task) => await holderOf(modelId).ensureReady(modelId, signal, task),
    generate: (request, signal) => holderOf(request.model).generate(request, signal),
    embed: async (request, signal) => await holderOf(request.model).embed(request, signal),
    rerank: async (request, signal) => await holderOf(request.model).rerank(request, signal),
    countTokens: async (request, signal) => await holderOf(request.model).countTokens(request, signal),
    unload: async (modelId) => await holderOf(modelId).unload(modelId),
    async stop() {
      await Promise.allSettled(engines.map(async (engine) => await engine.stop()));
    },
  };
}
