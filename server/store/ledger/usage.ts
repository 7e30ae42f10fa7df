import { percentile, unpackInto } from '../../core/histogram.ts';
import { slicesOf, type TimeStep } from '../../core/local-time.ts';
import type { LogStatus } from '../../core/log-row.ts';
import type { UsageDimension, UsageRow } from '../../wire/usage.ts';
import { statement, type Store } from '../open.ts';
import { decodeOptional } from './dictionary.ts';
import { levelMs, levelOf, quarterMs, type Cube } from './levels.ts';
import { groupsOf, type RequestFilters } from './list.ts';
import { spansOf } from './rollups.ts';

/** What is asked; times in milliseconds since 1970 UTC. */
export type UsageQuestion = {
  readonly filters: RequestFilters;
  readonly dimensions: readonly UsageDimension[];
  /** Null: the whole time as one. */
  readonly step: TimeStep | null;
  readonly zone: string;
  /** Null: from the first request on, to the last. */
  readonly fromMs: number | null;
  readonly toMs: number | null;
};

export type UsageSums = {
  readonly fromMs: number;
  readonly toMs: number;
  readonly rows: readonly UsageRow[];
};

/**
 * Sums of the log over a time, exact to the millisecond: whole quarter-hours from the sums that were written with the
 * rows, what is before and after them from the rows themselves.
 */
export function readUsage(store: Store, question: UsageQuestion): UsageSums {
  const { fromMs, toMs } = timeOf(store, question);
  const { step, zone } = question;
  const slices =
    step === null ? [{ startMs: fromMs, endMs: toMs, label: '' }] : slicesOf(step, { fromMs, toMs }, zone);
  const tallies = new Map<string, Tally>();
  if (step !== null && question.dimensions.length === 0) {
    for (const index of slices.keys()) tallyOf(tallies, index, []);
  }
  const groups = groupsOf(store, question.filters, { isExact: true });
  const scope: Scope = { columns: question.dimensions.map((name) => columnOf[name]), groups };
  for (const found of fromRollups(store, slices, scope)) add(tallies, found, scope);
  for (const [index, slice] of slices.entries()) {
    for (const edge of edgesOf(slice)) {
      for (const found of fromRows(store, index, edge, scope)) add(tallies, found, scope);
    }
  }
  const rows = [...tallies.values()]
    .filter(({ requests }) => requests > 0 || step !== null || question.dimensions.length === 0)
    .toSorted((a, b) => a.slice - b.slice)
    .map((tally) => toUsageRow(store, question, slices, tally));
  if (rows.length === 0 && step === null && question.dimensions.length === 0) {
    return { fromMs, toMs, rows: [toUsageRow(store, question, slices, newTally(0, []))] };
  }
  return { fromMs, toMs, rows };
}

/** Requests that came too fast to be logged one by one; by whole quarter-hours. */
export function sumTurnedAway(store: Store, fromMs: number, toMs: number): number {
  const sum = statement(
    store,
    'SELECT coalesce(sum(requests), 0) FROM turned_away WHERE start >= ? AND start < ?',
  )
    .pluck()
    .get(Math.floor(fromMs / quarterMs), Math.ceil(toMs / quarterMs));
  return Number(sum);
}

function timeOf(store: Store, { fromMs, toMs }: UsageQuestion): { fromMs: number; toMs: number } {
  const dayLevel = levelOf('status', levelMs.length - 1);
  const dayMs = levelMs[levelMs.length - 1] ?? quarterMs;
  const edge = (which: 'min' | 'max'): number | null =>
    statement(store, `SELECT ${which}(start) FROM rollups WHERE level = ?`).pluck().get(dayLevel) as
      | number
      | null;
  const first = (edge('min') ?? 0) * dayMs;
  const last = ((edge('max') ?? -1) + 1) * dayMs;
  const from = Math.max(fromMs ?? first, first);
  return { fromMs: from, toMs: Math.max(from, Math.min(toMs ?? last, last)) };
}

type Scope = {
  /** Expressions over `g` (groups) and `a` (askers). */
  readonly columns: readonly string[];
  /** Null: all. */
  readonly groups: readonly number[] | null;
};

const columnOf: Readonly<Record<UsageDimension, string>> = {
  key: 'a.key_id',
  person: 'a.person',
  team: 'a.team',
  model: 'g.model',
  engine: 'g.engine',
  status: 'g.status',
  leftOffice: 'g.left_office',
};

/** One line of sums: of a slice, a status, and the values of the dimensions `d0`, `d1` … */
type Found = Readonly<Record<`d${number}`, string | number | null>> & {
  readonly slice: number;
  readonly status: LogStatus;
  readonly requests: number;
  readonly prompt: number;
  readonly cached: number;
  readonly completion: number;
  readonly cost: number;
  readonly queue: number;
  readonly load: number;
  readonly total: number;
  readonly mostAtOnce: number;
  /** Kept histograms one after the other, in hexadecimal digits: SQLite joins them faster than we could add them up. */
  readonly firstTokens: string | null;
  readonly totals: string | null;
};

function fromRollups(
  store: Store,
  slices: readonly { readonly startMs: number; readonly endMs: number }[],
  { columns, groups }: Scope,
): Found[] {
  const cube = cubeFor(columns, groups);
  const spans = slices.flatMap(({ startMs, endMs }, slice) => {
    const from = Math.ceil(startMs / quarterMs) * quarterMs;
    const to = Math.floor(endMs / quarterMs) * quarterMs;
    return spansOf(from, to).map(({ level, first, end }) => [slice, levelOf(cube, level), first, end]);
  });
  const names = columns.map((column, index) => `${column} AS d${index}`);
  const sql = `WITH span AS MATERIALIZED (
      SELECT value ->> 0 AS slice, value ->> 1 AS level, value ->> 2 AS first, value ->> 3 AS beyond
      FROM json_each(@spans)
    )
    SELECT span.slice AS slice, g.status AS status ${names.map((name) => `, ${name}`).join('')},
      sum(r.requests) AS requests, sum(r.prompt_tokens) AS prompt, sum(r.cached_tokens) AS cached,
      sum(r.completion_tokens) AS completion, sum(r.cost_nanos) AS cost, sum(r.queue) AS queue, sum(r.load) AS load,
      sum(r.total) AS total, max(r.most_at_once) AS mostAtOnce, group_concat(hex(r.first_tokens), '') AS firstTokens,
      group_concat(hex(r.totals), '') AS totals
    FROM span CROSS JOIN rollups AS r ON r.level = span.level AND r.start >= span.first AND r.start < span.beyond
      CROSS JOIN request_groups AS g ON g.id = r.group_id
      ${columns.some((column) => column.startsWith('a.')) ? 'LEFT JOIN askers AS a ON a.id = g.asker' : ''}
    ${groups === null ? '' : 'WHERE r.group_id IN (SELECT value FROM json_each(@groups))'}
    GROUP BY ${[1, 2, ...columns.map((_, index) => index + 3)].join(', ')}`;
  return statement(store, sql).all({
    spans: JSON.stringify(spans),
    ...(groups === null ? {} : { groups: JSON.stringify(groups) }),
  }) as Found[];
}

/** The coarsest sums that tell what is asked. */
function cubeFor(columns: readonly string[], groups: readonly number[] | null): Cube {
  const are = (...names: readonly UsageDimension[]): boolean =>
    groups === null && columns.every((column) => names.some((name) => columnOf[name] === column));
  if (are('status')) return 'status';
  return are('status', 'model', 'engine', 'leftOffice') ? 'model' : 'group';
}

type Edge = { readonly fromMs: number; readonly toMs: number };

/** What of the slice lies in quarter-hours that are not wholly in it. */
function edgesOf({ startMs, endMs }: { readonly startMs: number; readonly endMs: number }): Edge[] {
  const innerFrom = Math.ceil(startMs / quarterMs) * quarterMs;
  const innerTo = Math.floor(endMs / quarterMs) * quarterMs;
  if (innerFrom > innerTo) return startMs < endMs ? [{ fromMs: startMs, toMs: endMs }] : [];
  return [
    { fromMs: startMs, toMs: innerFrom },
    { fromMs: innerTo, toMs: endMs },
  ].filter(({ fromMs, toMs }) => fromMs < toMs);
}

function fromRows(store: Store, slice: number, edge: Edge, { columns, groups }: Scope): Found[] {
  const names = columns.map((column, index) => `, ${column} AS d${index}`).join('');
  const sql = `SELECT @slice AS slice, g.status AS status ${names}, count(*) AS requests,
      sum(r.prompt_tokens) AS prompt, sum(r.cached_tokens) AS cached, sum(r.completion_tokens) AS completion,
      coalesce(sum(r.cost_nanos), 0) AS cost, sum(r.queue) AS queue, sum(r.load) AS load, sum(r.total) AS total,
      max(r.at_once) AS mostAtOnce, hex(histogram_of(r.first_token)) AS firstTokens,
      hex(histogram_of(r.total)) AS totals
    FROM requests AS r JOIN request_groups AS g ON g.id = r.group_id JOIN askers AS a ON a.id = g.asker
    WHERE r.time_ms >= @fromMs AND r.time_ms < @toMs
      ${groups === null ? '' : 'AND r.group_id IN (SELECT value FROM json_each(@groups))'}
    GROUP BY ${[2, ...columns.map((_, index) => index + 3)].join(', ')}`;
  return statement(store, sql).all({
    slice,
    ...edge,
    ...(groups === null ? {} : { groups: JSON.stringify(groups) }),
  }) as Found[];
}

type Value = string | number | null;

type Tally = {
  readonly slice: number;
  readonly values: readonly Value[];
  requests: number;
  readonly byStatus: Record<LogStatus, number>;
  prompt: number;
  cached: number;
  completion: number;
  cost: number;
  queue: number;
  load: number;
  total: number;
  mostAtOnce: number;
  readonly firstTokens: Map<number, number>;
  /** Of whole answers. */
  readonly totals: Map<number, number>;
};

function newTally(slice: number, values: readonly Value[]): Tally {
  const sums = { requests: 0, prompt: 0, cached: 0, completion: 0, cost: 0, queue: 0, load: 0, total: 0 };
  return {
    slice,
    values,
    ...sums,
    mostAtOnce: 0,
    byStatus: { ok: 0, error: 0, cancelled: 0, refused: 0 },
    firstTokens: new Map(),
    totals: new Map(),
  };
}

function tallyOf(tallies: Map<string, Tally>, slice: number, values: readonly Value[]): Tally {
  const name = JSON.stringify([slice, values]);
  const tally = tallies.get(name) ?? newTally(slice, values);
  tallies.set(name, tally);
  return tally;
}

function add(tallies: Map<string, Tally>, found: Found, { columns }: Scope): void {
  const values = columns.map((_, index) => found[`d${index}`] ?? null);
  const tally = tallyOf(tallies, found.slice, values);
  for (const sum of [
    'requests',
    'prompt',
    'cached',
    'completion',
    'cost',
    'queue',
    'load',
    'total',
  ] as const) {
    tally[sum] += found[sum];
  }
  tally.byStatus[found.status] += found.requests;
  tally.mostAtOnce = Math.max(tally.mostAtOnce, found.mostAtOnce);
  unpackInto(tally.firstTokens, bytesOf(found.firstTokens));
  if (found.status === 'ok') unpackInto(tally.totals, bytesOf(found.totals));
}

function bytesOf(digits: string | null): Uint8Array | null {
  return digits === null ? null : Buffer.from(digits, 'hex');
}

function toUsageRow(
  store: Store,
  { dimensions, step }: UsageQuestion,
  slices: readonly { readonly startMs: number; readonly endMs: number; readonly label: string }[],
  tally: Tally,
): UsageRow {
  const slice = slices[tally.slice];
  const lengthMs = slice === undefined ? 0 : slice.endMs - slice.startMs;
  const { ok, error, cancelled, refused } = tally.byStatus;
  return {
    ...(step === null || slice === undefined
      ? {}
      : { [step]: slice.label, start: new Date(slice.startMs).toISOString() }),
    ...Object.assign({}, ...dimensions.map((name, index) => shown(store, name, tally.values[index] ?? null))),
    requests: tally.requests,
    ok,
    errors: error,
    cancelled,
    refused,
    promptTokens: tally.prompt,
    cachedTokens: tally.cached,
    completionTokens: tally.completion,
    cost: tally.cost / 1e9,
    firstTokenMsP50: percentile(tally.firstTokens, 0.5),
    firstTokenMsP95: percentile(tally.firstTokens, 0.95),
    totalMsP50: percentile(tally.totals, 0.5),
    totalMsP95: percentile(tally.totals, 0.95),
    queueMs: meanMs(tally.queue, tally.requests),
    loadMs: meanMs(tally.load, tally.requests),
    meanAtOnce: lengthMs === 0 ? 0 : Math.round((tally.total / 10 / lengthMs) * 1000) / 1000,
    mostAtOnce: tally.mostAtOnce,
  };
}

function meanMs(tenths: number, count: number): number {
  return count === 0 ? 0 : Math.round(tenths / count) / 10;
}

function shown(store: Store, dimension: UsageDimension, value: Value): Partial<UsageRow> {
  switch (dimension) {
    case 'key':
      return {
        key: value === null ? null : keyName(store, String(value)),
        keyId: value === null ? null : String(value),
      };
    case 'person':
    case 'team':
      return { [dimension]: value };
    case 'status':
      return { status: value as LogStatus };
    case 'model':
    case 'engine':
    case 'leftOffice':
      return { [dimension]: decodeOptional(store, value) };
  }
}

/** Its present name, or the last one under which it asked. */
function keyName(store: Store, keyId: string): string | null {
  const name = statement(
    store,
    `SELECT coalesce((SELECT name FROM keys WHERE id = @keyId),
       (SELECT key_name FROM askers WHERE key_id = @keyId ORDER BY id DESC LIMIT 1))`,
  )
    .pluck()
    .get({ keyId });
  return typeof name === 'string' ? name : null;
}
