import { call } from './client.mjs';
import { printJson, printParts } from './print.mjs';

/** @typedef {import('./flags.mjs').Parsed} Parsed */
/** @typedef {import('../../server/wire/cache.ts').CacheState} CacheState */

/** @type {Record<string, import('./commands.mjs').Command>} */
export const cacheCommands = {
  'cache show': {
    summary: 'Answers kept to be given again. Switched on by: settings set cache.enabled true',
    shape: {},
    run: async ({ switches }) => show(await call('GET', '/cache'), switches),
  },
  'cache clear': {
    summary: 'Forget all kept answers.',
    shape: {},
    run: async ({ switches }) => show(await call('DELETE', '/cache'), switches),
  },
};

/**
 * @param {CacheState} state
 * @param {Parsed['switches']} switches
 */
function show(state, switches) {
  if (switches.has('json')) return printJson(state);
  printParts({
    'Response cache': state.enabled ? 'on' : 'off',
    Kept: `${state.answers} answers, ${(state.bytes / 1e6).toFixed(1)} of ${state.maxMegabytes} MB`,
    'Given again': `for ${state.maxAgeMinutes} minutes, ${state.anySampling ? 'whatever the sampling' : 'at temperature 0 or with a seed'}, ${state.shareAnswers ? 'to all keys' : 'to the same key'}`,
    'Since the start': `${state.hits} from the cache, ${state.misses} not`,
  });
}
