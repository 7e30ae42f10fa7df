import { splitTimes, type LogRow, type LogStatus } from '../../core/log-row.ts';
import { partsOfRequestId } from '../../core/request-id.ts';
import { failureOf } from '../../wire/failures.ts';
import { statement, type Store } from '../open.ts';
import {
  askerNumber,
  decodeOptional,
  decodeText,
  encodeOptional,
  encodeText,
  groupNumber,
  nameInUse,
  requireText,
} from './dictionary.ts';
import { tenths } from './rollups.ts';

type Shared = number | string;

/** A row as it is kept; the table's columns in their order, without `seq`. */
type StoredRequest = {
  readonly time_ms: number;
  readonly id: Uint8Array | string;
  readonly group_id: number;
  readonly asked: Shared | null;
  readonly way: Shared | null;
  readonly route: Shared;
  readonly http_status: number;
  readonly finish_reason: Shared | null;
  readonly error: Shared | null;
  readonly prompt_tokens: number;
  readonly cached_tokens: number;
  readonly completion_tokens: number;
  readonly cost_nanos: number | null;
  readonly queue: number;
  readonly load: number;
  readonly first_token: number | null;
  readonly total: number;
  readonly at_once: number;
  readonly dropped: Shared | null;
  readonly client: Shared | null;
  readonly client_request_id: string | null;
  readonly ip: Shared;
  readonly end_user: Shared | null;
  readonly cache: 0 | 1 | null;
};

const columns = [
  'time_ms',
  'id',
  'group_id',
  'asked',
  'way',
  'route',
  'http_status',
  'finish_reason',
  'error',
  'prompt_tokens',
  'cached_tokens',
  'completion_tokens',
  'cost_nanos',
  'queue',
  'load',
  'first_token',
  'total',
  'at_once',
  'dropped',
  'client',
  'client_request_id',
  'ip',
  'end_user',
  'cache',
] as const satisfies readonly (keyof StoredRequest)[];

const insertSql = `INSERT INTO requests (${columns.join(', ')}) VALUES (${columns.map(() => '?').join(', ')})`;

/** What every reading of rows selects; `r` is `requests`, `g` and `a` what it belongs to. */
export const selectRows = `SELECT r.seq, ${columns.map((name) => `r.${name}`).join(', ')},
    g.asked AS groupAsked, g.model, g.engine, g.left_office AS leftOffice, g.status, a.who
  FROM requests AS r JOIN request_groups AS g ON g.id = r.group_id JOIN askers AS a ON a.id = g.asker`;

export type FoundRequest = StoredRequest & {
  readonly seq: number;
  readonly groupAsked: number;
  readonly model: number;
  readonly engine: number;
  readonly leftOffice: number;
  readonly status: LogStatus;
  readonly who: string;
};

/** Writes the row within the transaction that is under way. @returns the group it is summed up by */
export function insertRow(store: Store, row: LogRow): number {
  const { tried, servedModel } = row;
  const model = servedModel ?? tried.at(-1) ?? null;
  // Names that lead nowhere can be anything, and must not become groups.
  const asked = model === null ? nameInUse(store, row.model) : requireText(store, row.model);
  const group = groupNumber(store, {
    asker: askerNumber(store, row),
    asked,
    model: requireText(store, model),
    engine: requireText(store, row.engine),
    leftOffice: requireText(store, row.leftOffice),
    status: row.status,
    cacheHit: row.cache === 'hit' ? 1 : 0,
    failure: failureOf(row) ?? '',
  });
  const timeMs = Date.parse(row.time);
  const isDirect = servedModel === null ? tried.length === 0 : tried.length === 1 && tried[0] === servedModel;
  const stored: StoredRequest = {
    time_ms: timeMs,
    id: storedId(row, timeMs),
    group_id: group,
    asked: asked === 0 ? encodeOptional(store, row.model) : null,
    way: isDirect ? null : encodeText(store, JSON.stringify([servedModel, tried])),
    route: encodeText(store, row.route),
    http_status: row.httpStatus,
    finish_reason: encodeOptional(store, row.finishReason),
    error: encodeOptional(store, row.error),
    prompt_tokens: row.promptTokens,
    cached_tokens: row.cachedTokens,
    completion_tokens: row.completionTokens,
    cost_nanos: row.costNanos,
    queue: tenths(row.queueMs),
    load: tenths(row.loadMs),
    first_token: row.firstTokenMs === null ? null : tenths(row.firstTokenMs),
    total: tenths(row.totalMs),
    at_once: row.atOnce,
    dropped: row.dropped.length === 0 ? null : encodeText(store, JSON.stringify(row.dropped)),
    client: encodeOptional(store, row.client),
    client_request_id: row.clientRequestId,
    ip: encodeText(store, row.ip),
    end_user: encodeOptional(store, row.endUser),
    cache: row.cache === null ? null : row.cache === 'hit' ? 1 : 0,
  };
  // By place: by name, two dozen names would be looked up for each row.
  statement(store, insertSql).run(columns.map((name) => stored[name]));
  return group;
}

/** Only what follows the time, where the id tells the row's own time. */
function storedId({ id }: LogRow, rowMs: number): Buffer | string {
  const parts = partsOfRequestId(id);
  return parts !== null && parts.timeMs === rowMs ? Buffer.from(parts.tail, 'hex') : id;
}

function idOf({ id, time_ms: timeMs }: FoundRequest): string {
  if (typeof id === 'string') return id;
  return `req_${timeMs.toString(16).padStart(12, '0')}${Buffer.from(id).toString('hex')}`;
}

/** Where the row of this id stands in time; null where there is none. */
export function findPosition(
  store: Store,
  id: string,
): { readonly timeMs: number; readonly seq: number } | null {
  const parts = partsOfRequestId(id);
  if (parts !== null) {
    const found = statement(
      store,
      'SELECT time_ms AS timeMs, seq FROM requests WHERE time_ms = ? AND id = ?',
    ).get(parts.timeMs, Buffer.from(parts.tail, 'hex'));
    if (found !== undefined) return found as { timeMs: number; seq: number };
  }
  // The second condition lets SQLite see that the partial index applies.
  const found = statement(
    store,
    "SELECT time_ms AS timeMs, seq FROM requests WHERE id = ? AND typeof(id) = 'text'",
  ).get(id);
  return found === undefined ? null : (found as { timeMs: number; seq: number });
}

/** A row in the words of the contract. */
export function toRow(store: Store, found: FoundRequest): LogRow {
  const [keyId, key, person, team, device, labels] = readWho(found.who);
  const model = decodeOptional(store, found.model);
  const way = decodeOptional(store, found.way);
  const [servedModel, tried] =
    way === null
      ? [model, model === null ? [] : [model]]
      : (JSON.parse(way) as [string | null, readonly string[]]);
  const dropped = decodeOptional(store, found.dropped);
  const times = {
    queueMs: found.queue / 10,
    loadMs: found.load / 10,
    firstTokenMs: found.first_token === null ? null : found.first_token / 10,
    totalMs: found.total / 10,
  };
  return {
    id: idOf(found),
    time: new Date(found.time_ms).toISOString(),
    key,
    keyId,
    person,
    team,
    labels,
    endUser: decodeOptional(store, found.end_user),
    device,
    model: decodeOptional(store, found.groupAsked) ?? decodeOptional(store, found.asked),
    servedModel,
    engine: decodeOptional(store, found.engine),
    route: decodeText(store, found.route),
    status: found.status,
    httpStatus: found.http_status,
    finishReason: decodeOptional(store, found.finish_reason),
    error: decodeOptional(store, found.error),
    promptTokens: found.prompt_tokens,
    cachedTokens: found.cached_tokens,
    completionTokens: found.completion_tokens,
    costNanos: found.cost_nanos,
    ...times,
    ...splitTimes(times),
    tried,
    dropped: dropped === null ? [] : (JSON.parse(dropped) as string[]),
    client: decodeOptional(store, found.client),
    clientRequestId: found.client_request_id,
    ip: decodeText(store, found.ip),
    leftOffice: decodeOptional(store, found.leftOffice),
    atOnce: found.at_once,
    cache: found.cache === null ? null : found.cache === 1 ? 'hit' : 'miss',
  };
}

type Who = [
  string | null,
  string | null,
  string | null,
  string | null,
  string | null,
  Record<string, string>,
];

function readWho(who: string): Who {
  return JSON.parse(who) as Who;
}
