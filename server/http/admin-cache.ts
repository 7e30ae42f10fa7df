import { getCacheSettings, setCacheSettings } from '../store/cache-settings.ts';
import { cacheState, type CacheSettings, type CacheState } from '../wire/cache.ts';
import { route, type AdminRoute } from './admin-route.ts';
import type { AdminContext } from './admin-services.ts';

/** The response cache; it is switched on and bounded by the settings `cache.…`. */
export const cacheRoutes: readonly AdminRoute[] = [
  route({
    method: 'get',
    path: '/cache',
    summary:
      'Whether and how answers are kept to be given again, how many there are, and how often they were.',
    answer: cacheState,
    handle: ({ context }) => stateOf(context),
  }),
  route({
    method: 'delete',
    path: '/cache',
    summary: 'Forget all kept answers. The settings stay as they are.',
    answer: cacheState,
    handle: ({ context }) => {
      context.answers.forgetAll();
      context.log.info('All kept answers were forgotten.');
      return stateOf(context);
    },
  }),
];

/**
 * Counts at once. Whoever may be given an answer, or which are kept at all, has changed with anything but size and age:
 * then what was kept under the rules of before is forgotten.
 */
export function changeCache(context: AdminContext, change: Partial<CacheSettings>): void {
  const before = getCacheSettings(context.store);
  setCacheSettings(context.store, change);
  const after = getCacheSettings(context.store);
  const isRule = (['enabled', 'anySampling', 'shareAnswers'] as const).some(
    (name) => before[name] !== after[name],
  );
  if (isRule) context.answers.forgetAll();
  else context.answers.trim();
  context.log.info('The response cache was changed.', { ...after });
}

function stateOf({ store, answers }: AdminContext): CacheState {
  return { ...getCacheSettings(store), ...answers.tally() };
}
