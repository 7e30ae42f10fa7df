import { call } from './client.mjs';
import { UsageError } from './failures.mjs';
import { gpuListCommand } from './command-gpu-list.mjs';
import { localTime, print, printJson, plain } from './print.mjs';
import { parseSeconds } from './times.mjs';

/** @typedef {import('./flags.mjs').Parsed} Parsed */
/** @typedef {import('../../server/wire/owner.ts').OwnerState} OwnerState */
/** @typedef {import('../../server/wire/owner.ts').PauseKind} PauseKind */
/** @typedef {import('../../server/wire/owner.ts').Pausing} Pausing */

const flags = { for: 'SPAN', drain: 'SPAN', now: '' };

/** @type {Record<string, import('./commands.mjs').Command>} */
export const pauseCommands = {
  'gpu release': {
    summary:
      'I need my GPU: running answers may end (--drain, usually 60s; --now ends them), no new ones for the models of this computer, and they leave its memory. Upstreams go on. --for 1h takes it back by itself; without, until gpu back.',
    shape: { flags },
    run: (parsed) => take('gpu', parsed),
  },
  'gpu back': {
    summary: 'Give the computer back to the office; what had been in memory is loaded again.',
    shape: {},
    run: (parsed) => lift('gpu', parsed),
  },
  'gpu list': gpuListCommand,
  pause: {
    summary:
      'Answer nobody and leave the network; console and command line go on. Running answers may end (--drain, --now). --for 1h ends it by itself; without, until resume.',
    shape: { flags },
    run: (parsed) => take('all', parsed),
  },
  resume: {
    summary: 'End the pause. Where the GPU was released as well, that goes on until gpu back.',
    shape: {},
    run: (parsed) => lift('all', parsed),
  },
};

/**
 * @param {PauseKind} kind
 * @param {Parsed} parsed
 */
async function take(kind, { values, switches }) {
  const { for: span, drain } = values;
  if (switches.has('now') && drain !== undefined)
    throw new UsageError('--now and --drain exclude each other.');
  const seconds = span === undefined ? null : parseSeconds(span, 'for');
  if (seconds === 0) throw new UsageError('--for takes a span like 30m, 1h or 2d.');
  const drainSeconds = switches.has('now')
    ? 0
    : drain === undefined
      ? undefined
      : parseSeconds(drain, 'drain');
  /** @type {OwnerState} */
  const state = await call('PUT', `/pauses/${kind}`, {
    seconds,
    ...(drainSeconds === undefined ? {} : { drainSeconds }),
  });
  show(kind, state, switches);
}

/**
 * @param {PauseKind} kind
 * @param {Parsed} parsed
 */
async function lift(kind, { switches }) {
  /** @type {OwnerState} */
  const state = await call('DELETE', `/pauses/${kind}`);
  show(kind, state, switches);
}

/**
 * @param {PauseKind} kind
 * @param {OwnerState} state
 * @param {Parsed['switches']} switches
 */
function show(kind, { pauses, hours }, switches) {
  if (switches.has('json')) return printJson({ pauses, hours });
  const pause = pauses[kind];
  if (pause !== null) return print(plain(pauseSentence(kind, pause)));
  print(kind === 'gpu' ? 'The models of this computer answer.' : 'The server answers.');
  const other = kind === 'gpu' ? 'all' : 'gpu';
  if (pauses[other] !== null) print(plain(pauseSentence(other, pauses[other])));
}

/**
 * One sentence, also for `status`.
 * @param {PauseKind} kind
 * @param {Pausing} pause
 * @returns {string}
 */
export function pauseSentence(kind, { until, phase, running, others }) {
  const what = kind === 'gpu' ? 'The models of this computer answer nobody' : 'The server answers nobody';
  const back = kind === 'gpu' ? 'gpu back' : 'resume';
  const end = until === null ? `until: npx inglenook ${back}` : `until ${localTime(until)}`;
  const now = {
    draining: ` ${running} answers are still ending.`,
    unloading: ' Models are leaving the memory.',
    held: '',
  }[phase];
  const rest = others.length === 0 ? '' : ` Not ours to stop on this computer: ${others.join(', ')}.`;
  return `${what}, ${end}.${now}${rest}`;
}
