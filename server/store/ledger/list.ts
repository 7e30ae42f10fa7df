import { invalidRequest } from '../../core/errors.ts';
import { passKeyId } from '../../core/pass.ts';
import type { LogRow, LogStatus } from '../../core/log-row.ts';
import type { FailureKind } from '../../wire/failures.ts';
import { statement, type Store } from '../open.ts';
import { findText } from './dictionary.ts';
import { findPosition, selectRows, toRow, type FoundRequest } from './rows.ts';

/** Which requests are meant; what is left out takes all. */
export type RequestFilters = {
  /** A key's name or id, of a revoked key too. */
  readonly key?: string | undefined;
  readonly person?: string | undefined;
  readonly team?: string | undefined;
  /** What was asked for, or what served. */
  readonly model?: string | undefined;
  readonly engine?: string | undefined;
  readonly status?: LogStatus | undefined;
  readonly failure?: FailureKind | undefined;
  /** A part of the client's User-Agent, whatever its case. */
  readonly client?: string | undefined;
  readonly endUser?: string | undefined;
  /** Whether it was sent to an engine outside the office. */
  readonly leftOffice?: boolean | undefined;
  /** `name=value` of the key's labels then. */
  readonly label?: string | undefined;
  /** ISO times: from the first on, before the second. */
  readonly since?: string | undefined;
  readonly until?: string | undefined;
  /** `no`: without what the server has asked itself to check its models. */
  readonly checks?: 'no' | undefined;
};

/** A place between two rows; pages go on from it whatever comes in the meantime. */
export type Place = { readonly timeMs: number; readonly seq: number };

export type Page = {
  readonly rows: readonly LogRow[];
  /** Where the next page begins; null after the last. A page may be short of rows, even empty, and not be the last. */
  readonly next: Place | null;
};

/** So many groups are looked at one by one, newest first each; more are found by walking back through time. */
const mostMerged = 300;
/** What a page may look at when it walks through time, so that no question takes long. */
const mostWalked = 50_000;

/** Rows by time of arrival, newest first. */
export function readPage(
  store: Store,
  filters: RequestFilters,
  { limit, from }: { readonly limit: number; readonly from: Place | null },
): Page {
  const groups = groupsOf(store, filters);
  if (groups !== null && groups.length === 0) return { rows: [], next: null };
  const seek = { ...boundsOf(filters, from), limit };
  const rest = conditionsOf(store, filters);
  if (rest === null) return { rows: [], next: null };
  const isMerged = groups !== null && groups.length <= mostMerged && rest.sql === '';
  return isMerged ? merge(store, groups, seek) : walk(store, groups, seek, rest);
}

/** The place of the row with this id. @throws AppError 400 where there is none */
export function placeBefore(store: Store, id: string): Place {
  const place = findPosition(store, id);
  if (place !== null) return place;
  throw invalidRequest(
    'There is no request with the id given as `before`. Begin again without it.',
    'before',
  );
}

/** How many rows fit; where groups do not tell, of the newest rows alone. */
export type RowCount = { readonly count: number; readonly isWhole: boolean };

/** What counting may look at where each row must be looked at. */
const mostCounted = 200_000;

export function countRows(store: Store, filters: RequestFilters): RowCount {
  const groups = groupsOf(store, filters);
  const rest = conditionsOf(store, filters);
  if (rest === null || groups?.length === 0) return { count: 0, isWhole: true };
  const { timeMs, seq, sinceMs } = boundsOf(filters, null);
  const least = rest.sql === '' ? null : placeAfter(store, { timeMs, seq, sinceMs }, mostCounted);
  const count = statement(
    store,
    `SELECT count(*) FROM requests AS r ${rest.sql === '' ? '' : 'JOIN request_groups AS g ON g.id = r.group_id'}
     WHERE r.time_ms >= @sinceMs AND r.time_ms < @timeMs
       ${least === null ? '' : 'AND (r.time_ms, r.seq) >= (@leastMs, @leastSeq)'}
       ${groups === null ? '' : 'AND r.group_id IN (SELECT value FROM json_each(@groups))'} ${rest.sql}`,
  )
    .pluck()
    .get({
      sinceMs,
      timeMs,
      ...rest.values,
      ...(least === null ? {} : { leastMs: least.timeMs, leastSeq: least.seq }),
      ...(groups === null ? {} : { groups: JSON.stringify(groups) }),
    });
  return { count: Number(count), isWhole: least === null };
}

export function readRequest(store: Store, id: string): LogRow | null {
  const place = findPosition(store, id);
  if (place === null) return null;
  const found = statement(store, `${selectRows} WHERE r.seq = ?`).get(place.seq);
  return found === undefined ? null : toRow(store, found as FoundRequest);
}

type Seek = {
  readonly timeMs: number;
  readonly seq: number;
  readonly sinceMs: number;
  readonly limit: number;
};

function boundsOf({ since, until }: RequestFilters, from: Place | null): Omit<Seek, 'limit'> {
  const untilMs = until === undefined ? Number.MAX_SAFE_INTEGER : Date.parse(until);
  const begin = from === null || from.timeMs >= untilMs ? { timeMs: untilMs, seq: 0 } : from;
  return { ...begin, sinceMs: since === undefined ? 0 : Date.parse(since) };
}

/** Each group newest first, put together: the index gives every group's next rows without looking at any other. */
function merge(store: Store, groups: readonly number[], seek: Seek): Page {
  const heads = statement(
    store,
    `SELECT time_ms AS timeMs, seq FROM requests WHERE group_id = @group AND time_ms >= @sinceMs
       AND (time_ms, seq) < (@timeMs, @seq) ORDER BY time_ms DESC, seq DESC LIMIT @limit`,
  );
  const places = groups
    .flatMap((group) => heads.all({ ...seek, group }) as Place[])
    .toSorted((a, b) => b.timeMs - a.timeMs || b.seq - a.seq)
    .slice(0, seek.limit);
  const find = statement(store, `${selectRows} WHERE r.seq = ?`);
  const rows = places.map(({ seq }) => toRow(store, find.get(seq) as FoundRequest));
  return { rows, next: places.length < seek.limit ? null : (places.at(-1) ?? null) };
}

type Condition = { readonly sql: string; readonly values: Readonly<Record<string, string | number>> };

function walk(store: Store, groups: readonly number[] | null, seek: Seek, rest: Condition): Page {
  const inGroups = groups === null ? '' : 'AND r.group_id IN (SELECT value FROM json_each(@groups))';
  const bound = { ...seek, ...rest.values, ...(groups === null ? {} : { groups: JSON.stringify(groups) }) };
  const isWhole = groups === null && rest.sql === '';
  const least = isWhole ? null : placeAfter(store, seek, mostWalked);
  const found = statement(
    store,
    `${selectRows} WHERE (r.time_ms, r.seq) < (@timeMs, @seq) AND r.time_ms >= @sinceMs
       ${least === null ? '' : 'AND (r.time_ms, r.seq) >= (@leastMs, @leastSeq)'} ${inGroups} ${rest.sql}
     ORDER BY r.time_ms DESC, r.seq DESC LIMIT @limit`,
  ).all({
    ...bound,
    ...(least === null ? {} : { leastMs: least.timeMs, leastSeq: least.seq }),
  }) as FoundRequest[];
  const rows = found.map((row) => toRow(store, row));
  const last = found.at(-1);
  if (found.length >= seek.limit && last !== undefined)
    return { rows, next: { timeMs: last.time_ms, seq: last.seq } };
  return { rows, next: least };
}

/** The place so many rows further back; null where there are not so many. */
function placeAfter(store: Store, from: Omit<Seek, 'limit'>, rows: number): Place | null {
  const { timeMs, seq, sinceMs } = from;
  const found = statement(
    store,
    `SELECT time_ms AS timeMs, seq FROM requests WHERE (time_ms, seq) < (@timeMs, @seq) AND time_ms >= @sinceMs
     ORDER BY time_ms DESC, seq DESC LIMIT 1 OFFSET @rows`,
  ).get({ timeMs, seq, sinceMs, rows });
  return found === undefined ? null : (found as Place);
}

/** What groups do not tell; null where nothing can fit. */
function conditionsOf(store: Store, { endUser, client, model }: RequestFilters): Condition | null {
  const sql: string[] = [];
  const values: Record<string, string | number> = {};
  if (endUser !== undefined) {
    sql.push('AND r.end_user IN (@endUser, @endUserNumber)');
    Object.assign(values, { endUser, endUserNumber: findText(store, endUser) ?? -1 });
  }
  if (client !== undefined) {
    // Nearly all of them are in the dictionary, and few: found there once, rows are told by numbers.
    sql.push(
      `AND (r.client IN (SELECT id FROM texts WHERE instr(lower(text), @client) > 0)
         OR (typeof(r.client) = 'text' AND instr(lower(r.client), @client) > 0))`,
    );
    values['client'] = client.toLowerCase();
  }
  const number = model === undefined ? null : findText(store, model);
  if (model !== undefined && hasUnresolved(store, model, number)) {
    sql.push('AND (g.model = @model OR g.asked = @model OR r.asked IN (@model, @modelName))');
    Object.assign(values, { model: number ?? -1, modelName: model });
  }
  return { sql: sql.join(' '), values };
}

/** Whether the name was ever asked for in vain, so that rows must be looked at. Such rows are few, all refused. */
function hasUnresolved(store: Store, name: string, number: number | null): boolean {
  const found = statement(
    store,
    `SELECT 1 FROM requests AS r WHERE r.group_id IN (SELECT id FROM request_groups WHERE model = 0 AND asked = 0)
       AND r.asked IN (@number, @name) LIMIT 1`,
  ).get({ number: number ?? -1, name });
  return found !== undefined;
}

/**
 * The groups that the filters choose; null for all. They may hold rows that do not fit, where a model's name has led
 * nowhere; with `isExact` such rows are left out.
 */
export function groupsOf(
  store: Store,
  filters: RequestFilters,
  { isExact = false }: { readonly isExact?: boolean } = {},
): number[] | null {
  const { key, person, team, model, engine, status, failure, leftOffice, label, checks } = filters;
  const sql: string[] = [];
  const values: Record<string, string | number> = {};
  if (key !== undefined) {
    sql.push('a.key_id IN (SELECT id FROM keys WHERE id = @key OR name = @key)');
    values['key'] = key;
  }
  if (person !== undefined) {
    sql.push('a.person = @person');
    values['person'] = person;
  }
  if (team !== undefined) {
    sql.push('a.team = @team');
    values['team'] = team;
  }
  if (label !== undefined) {
    const [name = '', ...value] = label.split('=');
    sql.push(
      "EXISTS (SELECT 1 FROM json_each(a.who, '$[5]') WHERE key = @labelName AND value = @labelValue)",
    );
    Object.assign(values, { labelName: name, labelValue: value.join('=') });
  }
  if (model !== undefined) {
    const number = findText(store, model);
    const unresolved =
      !isExact && hasUnresolved(store, model, number) ? 'OR (g.model = 0 AND g.asked = 0)' : '';
    sql.push(`(g.model = @model OR g.asked = @model ${unresolved})`);
    values['model'] = number ?? -1;
  }
  if (engine !== undefined) {
    sql.push('g.engine = @engine');
    values['engine'] = findText(store, engine) ?? -1;
  }
  if (status !== undefined) {
    sql.push('g.status = @status');
    values['status'] = status;
  }
  if (failure !== undefined) {
    sql.push('g.failure = @failure');
    values['failure'] = failure;
  }
  if (leftOffice !== undefined) sql.push(leftOffice ? 'g.left_office <> 0' : 'g.left_office = 0');
  if (checks === 'no') {
    sql.push('a.key_id IS NOT @own');
    values['own'] = passKeyId;
  }
  if (sql.length === 0) return null;
  return statement(
    store,
    `SELECT g.id FROM request_groups AS g JOIN askers AS a ON a.id = g.asker WHERE ${sql.join(' AND ')}`,
  )
    .pluck()
    .all(values)
    .map(Number);
}
