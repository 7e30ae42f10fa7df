import { call } from './client.mjs';
import { Refused, UsageError } from './failures.mjs';
import { localTime, plain, print, printJson, printTable, warn } from './print.mjs';

/** @typedef {import('./flags.mjs').Parsed} Parsed */
/** @typedef {import('../../server/wire/checks.ts').ModelCheck} ModelCheck */

/** @type {Record<string, import('./commands.mjs').Command>} */
export const checkCommands = {
  'model check': {
    summary: 'Try what tools do with a model, and tell for which of them it is good.',
    shape: { arguments: ['MODEL'], flags: { engine: 'E', last: '' } },
    run: check,
  },
};

const lookEveryMs = 500;

/**
 * Waits for the check it has asked for; Ctrl-C ends that check too. `--last` shows the one there is.
 * @param {Parsed} parsed
 * @returns {Promise<number>} 1 where something failed that the model says it can do
 */
async function check({ args: [model = ''], values, switches }) {
  if (model === '') throw new UsageError('MODEL is empty.');
  const engine = values['engine'] === undefined ? '' : `?engine=${encodeURIComponent(values['engine'])}`;
  const path = `/models/${encodeURIComponent(model)}/check${engine}`;
  const found = switches.has('last') ? await lastOf(path) : await madeAt(path, switches.has('json'));
  if (switches.has('json')) printJson(found);
  else tell(found);
  return found.verdicts.some(({ state }) => state === 'failed') ? 1 : 0;
}

/**
 * @param {string} path
 * @returns {Promise<ModelCheck>}
 */
async function lastOf(path) {
  /** @type {ModelCheck} */
  const found = await call('GET', path);
  if (found.checkedAt !== null) return found;
  throw new Refused(`${found.model} was never checked. Leave --last out to check it now.`);
}

/**
 * @param {string} path
 * @param {boolean} isQuiet
 * @returns {Promise<ModelCheck>}
 */
async function madeAt(path, isQuiet) {
  /** @type {ModelCheck} */
  const before = await call('GET', path);
  /** @type {ModelCheck} */
  let now = await call('POST', path);
  const stopListening = cancelOnInterrupt(path);
  let told = 0;
  try {
    while (now.run !== null) {
      if (!isQuiet) for (const verdict of now.run.verdicts.slice(told)) tellProgress(verdict, now.run.of);
      told = now.run.verdicts.length;
      await new Promise((resolve) => setTimeout(resolve, lookEveryMs));
      now = await call('GET', path);
    }
  } finally {
    stopListening();
  }
  if (now.problem !== null) throw new Refused(`${now.model} could not be checked: ${now.problem}`);
  if (now.checkedAt === null || now.checkedAt === before.checkedAt) {
    throw new Refused(`The check of ${now.model} was ended before it was done.`);
  }
  return now;
}

/**
 * @param {string} path
 * @returns {() => void}
 */
function cancelOnInterrupt(path) {
  const cancel = () => {
    // When it cannot be ended any more, it has ended.
    void call('DELETE', path).catch(() => null);
  };
  process.once('SIGINT', cancel);
  return () => void process.off('SIGINT', cancel);
}

/**
 * @param {ModelCheck['verdicts'][number]} verdict
 * @param {number} of
 */
function tellProgress({ point, state }, of) {
  if (process.stderr.isTTY) warn(`${point}: ${state} (of ${of})`);
}

/** @param {ModelCheck} found */
function tell(found) {
  printTable(
    {
      POINT: (verdict) => verdict.point,
      RESULT: (verdict) => verdict.state,
      MS: (verdict) => verdict.tookMs,
      WHY: (verdict) => verdict.sentence,
    },
    found.verdicts,
    'Nothing was tried.',
  );
  print('');
  for (const state of /** @type {const} */ (['works', 'limited', 'fails', 'unknown'])) {
    for (const badge of found.badges.filter((one) => one.state === state)) {
      print(`${state.padEnd(7)}  ${plain(badge.sentence)}`);
    }
  }
  if (found.badges.length === 0) print('No tool asks such a model by itself.');
  print('');
  print(
    `${plain(found.model)} on ${plain(found.engineVersion ?? found.engine)}, ${localTime(found.checkedAt)}`,
  );
  if (found.state === 'stale') {
    warn(`Since then something has changed (${found.changed.join(', ')}): check it again.`);
  }
}
