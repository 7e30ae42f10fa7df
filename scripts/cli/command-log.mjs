import { call, openEvents } from './client.mjs';
import { UsageError } from './failures.mjs';
import { parseCount } from './flags.mjs';
import { localTime, plain, print, printJson, printTable } from './print.mjs';
import { parseSince } from './times.mjs';
import { noteOnTokens } from './token-note.mjs';

/** @typedef {import('./flags.mjs').Parsed} Parsed */
/** @typedef {import('../../server/wire/admin.ts').WireLogRow} LogRow */
/** @typedef {Record<string, string>} Query */

const statuses = ['ok', 'error', 'cancelled', 'refused'];

/** @type {Record<string, import('./commands.mjs').Command>} */
export const logCommands = {
  log: {
    summary: 'Finished requests, newest first; with --follow oldest first, then each as it ends.',
    shape: {
      flags: {
        limit: 'N',
        key: 'K',
        model: 'M',
        status: statuses.join('|'),
        since: 'T',
        follow: '',
      },
    },
    run: log,
  },
};

const columns = {
  TIME: (/** @type {LogRow} */ row) => localTime(row.time),
  KEY: (/** @type {LogRow} */ row) => row.key,
  MODEL: (/** @type {LogRow} */ row) => row.servedModel ?? row.model,
  STATUS: (/** @type {LogRow} */ row) => row.status,
  HTTP: (/** @type {LogRow} */ row) => row.httpStatus,
  IN: (/** @type {LogRow} */ row) => row.promptTokens,
  OUT: (/** @type {LogRow} */ row) => row.completionTokens,
  CACHE: (/** @type {LogRow} */ row) => (row.cache === 'hit' ? 'hit' : ''),
  'FIRST ms': (/** @type {LogRow} */ row) =>
    row.firstTokenMs === null ? null : Math.round(row.firstTokenMs),
  'TOTAL ms': (/** @type {LogRow} */ row) => Math.round(row.totalMs),
  COST: (/** @type {LogRow} */ row) => costOf(row),
  ERROR: (/** @type {LogRow} */ row) => row.error ?? '',
};

/**
 * In the office's currency, to a ten-thousandth; the whole is in the JSON.
 * @param {LogRow} row
 */
function costOf({ costNanos }) {
  return costNanos === null ? null : (costNanos / 1e9).toFixed(4);
}

/** @param {Parsed} parsed */
async function log({ values, switches }) {
  const query = queryOf(values);
  if (switches.has('follow')) return await follow(query, switches);
  const rows = await call('GET', pathOf(query));
  if (switches.has('json')) return printJson(rows);
  printTable(columns, rows, 'No request fits.');
  if (rows.length > 0) noteOnTokens();
}

/**
 * Opens the live view first and asks for the past afterwards, so that no row falls between the two.
 * @param {Query} query
 * @param {Set<string>} switches
 */
async function follow(query, switches) {
  const stop = new AbortController();
  const packets = await openEvents(stop.signal);
  const keyId = query['key'] === undefined ? null : await keyIdOf(query['key']);
  for (const event of /** @type {const} */ (['SIGINT', 'SIGTERM'])) process.once(event, () => stop.abort());
  process.stdout.once('close', () => stop.abort());

  /** @type {LogRow[]} */
  const past = await call('GET', pathOf(query));
  const shown = new Set(past.map((row) => row.id));
  for (const row of past.toReversed()) printRow(row, switches);
  for await (const packet of packets) {
    if (packet.type !== 'request-finished' || shown.has(packet.row.id)) continue;
    if (fits(packet.row, query, keyId)) printRow(packet.row, switches);
  }
  if (!stop.signal.aborted) process.stderr.write('Inglenook has stopped.\n');
}

/**
 * A key that does not exist yet may still come; then its name has to do.
 * @param {string} nameOrId
 * @returns {Promise<string | null>}
 */
async function keyIdOf(nameOrId) {
  const keys = await call('GET', '/keys');
  const key = keys.find((/** @type {{ id: string, name: string }} */ { id, name }) =>
    [id, name].includes(nameOrId),
  );
  return key?.id ?? null;
}

/**
 * @param {LogRow} row
 * @param {Query} query
 * @param {string | null} keyId
 */
function fits(row, query, keyId) {
  const { key, model, status } = query;
  if (key !== undefined && row.key !== key && row.keyId !== key && (keyId === null || row.keyId !== keyId))
    return false;
  if (model !== undefined && row.model !== model && row.servedModel !== model) return false;
  return status === undefined || row.status === status;
}

/**
 * One line for each row, so that a program can read the live view too.
 * @param {LogRow} row
 * @param {Set<string>} switches
 */
function printRow(row, switches) {
  if (switches.has('json')) return print(JSON.stringify(row));
  const { TIME, KEY, MODEL, STATUS } = columns;
  const numbers = `${row.promptTokens} in, ${row.completionTokens} out, ${Math.round(row.totalMs)} ms`;
  const start = [TIME(row), plain(STATUS(row)).padEnd(9), plain(KEY(row)), plain(MODEL(row)), numbers].join(
    '  ',
  );
  print(row.error === null ? start : `${start}  ${plain(row.error)}`);
}

/**
 * @param {Parsed['values']} values
 * @returns {Query}
 */
function queryOf({ limit, key, model, status, since }) {
  if (status !== undefined && !statuses.includes(status)) {
    throw new UsageError(`--status takes ${statuses.join(', ')}.`);
  }
  return {
    ...(limit === undefined ? {} : { limit: String(parseCount('limit', limit, { min: 1, max: 100_000 })) }),
    ...(key === undefined ? {} : { key }),
    ...(model === undefined ? {} : { model }),
    ...(status === undefined ? {} : { status }),
    ...(since === undefined ? {} : { since: parseSince(since, Date.now()) }),
  };
}

/** @param {Query} query */
function pathOf(query) {
  return `/log?${new URLSearchParams(query).toString()}`;
}
