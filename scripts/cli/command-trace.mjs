import { call } from './client.mjs';
import { UsageError } from './failures.mjs';
import { parseCount } from './flags.mjs';
import { localTime, plain, print, printJson, printParts, printTable, warn } from './print.mjs';
import { parseSince } from './times.mjs';

/** @typedef {import('./flags.mjs').Parsed} Parsed */
/** @typedef {import('../../server/wire/traces.ts').TracesPage} TracesPage */
/** @typedef {import('../../server/wire/traces.ts').TracesFound} TracesFound */
/** @typedef {import('../../server/wire/traces.ts').TraceRecord} TraceRecord */

const whose = { key: 'K', person: 'P', model: 'M', since: 'T' };
/** What the server gives at once. */
const pageRows = 200;

/** @type {Record<string, import('./commands.mjs').Command>} */
export const traceCommands = {
  'trace list': {
    summary: 'Of which requests the prompts are kept, newest first, without what was said.',
    shape: { flags: { limit: 'N', ...whose } },
    run: list,
  },
  'trace show': {
    summary: 'What was asked and answered in one request, masked. The audit tells that you have read it.',
    shape: { arguments: ['REQUEST'] },
    run: show,
  },
  'trace search': {
    summary:
      'Find kept prompts and answers by their words; quote a phrase twice: \'"two words"\'. The audit tells that you searched, not for what.',
    shape: { arguments: ['WORDS'], flags: { limit: 'N', ...whose } },
    run: search,
  },
  'trace erase': {
    summary: 'Delete for good what is kept of one request, of a key, of a person, or of everybody (--all).',
    shape: { flags: { request: 'R', key: 'K', person: 'P', all: '' } },
    run: erase,
  },
};

/** @param {Parsed['values']} values */
function filtersOf({ key, person, model, since }) {
  return {
    ...(key === undefined ? {} : { key }),
    ...(person === undefined ? {} : { person }),
    ...(model === undefined ? {} : { model }),
    ...(since === undefined ? {} : { since: parseSince(since, Date.now()) }),
  };
}

/**
 * @template {{ next: string | null, traces: readonly unknown[] }} Page
 * @param {Parsed['values']} values
 * @param {(limit: number, cursor: { cursor?: string }) => Promise<Page>} ask
 */
async function pages({ limit = '100' }, ask) {
  const wanted = parseCount('limit', limit, { min: 1, max: 100_000 });
  /** @type {Page['traces'][number][]} */
  const rows = [];
  /** @type {string | null} */
  let next = null;
  /** @type {Page} */
  let page;
  do {
    page = await ask(Math.min(pageRows, wanted - rows.length), next === null ? {} : { cursor: next });
    rows.push(...page.traces);
    next = page.next;
  } while (next !== null && rows.length < wanted);
  return { rows, last: page };
}

/** @type {Record<string, (row: any) => import('./print.mjs').Cell>} */
const columns = {
  REQUEST: (row) => row.requestId,
  TIME: (row) => localTime(row.time),
  KEY: (row) => row.key,
  PERSON: (row) => row.person,
  MODEL: (row) => row.servedModel ?? row.model,
  STATUS: (row) => row.status,
  MASKED: (row) => row.masked,
};

/** @param {Parsed} parsed */
async function list({ values, switches }) {
  const filters = filtersOf(values);
  const { rows } = await pages(values, (limit, cursor) => {
    const query = new URLSearchParams({ ...filters, ...cursor, limit: String(limit) });
    return /** @type {Promise<TracesPage>} */ (call('GET', `/traces?${query.toString()}`));
  });
  if (switches.has('json')) return printJson(rows);
  printTable(columns, rows, 'Nothing is kept that fits.');
}

/** @param {Parsed} parsed */
async function search({ args: [words = ''], values, switches }) {
  const filters = filtersOf(values);
  const { rows, last } = await pages(values, (limit, cursor) => {
    const body = { words, ...filters, ...cursor, limit };
    return /** @type {Promise<TracesFound>} */ (call('POST', '/traces/search', body));
  });
  if (switches.has('json')) return printJson(rows);
  printTable({ ...columns, FOUND: (row) => row.excerpt }, rows, 'Nothing is kept that fits.');
  if (last.hits > rows.length) warn(`${last.hits} in all; --limit shows more.`);
}

/** @param {Parsed} parsed */
async function show({ args: [id = ''], switches }) {
  /** @type {TraceRecord} */
  const trace = await call('GET', `/traces/${encodeURIComponent(id)}`);
  if (switches.has('json')) return printJson(trace);
  printParts({
    Request: trace.requestId,
    Time: localTime(trace.time),
    Key: trace.key,
    Person: trace.person,
    Model: trace.servedModel ?? trace.model,
    Status: trace.status,
    Masked: trace.masked,
  });
  if (trace.leftOut > 0) print(`\n(${trace.leftOut} earlier pieces of the prompt were not kept)`);
  for (const { role, kind, name, text, cut } of [...trace.asked, ...trace.answered]) {
    const heading = [role, kind === 'text' ? null : kind, name].filter((part) => part !== null).join(' ');
    print(`\n── ${plain(heading)}`);
    for (const line of text.split(/\r?\n/u)) print(plain(line.replaceAll('\t', '  ')));
    if (cut > 0) print(`(${cut} more characters were not kept)`);
  }
}

/** @param {Parsed} parsed */
async function erase({ values, switches }) {
  const { request, key, person } = values;
  const named = [request, key, person].filter((value) => value !== undefined).length;
  if (named + (switches.has('all') ? 1 : 0) !== 1) {
    throw new UsageError('Say what to erase: --request R, --key K, --person P, or --all.');
  }
  const query = new URLSearchParams({
    ...(key === undefined ? {} : { key }),
    ...(person === undefined ? {} : { person }),
    ...(switches.has('all') ? { all: 'true' } : {}),
  });
  const path =
    request === undefined ? `/traces?${query.toString()}` : `/traces/${encodeURIComponent(request)}`;
  /** @type {import('../../server/wire/traces.ts').ForgottenTraces} */
  const answer = await call('DELETE', path);
  if (switches.has('json')) return printJson(answer);
  print(`What was kept of ${answer.erased} request${answer.erased === 1 ? '' : 's'} is erased.`);
}
