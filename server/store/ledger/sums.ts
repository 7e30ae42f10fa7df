import { logStatuses, type LogStatus } from '../../core/log-row.ts';
import type { TimeSlice } from '../../core/local-time.ts';
import type { UsageDimension } from '../../wire/usage.ts';
import { statement, type Store } from '../open.ts';
import { levelMs, levelOf, quarterMs, type Cube } from './levels.ts';
import { innerSpans, signedSpans, type Span } from './spans.ts';

/** What is summed up, and of which requests. */
export type Scope = {
  readonly dimensions: readonly UsageDimension[];
  /** Null: all. */
  readonly groups: readonly number[] | null;
  /** Without, there are neither percentiles nor the most at once, and the sums take a fraction of the time. */
  readonly hasPercentiles: boolean;
};

/** Over `g` (groups) and `a` (askers). */
const columnOf: Readonly<Record<UsageDimension, string>> = {
  key: 'a.key_id',
  person: 'a.person',
  team: 'a.team',
  model: 'g.model',
  engine: 'g.engine',
  status: 'g.status',
  leftOffice: 'g.left_office',
  failure: 'g.failure',
};

type Values = Readonly<Record<`d${number}`, string | number | null>>;

/** One line of sums, of the values of the dimensions `d0`, `d1` …: counted into the slices it is for, or taken off. */
export type Found = Values &
  Record<LogStatus, number> & {
    readonly uses: readonly Use[];
    readonly requests: number;
    readonly prompt: number;
    readonly cached: number;
    readonly completion: number;
    readonly hits: number;
    readonly hitTokens: number;
    readonly cost: number;
    readonly queue: number;
    readonly load: number;
    readonly total: number;
    /** How many at once at most. */
    readonly mostAtOnce: number;
    /** Kept histograms one after the other, in hexadecimal digits: SQLite joins them faster than we could add them up. */
    readonly firstTokens: string | null;
    /** Of whole answers. */
    readonly totals: string | null;
    /** Of whole answers that were computed here. */
    readonly speeds: string | null;
  };

const keptHistograms = `group_concat(hex(r.first_tokens), '') AS firstTokens,
  group_concat(iif(g.status = 'ok', hex(r.totals), ''), '') AS totals,
  group_concat(iif(g.status = 'ok' AND g.cache_hit = 0, hex(r.speeds), ''), '') AS speeds`;
const histogramsOfRows = `hex(histogram_of(r.first_token)) AS firstTokens,
  hex(histogram_of(iif(g.status = 'ok', r.total, NULL))) AS totals,
  hex(speeds_of(iif(g.status = 'ok' AND g.cache_hit = 0, r.completion_tokens, 0), r.first_token, r.total)) AS speeds`;
const noHistograms = 'NULL AS firstTokens, NULL AS totals, NULL AS speeds';

/** What counts in a slice; −1: to be taken off there. */
export type Use = { readonly slice: number; readonly sign: 1 | -1 };

type Time = Pick<TimeSlice, 'startMs' | 'endMs'>;
/** One of the times that are told apart, by its number. */
export type Slice = Time & { readonly slice: number };

/** When the first day of sums begins; null where there are none. */
export function firstDayMs(store: Store): number | null {
  const dayLevel = levelMs.length - 1;
  const first = statement(store, 'SELECT min(start) FROM rollups WHERE level = ?')
    .pluck()
    .get(levelOf('status', dayLevel)) as number | null;
  return first === null ? null : first * (levelMs[dayLevel] ?? quarterMs);
}

/**
 * From the sums that were written with the rows: of each slice the quarter-hours that lie in it wholly. What one day has
 * beyond a day of UTC is what the next one lacks, so it is read once for both.
 */
export function sumsOf(store: Store, slices: readonly Slice[], scope: Scope): Found[] {
  const { spans, uses } = shared(spansOf(store, slices, scope, signedSpans));
  const found = all<Omit<Found, 'uses'> & { readonly piece: number }>(
    store,
    `${spanSql} SELECT span.slice AS piece ${valuesOf(scope)},
       sum(r.requests) AS requests, ${byStatus('r.requests')}, sum(r.prompt_tokens) AS prompt, sum(r.cached_tokens) AS cached,
       sum(r.completion_tokens) AS completion, sum(g.cache_hit * r.requests) AS hits,
       sum(g.cache_hit * (r.prompt_tokens + r.completion_tokens)) AS hitTokens, sum(r.cost_nanos) AS cost,
       sum(r.queue) AS queue, sum(r.load) AS load, sum(r.total) AS total,
       max(r.most_at_once) AS mostAtOnce, ${scope.hasPercentiles ? keptHistograms : noHistograms}
     FROM ${joinSpans} CROSS JOIN ${groupOfSum} WHERE true ${inGroups(scope)}
     GROUP BY ${ordinals(1, scope)}`,
    { spans, scope },
  );
  return found.map((line) => Object.assign(line, { uses: uses[line.piece] ?? [] }));
}

/** Each span once, and numbered by its piece: all that the same slices use in the same way. `uses`: those, by piece. */
function shared(spans: readonly SpanOfSlice[]): {
  readonly spans: readonly SpanOfSlice[];
  readonly uses: readonly (readonly Use[])[];
} {
  const users = new Map<string, { readonly span: SpanOfSlice; readonly uses: Use[] }>();
  for (const span of spans) {
    const [slice, level, first, end, sign] = span;
    const place = `${level} ${first} ${end}`;
    const known = users.get(place);
    if (known === undefined) users.set(place, { span, uses: [{ slice, sign }] });
    else known.uses.push({ slice, sign });
  }
  const pieces = Map.groupBy(users.values(), ({ uses }) => JSON.stringify(uses));
  return {
    spans: [...pieces.values()].flatMap((piece, number) =>
      piece.map(({ span: [, level, first, end] }): SpanOfSlice => [number, level, first, end, 1]),
    ),
    uses: [...pieces.values()].map(([first]) => first?.uses ?? []),
  };
}

/** How many at once at most, which cannot be taken off again: from sums that lie in the slice. */
export function peaksOf(
  store: Store,
  slices: readonly Slice[],
  scope: Scope,
): Pick<Found & Slice, 'slice' | 'mostAtOnce' | `d${number}`>[] {
  const spans = spansOf(store, slices, scope, innerSpans);
  // By group first: joining each of 100,000 sums would take longer than reading them.
  return all(
    store,
    `${spanSql}, r AS MATERIALIZED (
       SELECT span.slice AS slice, r.group_id AS group_id, max(r.most_at_once) AS most
       FROM ${joinSpans} WHERE true ${inGroups(scope)} GROUP BY 1, 2
     )
     SELECT r.slice AS slice ${valuesOf(scope)}, max(r.most) AS mostAtOnce
     FROM r CROSS JOIN ${groupOfSum} GROUP BY ${ordinals(1, scope)}`,
    { spans, scope },
  );
}

/** From the rows themselves: what lies in a quarter-hour that is not wholly in the slice. */
export function edgeSumsOf(store: Store, { slice, startMs, endMs }: Slice, scope: Scope): Found[] {
  const edges = edgesOf({ startMs, endMs });
  const uses = [{ slice, sign: 1 }] as const;
  const sql = `SELECT 0 AS piece ${valuesOf(scope)}, count(*) AS requests,
      ${byStatus('1')}, sum(r.prompt_tokens) AS prompt, sum(r.cached_tokens) AS cached, sum(r.completion_tokens) AS completion,
      sum(g.cache_hit) AS hits, sum(g.cache_hit * (r.prompt_tokens + r.completion_tokens)) AS hitTokens,
      coalesce(sum(r.cost_nanos), 0) AS cost, sum(r.queue) AS queue, sum(r.load) AS load, sum(r.total) AS total,
      max(r.at_once) AS mostAtOnce, ${scope.hasPercentiles ? histogramsOfRows : noHistograms}
    FROM requests AS r JOIN request_groups AS g ON g.id = r.group_id JOIN askers AS a ON a.id = g.asker
    WHERE r.time_ms >= @startMs AND r.time_ms < @endMs ${inGroups(scope)} GROUP BY ${ordinals(1, scope)}`;
  return edges.flatMap((edge) =>
    all<Omit<Found, 'uses'>>(store, sql, { ...edge, scope }).map((line) => Object.assign(line, { uses })),
  );
}

function edgesOf({ startMs, endMs }: Time): Time[] {
  const { innerFromMs, innerToMs } = wholeQuarters({ startMs, endMs });
  if (innerFromMs > innerToMs) return startMs < endMs ? [{ startMs, endMs }] : [];
  return [
    { startMs, endMs: innerFromMs },
    { startMs: innerToMs, endMs },
  ].filter((edge) => edge.startMs < edge.endMs);
}

function wholeQuarters({ startMs, endMs }: Time): {
  readonly innerFromMs: number;
  readonly innerToMs: number;
} {
  return {
    innerFromMs: Math.ceil(startMs / quarterMs) * quarterMs,
    innerToMs: Math.floor(endMs / quarterMs) * quarterMs,
  };
}

/** Spans as the SQL below takes them; `slice` is the number of the time they belong to. */
type SpanOfSlice = readonly [slice: number, level: number, first: number, end: number, sign: 1 | -1];

export const spanSql = `WITH span AS MATERIALIZED (
    SELECT value ->> 0 AS slice, value ->> 1 AS level, value ->> 2 AS first, value ->> 3 AS beyond, value ->> 4 AS sign
    FROM json_each(@spans)
  )`;

export const joinSpans =
  'span CROSS JOIN rollups AS r ON r.level = span.level AND r.start >= span.first AND r.start < span.beyond';

export function spanOfSlice({ level, first, end, sign }: Span, slice: number): SpanOfSlice {
  return [slice, level, first, end, sign];
}

function spansOf(
  store: Store,
  slices: readonly Slice[],
  scope: Scope,
  cut: typeof signedSpans,
): readonly SpanOfSlice[] {
  const cube = cubeFor(scope);
  const wholeMonthsMs = firstDayMs(store);
  return slices.flatMap(({ slice, ...time }) => {
    const { innerFromMs, innerToMs } = wholeQuarters(time);
    const spans = cut(cube, { fromMs: innerFromMs, toMs: innerToMs }, { wholeMonthsMs });
    return spans.map((span) => spanOfSlice(span, slice));
  });
}

/** The coarsest sums that tell what is asked. */
function cubeFor({ dimensions, groups }: Scope): Cube {
  const are = (...names: readonly UsageDimension[]): boolean =>
    groups === null && dimensions.every((dimension) => names.includes(dimension));
  if (are('status', 'leftOffice', 'failure')) return 'status';
  return are('status', 'model', 'engine', 'leftOffice', 'failure') ? 'model' : 'group';
}

/** One line for all of them: sorting four times as many would take twice as long. */
const byStatus = (count: string): string =>
  logStatuses.map((status) => `sum(iif(g.status = '${status}', ${count}, 0)) AS "${status}"`).join(', ');

const valuesOf = ({ dimensions }: Scope): string =>
  dimensions.map((name, index) => `, ${columnOf[name]} AS d${index}`).join('');

const ordinals = (before: number, { dimensions }: Scope): string =>
  Array.from({ length: before + dimensions.length }, (_, index) => index + 1).join(', ');

const groupOfSum = 'request_groups AS g ON g.id = r.group_id LEFT JOIN askers AS a ON a.id = g.asker';

const inGroups = ({ groups }: Scope): string =>
  groups === null ? '' : 'AND r.group_id IN (SELECT value FROM json_each(@groups))';

type Question = Readonly<Record<string, unknown>> & {
  readonly spans?: readonly SpanOfSlice[];
  readonly scope: Scope;
};

function all<Line>(store: Store, sql: string, { spans, scope: { groups }, ...values }: Question): Line[] {
  return statement(store, sql).all({
    ...values,
    ...(spans === undefined ? {} : { spans: JSON.stringify(spans) }),
    ...(groups === null ? {} : { groups: JSON.stringify(groups) }),
  }) as Line[];
}
