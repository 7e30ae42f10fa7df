import type { LogRow } from '../../core/log-row.ts';

/**
 * The table in other people's databases: `docs/decisions/2026-11-23-exports.md` shows it to who asks questions of it.
 * Steps are never edited once released, and only add. A database that a newer Inglenook has brought further is left so.
 */
export const schemaSteps: readonly string[] = [
  // 1
  `CREATE TABLE inglenook_requests (
     id                text PRIMARY KEY,
     arrived_at        timestamptz NOT NULL,
     key_name          text,
     key_id            text,
     person            text,
     team              text,
     labels            jsonb NOT NULL,
     end_user          text,
     device            text,
     model             text,
     served_model      text,
     engine            text,
     route             text NOT NULL,
     status            text NOT NULL,
     http_status       integer NOT NULL,
     finish_reason     text,
     error             text,
     prompt_tokens     bigint NOT NULL,
     cached_tokens     bigint NOT NULL,
     completion_tokens bigint NOT NULL,
     cost_nanos        bigint,
     queue_ms          double precision NOT NULL,
     load_ms           double precision NOT NULL,
     prefill_ms        double precision,
     decode_ms         double precision,
     first_token_ms    double precision,
     total_ms          double precision NOT NULL,
     tried             jsonb NOT NULL,
     dropped           jsonb NOT NULL,
     client            text,
     client_request_id text,
     ip                text,
     left_office       text,
     at_once           integer NOT NULL
   );
   CREATE INDEX inglenook_requests_arrived_at ON inglenook_requests (arrived_at);`,
];

/** Which step a database has seen last; one row. */
export const versionTable = 'CREATE TABLE IF NOT EXISTS inglenook_schema (version integer NOT NULL)';

type Column = readonly [name: string, type: string, value: (row: LogRow) => unknown];

const columns: readonly Column[] = [
  ['id', 'text', (row) => row.id],
  ['arrived_at', 'timestamptz', (row) => row.time],
  ['key_name', 'text', (row) => row.key],
  ['key_id', 'text', (row) => row.keyId],
  ['person', 'text', (row) => row.person],
  ['team', 'text', (row) => row.team],
  ['labels', 'jsonb', (row) => row.labels],
  ['end_user', 'text', (row) => row.endUser],
  ['device', 'text', (row) => row.device],
  ['model', 'text', (row) => row.model],
  ['served_model', 'text', (row) => row.servedModel],
  ['engine', 'text', (row) => row.engine],
  ['route', 'text', (row) => row.route],
  ['status', 'text', (row) => row.status],
  ['http_status', 'integer', (row) => row.httpStatus],
  ['finish_reason', 'text', (row) => row.finishReason],
  ['error', 'text', (row) => row.error],
  ['prompt_tokens', 'bigint', (row) => row.promptTokens],
  ['cached_tokens', 'bigint', (row) => row.cachedTokens],
  ['completion_tokens', 'bigint', (row) => row.completionTokens],
  ['cost_nanos', 'bigint', (row) => row.costNanos],
  ['queue_ms', 'double precision', (row) => row.queueMs],
  ['load_ms', 'double precision', (row) => row.loadMs],
  ['prefill_ms', 'double precision', (row) => row.prefillMs],
  ['decode_ms', 'double precision', (row) => row.decodeMs],
  ['first_token_ms', 'double precision', (row) => row.firstTokenMs],
  ['total_ms', 'double precision', (row) => row.totalMs],
  ['tried', 'jsonb', (row) => row.tried],
  ['dropped', 'jsonb', (row) => row.dropped],
  ['client', 'text', (row) => row.client],
  ['client_request_id', 'text', (row) => row.clientRequestId],
  ['ip', 'text', (row) => (row.ip === '' ? null : row.ip)],
  ['left_office', 'text', (row) => row.leftOffice],
  ['at_once', 'integer', (row) => row.atOnce],
];

const names = columns.map(([name]) => name).join(', ');

/** One value, so that a statement has the same text for any number of rows. What is there already stays as it is. */
export const insertSql = `INSERT INTO inglenook_requests (${names})
  SELECT ${names} FROM jsonb_to_recordset($1::jsonb) AS r (${columns.map(([name, type]) => `${name} ${type}`).join(', ')})
  ON CONFLICT (id) DO NOTHING`;

/** The rows as the statement's value. Postgres keeps neither NUL nor halves of surrogate pairs, which names can hold. */
export function insertValue(rows: readonly LogRow[]): string {
  return JSON.stringify(
    rows.map((row) => Object.fromEntries(columns.map(([name, , value]) => [name, value(row)]))),
    (_name, value: unknown) => cleaned(value),
  );
}

function cleaned(value: unknown): unknown {
  if (typeof value === 'string') return value.toWellFormed().replaceAll('\0', '\ufffd');
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([name, one]) => [cleaned(name), one]));
}
