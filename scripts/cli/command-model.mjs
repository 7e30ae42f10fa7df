import { stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { call } from './client.mjs';
import { checkCommands } from './command-check.mjs';
import { pullCommands } from './command-pull.mjs';
import { UsageError } from './failures.mjs';
import { print, printJson, printTable, plain, size, warn } from './print.mjs';

/** @typedef {import('./flags.mjs').Parsed} Parsed */
/** @typedef {import('../../server/wire/admin.ts').WireModel} WireModel */

/** @type {Record<string, import('./commands.mjs').Command>} */
export const modelCommands = {
  'model list': { summary: 'All models on this computer.', shape: {}, run: list },
  'model add': {
    summary: 'Add a GGUF file, or a folder of them; they are used where they lie.',
    shape: { arguments: ['FILE'], flags: { name: 'N' } },
    run: add,
  },
  ...pullCommands,
  'model load': {
    summary: 'Load a model into memory and wait until it answers.',
    shape: { arguments: ['MODEL'], flags: { anyway: '' } },
    run: load,
  },
  'model unload': {
    summary: 'Free a model’s memory once its running requests have ended.',
    shape: { arguments: ['MODEL'] },
    run: ({ args, switches }) => change(args[0] ?? '', 'unload', switches),
  },
  ...checkCommands,
  'model remove': {
    summary: 'Forget a file or folder that was added, which stays; a pulled model goes with its file.',
    shape: { arguments: ['MODEL'], flags: { 'delete-file': '' } },
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
async function add({ args: [file = ''], values, switches }) {
  if (file === '') throw new UsageError('FILE is empty.');
  const path = resolve(file);
  if (await isFolder(path)) return await addFolder(path, switches);
  /** @type {WireModel} */
  const model = await call('POST', '/models', {
    path,
    ...(values['name'] === undefined ? {} : { name: values['name'] }),
  });
  if (switches.has('json')) return printJson(model);
  print(`${plain(model.id)}  ${plain(model.path)}`);
  if (model.reason !== null) warn(`It was added, but cannot be used: ${model.reason}`);
}

/**
 * @param {string} path
 * @param {Set<string>} switches
 */
async function addFolder(path, switches) {
  /** @type {import('../../server/wire/admin.ts').WireModelFolder} */
  const folder = await call('POST', '/model-folders', { path });
  if (switches.has('json')) return printJson(folder);
  for (const id of folder.models) print(plain(id));
  if (folder.models.length === 0) warn('The folder was added. There is no GGUF file in it yet.');
}

/** @param {string} path */
async function isFolder(path) {
  return await stat(path).then(
    (info) => info.isDirectory(),
    () => false,
  );
}

/** @param {Parsed} parsed */
async function load({ args: [name = ''], switches }) {
  if (!switches.has('anyway')) return await change(name, 'load', switches);
  warn(
    'It is loaded although its memory may not be enough: the system may grow very slow, or end programs, those that answer others among them.',
  );
  await change(name, 'load?anyway=true', switches);
}

/**
 * @param {string} name
 * @param {'load' | 'load?anyway=true' | 'unload'} action
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
  const path = resolve(name);
  if (name !== '' && (await isAddedFolder(path))) {
    await call('DELETE', `/model-folders/${encodeURIComponent(path)}`);
    if (switches.has('json')) return printJson({ removed: path });
    return print(`${plain(path)} is no longer looked through; nothing in it was touched.`);
  }
  const query = switches.has('delete-file') ? '?deleteFile=true' : '';
  /** @type {import('../../server/wire/admin.ts').RemovedModel} */
  const removed = await call('DELETE', modelPath(name) + query);
  for (const alias of removed.brokenAliases) {
    warn(
      `The alias “${alias}” led to this model and now leads nowhere: npx inglenook alias set ${alias} MODEL`,
    );
  }
  if (switches.has('json')) return printJson(removed);
  if (removed.freedBytes > 0)
    print(`${plain(removed.removed)} was deleted; that frees ${size(removed.freedBytes)}.`);
  else print(`${plain(removed.removed)} is no longer listed; its file was not touched.`);
}

/** @param {string} path */
async function isAddedFolder(path) {
  /** @type {import('../../server/wire/admin.ts').WireModelFolder[]} */
  const folders = (await isFolder(path)) ? await call('GET', '/model-folders') : [];
  return folders.some((folder) => folder.path === path);
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
