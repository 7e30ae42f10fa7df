import { AppError } from '../core/errors.ts';
import type { LogRow } from '../core/log-row.ts';
import type { LogQuery } from '../wire/admin.ts';
import { statement, write } from './open.ts';
import type { Store } from './open.ts';

/** Column of the table → name in a LogRow, where they are not translated by `toRow` and `fromRow`. */
const plainColumns = {
  id: 'id',
  key_name: 'key',
  key_id: 'keyId',
  person: 'person',
  team: 'team',
  end_user: 'endUser',
  device: 'device',
  model: 'model',
  served_model: 'servedModel',
  engine: 'engine',
  route: 'route',
  status: 'status',
  http_status: 'httpStatus',
  finish_reason: 'finishReason',
  error: 'error',
  prompt_tokens: 'promptTokens',
  cached_tokens: 'cachedTokens',
  completion_tokens: 'completionTokens',
  queue_ms: 'queueMs',
  load_ms: 'loadMs',
  first_token_ms: 'firstTokenMs',
  total_ms: 'totalMs',
  client: 'client',
  client_request_id: 'clientRequestId',
  ip: 'ip',
  left_office: 'leftOffice',
  cache: 'cache',
  cost_nanos: 'costNanos',
} as const satisfies Record<string, keyof LogRow>;

type StoredRow = Omit<LogRow, 'time' | 'tried' | 'dropped'> & {
  readonly timeMs: number;
  readonly tried: string;
  readonly dropped: string;
};

const plainFields = Object.values(plainColumns);
const columnPairs = [
  ...Object.entries(plainColumns),
  ['time_ms', 'timeMs'],
  ['tried', 'tried'],
  ['dropped', 'dropped'],
] as const;

const insertSql = `INSERT INTO requests (${columnPairs.map(([column]) => column).join(', ')})
  VALUES (${columnPairs.map(() => '?').join(', ')})`;

const selectSql = `SELECT ${columnPairs.map(([column, field]) => `${column} AS "${field}"`).join(', ')} FROM requests`;

/** Writes the row of one finished request. Once it returns, the row is in the file and others can read it. */
export function insertRequest(store: Store, row: LogRow): void {
  // By place: thirty names would be looked up one by one.
  const values = [
    ...plainFields.map((field) => row[field]),
    Date.parse(row.time),
    JSON.stringify(row.tried),
    JSON.stringify(row.dropped),
  ];
  const insert = (): unknown => statement(store, insertSql).run(values);
  // A transaction inside another would cost as much again.
  if (store.db.inTransaction) insert();
  else write(store, insert);
}

export function hasRequest(store: Store, id: string): boolean {
  return statement(store, 'SELECT 1 FROM requests WHERE id = ?').get(id) !== undefined;
}

/**
 * Rows by time of arrival, newest first. `before` is the id of the last row of the page before, so pages stay
 * whole while new rows arrive; an unknown id is refused with 400. `key` is a name or an id, of a revoked key
 * too; `model` is what was asked for or what served.
 */
export function listRequests(store: Store, query: LogQuery): LogRow[] {
  const conditions: string[] = [];
  const values: Record<string, string | number> = { limit: query.limit };
  if (query.before !== undefined) {
    const { timeMs, seq } = positionOf(store, query.before);
    conditions.push('(time_ms, seq) < (@beforeMs, @beforeSeq)');
    Object.assign(values, { beforeMs: timeMs, beforeSeq: seq });
  }
  if (query.since !== undefined) {
    conditions.push('time_ms >= @sinceMs');
    values['sinceMs'] = Date.parse(query.since);
  }
  if (query.key !== undefined) {
    conditions.push('key_id IN (SELECT id FROM keys WHERE id = @key OR name = @key)');
    values['key'] = query.key;
  }
  if (query.model !== undefined) {
    // No index: an office has a handful of models, so walking back through time finds a page soon enough.
    conditions.push('(model = @model OR served_model = @model)');
    values['model'] = query.model;
  }
  if (query.status !== undefined) {
    // The second condition lets SQLite see that the partial index applies.
    conditions.push(query.status === 'ok' ? 'status = @status' : "status = @status AND status <> 'ok'");
    values['status'] = query.status;
  }
  const where = conditions.length === 0 ? '' : `WHERE ${conditions.join(' AND ')}`;
  const rows = statement(store, `${selectSql} ${where} ORDER BY time_ms DESC, seq DESC LIMIT @limit`).all(
    values,
  );
  return rows.map((row) => fromRow(row as StoredRow));
}

/** Sums over all requests that arrived at `sinceMs` or later. `errors` counts what went wrong, not what was refused. */
export function summariseSince(
  store: Store,
  sinceMs: number,
): {
  readonly requests: number;
  readonly errors: number;
  readonly promptTokens: number;
  readonly completionTokens: number;
} {
  return statement(
    store,
    `SELECT count(*) AS requests, count(*) FILTER (WHERE status = 'error') AS errors,
       coalesce(sum(prompt_tokens), 0) AS promptTokens, coalesce(sum(completion_tokens), 0) AS completionTokens
     FROM requests WHERE time_ms >= ?`,
  ).get(sinceMs) as ReturnType<typeof summariseSince>;
}

function positionOf(store: Store, id: string): { readonly timeMs: number; readonly seq: number } {
  const row = statement(store, 'SELECT time_ms AS timeMs, seq FROM requests WHERE id = ?').get(id);
  if (row === undefined) {
    throw new AppError('There is no request with the id given as `before`. Begin again without it.', {
      status: 400,
      code: 'invalid_request',
      param: 'before',
    });
  }
  return row as { timeMs: number; seq: number };
}

function fromRow(stored: StoredRow): LogRow {
  const { timeMs, tried, dropped, id, ...rest } = stored;
  return {
    id,
    time: new Date(timeMs).toISOString(),
    ...rest,
    tried: JSON.parse(tried) as string[],
    dropped: JSON.parse(dropped) as string[],
  };
}
