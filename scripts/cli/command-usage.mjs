import { call, callText } from './client.mjs';
import { UsageError } from './failures.mjs';
import { print, printJson, printTable } from './print.mjs';
import { parseSince } from './times.mjs';
import { noteOnTokens } from './token-note.mjs';

/** @typedef {import('./flags.mjs').Parsed} Parsed */
/** @typedef {import('../../server/wire/usage.ts').UsageAnswer} UsageAnswer */
/** @typedef {import('../../server/wire/usage.ts').UsageRow} UsageRow */

const parts = ['key', 'person', 'team', 'model', 'engine', 'status', 'hour', 'day', 'week', 'month'];

/** @type {Record<string, import('./commands.mjs').Command>} */
export const usageCommands = {
  usage: {
    summary: 'Sums of the log, by what you name; --zone says where days begin (default: the server’s).',
    shape: {
      flags: { by: 'key|person|team|model|day|…', from: 'T', to: 'T', zone: 'Z', format: 'csv|json' },
    },
    run: usage,
  },
};

/** @param {Parsed} parsed */
async function usage({ values, switches }) {
  const { by = '', from, to, zone, format } = values;
  const names = by.split(',').filter((name) => name !== '');
  const wrong = names.find((name) => !parts.includes(name));
  if (wrong !== undefined) throw new UsageError(`--by takes ${parts.join(', ')}.`);
  if (format !== undefined && format !== 'csv' && format !== 'json') {
    throw new UsageError('--format takes csv or json.');
  }
  const query = new URLSearchParams({
    by,
    ...(from === undefined ? {} : { from: moment('from', from) }),
    ...(to === undefined ? {} : { to: moment('to', to) }),
    ...(zone === undefined ? {} : { zone }),
  });
  if (format === 'csv') {
    query.set('format', 'csv');
    process.stdout.write(await callText('GET', `/usage?${query.toString()}`));
    return;
  }
  /** @type {UsageAnswer} */
  const answer = await call('GET', `/usage?${query.toString()}`);
  if (format === 'json' || switches.has('json')) return printJson(answer.rows);
  printTable(columnsFor(names, answer.currency), answer.rows, 'Nothing was used in that time.');
  const kept = answer.rows.reduce((sum, row) => sum + row.cacheHitTokens, 0);
  if (kept > 0) {
    print(
      `Of the tokens, ${kept} are of answers from the response cache: none was computed or costs anything.`,
    );
  }
  if (answer.turnedAway > 0) {
    print(
      `Beside them, ${answer.turnedAway} requests without a valid key came too fast to be logged one by one.`,
    );
  }
  noteOnTokens();
}

/**
 * A date is its beginning, for both: `--from 2026-11-01 --to 2026-12-01` is November.
 * @param {string} flag
 * @param {string} text
 */
function moment(flag, text) {
  try {
    return parseSince(text, Date.now());
  } catch {
    throw new UsageError(
      `--${flag} takes a span like 7d (ago), a date like 2026-11-22, or a time like 2026-11-22T09:00.`,
    );
  }
}

/**
 * @param {readonly string[]} names
 * @param {string} currency
 * @returns {Record<string, (row: UsageRow) => string | number | null>}
 */
function columnsFor(names, currency) {
  const split = names.map((name) => [
    name.toUpperCase(),
    (/** @type {UsageRow} */ row) => row[/** @type {'key'} */ (name)] ?? null,
  ]);
  return {
    ...Object.fromEntries(split),
    REQUESTS: (row) => row.requests,
    ERRORS: (row) => row.errors,
    CANCELLED: (row) => row.cancelled,
    REFUSED: (row) => row.refused,
    IN: (row) => row.promptTokens,
    CACHED: (row) => row.cachedTokens,
    OUT: (row) => row.completionTokens,
    'FROM CACHE': (row) => row.cacheHits,
    'FIRST ms p50': (row) => round(row.firstTokenMsP50),
    p95: (row) => round(row.firstTokenMsP95),
    'TOTAL ms p95': (row) => round(row.totalMsP95),
    COST: (row) => `${row.cost.toFixed(4)} ${currency}`,
  };
}

/** @param {number | null} value */
function round(value) {
  return value === null ? null : Math.round(value);
}
