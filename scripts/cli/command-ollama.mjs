import { setTimeout as sleep } from 'node:timers/promises';
import { call } from './client.mjs';
import { Refused, UsageError } from './failures.mjs';
import { parseCount } from './flags.mjs';
import { plain, print, printJson, printParts, size, warn } from './print.mjs';

/** @typedef {import('./flags.mjs').Parsed} Parsed */
/** @typedef {import('../../server/wire/ollama.ts').WireOllamaState} WireOllamaState */

/** @type {Record<string, import('./commands.mjs').Command>} */
export const ollamaCommands = {
  'ollama status': {
    summary: 'Whether Ollama runs, is installed or missing here, and what it fetches.',
    shape: {},
    run: async ({ switches }) => show(await call('GET', '/ollama'), switches),
  },
  'ollama use': {
    summary:
      'Whose Ollama answers: own (started here, on loopback), theirs (the one that runs, as it is), none.',
    shape: { arguments: ['own|theirs|none'] },
    run: use,
  },
  'ollama set': {
    summary: 'How Ollama serves. Ours is started anew for it, once nothing runs in it.',
    shape: {
      flags: {
        'requests-at-once': 'N',
        'models-at-once': 'N',
        'keep-alive-minutes': 'N',
        'context-tokens': 'N',
      },
    },
    run: set,
  },
  'ollama pull': {
    summary: 'Let Ollama fetch a model by its name, such as llama3.2:3b; waits until it is here.',
    shape: { arguments: ['MODEL'] },
    run: pull,
  },
};

/** @param {Parsed} parsed */
async function use({ args: [wanted = ''], switches }) {
  if (!['own', 'theirs', 'none'].includes(wanted)) throw new UsageError('Say one of: own, theirs, none.');
  /** @type {WireOllamaState} */
  const state = await call('PATCH', '/ollama', { use: wanted });
  show(state, switches);
  if (state.state === 'failed') throw new Refused(state.reason ?? 'Ollama could not be used.');
}

/** @param {Parsed} parsed */
async function set({ values, switches }) {
  /** @type {Record<string, { field: string, max: number, min: number }>} */
  const known = {
    'requests-at-once': { field: 'requestsAtOnce', min: 1, max: 64 },
    'models-at-once': { field: 'modelsAtOnce', min: 1, max: 16 },
    'keep-alive-minutes': { field: 'keepAliveMinutes', min: 0, max: 10_080 },
    'context-tokens': { field: 'contextTokens', min: 256, max: 4_194_304 },
  };
  /** @type {Record<string, number>} */
  const change = {};
  for (const [flag, { field, min, max }] of Object.entries(known)) {
    const given = values[flag];
    if (given !== undefined) change[field] = parseCount(flag, given, { min, max });
  }
  if (Object.keys(change).length === 0) throw new UsageError('Nothing was said to be set.');
  show(await call('PATCH', '/ollama', change), switches);
}

/** @param {Parsed} parsed */
async function pull({ args: [model = ''], switches }) {
  await call('POST', '/ollama/pulls', { model });
  for (;;) {
    /** @type {WireOllamaState} */
    const { pulls } = await call('GET', '/ollama');
    const found = pulls.find((one) => one.model === model);
    if (found === undefined || found.state === 'failed' || found.state === 'cancelled') {
      throw new Refused(found?.status ?? 'The fetch was given up.');
    }
    if (found.state === 'done') {
      if (switches.has('json')) printJson(found);
      else print(`${plain(model)} is here.`);
      return;
    }
    if (process.stderr.isTTY) {
      const of = found.totalBytes === null ? '' : ` of ${size(found.totalBytes)}`;
      process.stderr.write(`\r${plain(found.status).slice(0, 40)}  ${size(found.doneBytes)}${of}   `);
    }
    await sleep(500);
  }
}

/**
 * @param {WireOllamaState} state
 * @param {Set<string>} switches
 */
function show(state, switches) {
  if (switches.has('json')) return printJson(state);
  const { settings } = state;
  printParts({
    Ollama: state.found,
    used: settings.use,
    state: state.reason === null ? state.state : `${state.state}: ${state.reason}`,
    address: state.address,
    version: state.version,
    'requests at once': settings.requestsAtOnce,
    'models at once': settings.modelsAtOnce,
    'keep-alive': `${settings.keepAliveMinutes} minutes`,
    'longest conversation': `${settings.contextTokens} tokens`,
  });
  for (const sentence of state.warnings) warn(sentence);
}
