import { call } from './client.mjs';
import { UsageError } from './failures.mjs';
import { parseList } from './flags.mjs';
import { plain, print, printJson, printTable, warn } from './print.mjs';

/** @typedef {import('./flags.mjs').Parsed} Parsed */
/** @typedef {import('../../server/wire/aliases.ts').AliasRecord} AliasRecord */
/** @typedef {import('../../server/wire/aliases.ts').SavedAlias} SavedAlias */

/** @type {Record<string, import('./commands.mjs').Command>} */
export const aliasCommands = {
  'alias list': { summary: 'The names that stand for models.', shape: {}, run: list },
  'alias set': {
    summary: 'Point a name at a model; running answers finish on the old one. --fallback "" clears.',
    shape: { arguments: ['NAME', 'MODEL'], flags: { fallback: 'M2,M3' } },
    run: set,
  },
  'alias remove': {
    summary: 'Forget a name. The four of the start can only be pointed elsewhere.',
    shape: { arguments: ['NAME'] },
    run: remove,
  },
};

/** @param {Parsed} parsed */
async function list({ switches }) {
  /** @type {AliasRecord[]} */
  const aliases = await call('GET', '/aliases');
  if (switches.has('json')) return printJson(aliases);
  printTable(
    {
      NAME: (alias) => alias.name,
      MODEL: (alias) => alias.model,
      FALLBACK: (alias) => (alias.fallback.length === 0 ? null : alias.fallback.join(', ')),
      NOTE: (alias) => (alias.isTestModel ? 'test model, not for work' : null),
    },
    aliases,
    'There are no aliases. Make one with: npx inglenook alias set NAME MODEL',
  );
}

/** @param {Parsed} parsed */
async function set({ args: [name = '', model = ''], values, switches }) {
  if (model.trim() === '') throw new UsageError('MODEL is empty.');
  const { fallback } = values;
  /** @type {SavedAlias} */
  const alias = await call('PUT', aliasPath(name), {
    model,
    ...(fallback === undefined ? {} : { fallback: parseList(fallback) }),
  });
  for (const warning of alias.warnings) warn(`Warning: ${warning}`);
  if (switches.has('json')) return printJson(alias);
  print(`${plain(alias.name)}  ${[alias.model, ...alias.fallback].map(plain).join(', then ')}`);
}

/** @param {Parsed} parsed */
async function remove({ args: [name = ''], switches }) {
  await call('DELETE', aliasPath(name));
  if (switches.has('json')) printJson({ removed: name });
  else print(`${plain(name)} no longer stands for a model.`);
}

/** @param {string} name */
function aliasPath(name) {
  if (name.trim() === '') throw new UsageError('NAME is empty.');
  return `/aliases/${encodeURIComponent(name)}`;
}
