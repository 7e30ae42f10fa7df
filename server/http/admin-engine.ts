import type { ModelDescription } from '../core/model.ts';
import { engineActed, engineState } from '../wire/engine.ts';
import { route, type AdminRoute } from './admin-route.ts';
import type { AdminContext } from './admin-services.ts';

/** The engine that Inglenook brings along, as a whole. Each loaded model is a process of its own. */
export const engineRoutes: readonly AdminRoute[] = [
  route({
    method: 'get',
    path: '/engine',
    summary: 'Our own engine: its version, which models it has in memory, and what the log tells of it.',
    answer: engineState,
    handle: async ({ context }) => {
      const lines = [...(await context.engineLog())];
      return {
        version: `node-llama-cpp ${context.engineVersion}`,
        loaded: loadedOf(context).map(({ id }) => id),
        lastError: lines.findLast(({ level }) => level === 'error') ?? null,
        lines,
      };
    },
  }),
  route({
    method: 'post',
    path: '/engine/restart',
    summary:
      'Load every model that is in memory anew, in a fresh process. Running answers end first; the answer does not wait for it.',
    answer: engineActed,
    handle: ({ context }) => {
      const models = loadedOf(context).map(({ id }) => id);
      for (const model of models) void reload(context, model);
      return { models };
    },
  }),
  route({
    method: 'post',
    path: '/engine/stop',
    summary:
      'Take every model out of memory once its running answers have ended; the answer does not wait for it. The next request loads its model again.',
    answer: engineActed,
    handle: ({ context }) => {
      const models = loadedOf(context).map(({ id }) => id);
      for (const model of models) void unload(context, model);
      return { models };
    },
  }),
];

function loadedOf({ engine }: AdminContext): ModelDescription[] {
  return engine
    .models()
    .filter(
      ({ source, state }) =>
        source !== 'ollama' && source !== 'upstream' && ['loading', 'ready', 'busy'].includes(state),
    );
}

async function unload({ engine, log }: AdminContext, model: string): Promise<void> {
  await engine.unload(model).catch((error: unknown) => {
    log.error('A model could not be unloaded.', { model, error });
  });
}

/** What becomes of the load is in the model's state. */
async function reload(context: AdminContext, model: string): Promise<void> {
  await unload(context, model);
  await context.engine.ensureReady(model, new AbortController().signal).catch(() => {});
}
