import { call } from './client.mjs';
import { isServerRunning } from './data-dir.mjs';
import { UsageError } from './failures.mjs';
import { parseCount } from './flags.mjs';
import { runOffline } from './offline.mjs';
import { localTime, plain, print, printJson, printTable } from './print.mjs';
import { parseSince } from './times.mjs';

/** @typedef {import('./flags.mjs').Parsed} Parsed */
/** @typedef {import('../../server/wire/audit.ts').AuditRecord} AuditRecord */
/** @typedef {import('../../server/wire/audit.ts').AuditVerification} AuditVerification */

const outcomes = ['done', 'refused', 'failed'];
/** What the server gives at once. */
const pageRows = 1000;

/** @type {Record<string, import('./commands.mjs').Command>} */
export const auditCommands = {
  'audit list': {
    summary:
      'Who has done what with this server’s powers, newest first. --act key finds key.create and its like.',
    shape: { flags: { limit: 'N', act: 'A', object: 'O', outcome: outcomes.join('|'), since: 'T' } },
    run: list,
  },
  'audit verify': {
    summary:
      'Check that no row was changed or taken out; also while the server is stopped. --expected holds it to a row of an earlier report.',
    shape: { flags: { expected: 'SEQ:HASH' } },
    run: verify,
  },
};

/** @param {Parsed} parsed */
async function list({ values, switches }) {
  const { limit = '100', act, object, outcome, since } = values;
  if (outcome !== undefined && !outcomes.includes(outcome)) {
    throw new UsageError(`--outcome takes ${outcomes.join(', ')}.`);
  }
  const wanted = parseCount('limit', limit, { min: 1, max: 100_000 });
  const rows = await pages(wanted, {
    ...(act === undefined ? {} : { act }),
    ...(object === undefined ? {} : { object }),
    ...(outcome === undefined ? {} : { outcome }),
    ...(since === undefined ? {} : { since: parseSince(since, Date.now()) }),
  });
  if (switches.has('json')) return printJson(rows);
  printTable(
    {
      ROW: (row) => row.seq,
      TIME: (row) => localTime(row.time),
      WHO: whoOf,
      FROM: (row) => row.ip,
      ACT: (row) => row.act,
      OBJECT: (row) => row.object,
      OUTCOME: (row) => (row.code === null ? row.outcome : `${row.outcome}: ${row.code}`),
    },
    rows,
    'No row fits.',
  );
}

/**
 * @param {number} wanted
 * @param {Record<string, string>} query
 * @returns {Promise<AuditRecord[]>}
 */
async function pages(wanted, query) {
  /** @type {AuditRecord[]} */
  const rows = [];
  for (;;) {
    const limit = Math.min(pageRows, wanted - rows.length);
    const last = rows.at(-1);
    const before = last === undefined ? {} : { before: String(last.seq) };
    const parts = new URLSearchParams({ ...query, ...before, limit: String(limit) });
    /** @type {AuditRecord[]} */
    const page = await call('GET', `/audit?${parts.toString()}`);
    rows.push(...page);
    if (page.length < limit || rows.length >= wanted) return rows;
  }
}

/**
 * @param {Parsed} parsed
 * @returns {Promise<number>}
 */
async function verify({ values, switches }) {
  const { expected } = values;
  if (expected !== undefined && !/^\d{1,15}:[0-9a-f]{64}$/.test(expected)) {
    throw new UsageError('--expected takes a row and its hash, SEQ:HASH, as an earlier report printed it.');
  }
  /** @type {AuditVerification} */
  const result = isServerRunning()
    ? await call('POST', '/audit/verify', expected === undefined ? {} : { expected })
    : await runOffline(['audit-verify', ...(expected === undefined ? [] : [expected])]);
  if (switches.has('json')) printJson(result);
  else printVerification(result);
  return result.ok ? 0 : 1;
}

/** @param {AuditVerification} result */
function printVerification({ ok, rows, head, purgedThrough, problems }) {
  print(ok ? `The audit is whole: ${rows} rows checked.` : 'The audit is not whole:');
  for (const { sentence } of problems) print(`  ${plain(sentence)}`);
  if (purgedThrough > 0) print(`Rows up to ${purgedThrough} were deleted on purpose after their time.`);
  print(`Newest row: ${head.seq}:${head.hash}`);
}

/** Of several scripts the one that has a name. @param {AuditRecord} row */
function whoOf({ actor, via, details }) {
  if (via === null) return actor;
  const { token } = details;
  return via === 'token' && typeof token === 'string' ? `${actor} (token ${token})` : `${actor} (${via})`;
}
