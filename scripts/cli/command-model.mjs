import { resolve } from 'node:path';
import { call } from './client.mjs';
import { UsageError } from './failures.mjs';
import { print, printJson, printTable, plain, size, warn } from './print.mjs';

/** @typedef {import('./flags.mjs').Parsed} Parsed */
/** @typedef {import('../../server/wire/admin.ts').WireModel} WireModel */

/** @type {Record<string, import('./commands.mjs').Command>} */
export const modelCommands = {
  'model list': { summary: 'All models on this computer.', shape: {}, run: list },
  'model add': {
    summary: 'Add a GGUF file; it is used where it lies.',
    shape: { arguments: ['FILE'] },
    run: add,
  },
  'model load': {
    summary: 'Load a model into memory and wait until it answers.',
    shape: { arguments: ['MODEL'] },
    run: ({ args, switches }) => change(args[0] ?? '', 'load', switches),
  },
  'model unload': {
    summary: 'Free a model’s memory once its running requests have ended.',
    shape: { arguments: ['MODEL'] },
    run: ({ args, switches }) => change(args[0] ?? '', 'unload', switches),
  },
  'model remove': {
    summary: 'Forget a file that was added. The file stays where it is.',
    shape: { arguments: ['MODEL'] },
    run: remove,
  },
};

/** @param {Parsed} parsed */
async function list({ switches }) {
  /** @type {WireModel[]} */
  const models = await call('GET', '/models');
  if (switches.has('json')) return printJson(models);
  printTable(
    {
      MODEL: (model) => model.id,
      STATE: (model) => stateOf(model),
      SIZE: (model) => size(model.sizeBytes),
      CONTEXT: (model) => model.contextTokens,
      SLOTS: (model) => model.slots,
      ON: (model) => model.backend,
      SOURCE: (model) => model.source,
    },
    models,
    'There are no models. Add one with: npx inglenook model add FILE',
  );
  for (const model of models) if (model.reason !== null) warn(`${model.id}: ${model.reason}`);
}

/** @param {Parsed} parsed */
async function add({ args: [file = ''], switches }) {
  if (file === '') throw new UsageError('FILE is empty.');
  /** @type {WireModel} */
  const model = await call('POST', '/models', { path: resolve(file) });
  if (switches.has('json')) return printJson(model);
  print(`${plain(model.id)}  ${plain(model.path)}`);
  if (model.reason !== null) warn(`It was added, but cannot be used: ${model.reason}`);
}

/**
 * @param {string} name
 * @param {'load' | 'unload'} action
 * @param {Set<string>} switches
 */
async function change(name, action, switches) {
  /** @type {WireModel} */
  const model = await call('POST', `${modelPath(name)}/${action}`);
  if (switches.has('json')) printJson(model);
  else print(`${plain(model.id)}  ${stateOf(model)}`);
}

/** @param {Parsed} parsed */
async function remove({ args: [name = ''], switches }) {
  await call('DELETE', modelPath(name));
  if (switches.has('json')) printJson({ removed: name });
  else print(`${plain(name)} is no longer listed; its file was not touched.`);
}

/** @param {WireModel} model */
function stateOf(model) {
  const { state, progressPercent, activeSlots } = model;
  if (state === 'loading' && progressPercent !== null) return `loading ${Math.floor(progressPercent)} %`;
  return state === 'busy' ? `busy (${activeSlots})` : state;
}

/** @param {string} name */
function modelPath(name) {
  if (name === '') throw new UsageError('MODEL is empty.');
  return `/models/${encodeURIComponent(name)}`;
}
