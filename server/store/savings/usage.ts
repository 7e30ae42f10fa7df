import { slicesOf, type TimeSlice } from '../../core/local-time.ts';
import {
  addTokens,
  noTokens,
  type SavingsCell,
  type SavingsGroup,
  type SavingsUsage,
  type TokenSums,
} from '../../core/savings/usage.ts';
import { decodeOptional } from '../ledger/dictionary.ts';
import { levelMs, levelOf, quarterMs } from '../ledger/levels.ts';
import { spansOf } from '../ledger/rollups.ts';
import { statement, type Store } from '../open.ts';

export type SavingsQuestion = {
  readonly by: SavingsGroup;
  readonly zone: string;
  /** Null: from the first request on. Times are taken to whole quarter-hours, outwards. */
  readonly fromMs: number | null;
  /** Null: until now. */
  readonly toMs: number | null;
  readonly nowMs: number;
};

/**
 * The sums of `rollups` that an estimate needs. Whole quarter-hours only, so that every request is in exactly one month
 * and no row of the log is read.
 */
export function readSavingsUsage(store: Store, question: SavingsQuestion): SavingsUsage {
  const { by, zone } = question;
  const { fromMs, toMs } = timeOf(store, question);
  const slices = slicesOf('month', { fromMs, toMs }, zone);
  const cells: SavingsCell[] = [];
  const leftOut: Record<'outside' | 'failed', TokenSums> = { outside: noTokens, failed: noTokens };
  for (const { slice, kind, who, model, computeTenths, ...tokens } of readSums(store, slices, by)) {
    if (kind !== 'inside') leftOut[kind] = addTokens(leftOut[kind], tokens);
    if (kind === 'outside') continue;
    const served = decodeOptional(store, model);
    const group = { month: slices[slice]?.label ?? null, person: who, team: who, model: served }[by];
    cells.push({
      slice,
      group,
      model: served,
      ...(kind === 'failed' ? noTokens : tokens),
      computeTenths: Math.max(0, computeTenths),
    });
  }
  return { fromMs, toMs, slices, cells, busy: readBusy(store, slices), ...leftOut };
}

/** Not before the first request, nor after now: before and after, nobody was waited for. */
function timeOf(
  store: Store,
  { fromMs, toMs, nowMs }: SavingsQuestion,
): { readonly fromMs: number; readonly toMs: number } {
  const first = statement(store, 'SELECT min(start) FROM rollups WHERE level = ?')
    .pluck()
    .get(levelOf('status', 0)) as number | null;
  const end = Math.ceil(Math.min(toMs ?? nowMs, nowMs) / quarterMs) * quarterMs;
  const begin = first === null ? end : Math.max(first * quarterMs, fromMs ?? 0);
  const from = Math.floor(Math.min(begin, end) / quarterMs) * quarterMs;
  return { fromMs: from, toMs: end };
}

/** Slices are cut at quarter-hours: the zone's midnights are, and so are both ends. */
function spansFor(
  slices: readonly TimeSlice[],
  most: number,
): [slice: number, level: number, first: number, end: number][] {
  return slices.flatMap(({ startMs, endMs }, slice) =>
    spansOf(startMs, endMs).flatMap(({ level, first, end }): [number, number, number, number][] => {
      // A day's hours, where days are too long.
      const factor = level > most ? (levelMs[level] ?? 0) / (levelMs[most] ?? 1) : 1;
      return [[slice, Math.min(level, most), first * factor, end * factor]];
    }),
  );
}

const spanSql = `WITH span AS MATERIALIZED (
    SELECT value ->> 0 AS slice, value ->> 1 AS level, value ->> 2 AS first, value ->> 3 AS beyond
    FROM json_each(@spans)
  )`;
const inSpan = 'r.level = span.level AND r.start >= span.first AND r.start < span.beyond';

type FoundSums = TokenSums & {
  readonly slice: number;
  readonly kind: 'inside' | 'outside' | 'failed';
  readonly who: string | null;
  readonly model: number | string | null;
  readonly computeTenths: number;
};

function readSums(store: Store, slices: readonly TimeSlice[], by: SavingsGroup): FoundSums[] {
  const whoColumn = { month: 'NULL', model: 'NULL', person: 'a.person', team: 'a.team' }[by];
  const cube = by === 'person' || by === 'team' ? 'group' : 'model';
  const spans = spansFor(slices, levelMs.length - 1).map(([slice, level, first, end]) => [
    slice,
    levelOf(cube, level),
    first,
    end,
  ]);
  // Summed up before the groups are looked at: names lie in JSON, and a year has a group's day 365 times.
  return statement(
    store,
    `${spanSql}, sums AS MATERIALIZED (
       SELECT span.slice AS slice, r.group_id AS group_id, sum(r.requests) AS requests, sum(r.prompt_tokens) AS prompt,
         sum(r.cached_tokens) AS cached, sum(r.completion_tokens) AS completion, sum(r.total - r.queue) AS compute
       FROM span CROSS JOIN rollups AS r ON ${inSpan} GROUP BY 1, 2
     )
     SELECT s.slice AS slice,
       CASE WHEN g.left_office <> 0 THEN 'outside' WHEN g.status = 'error' THEN 'failed' ELSE 'inside' END AS kind,
       ${whoColumn} AS who, g.model AS model, sum(s.requests) AS requests, sum(s.prompt) AS promptTokens,
       sum(s.cached) AS cachedTokens, sum(s.completion) AS completionTokens, sum(s.compute) AS computeTenths
     FROM sums AS s CROSS JOIN request_groups AS g ON g.id = s.group_id
       ${cube === 'group' ? 'LEFT JOIN askers AS a ON a.id = g.asker' : ''}
     WHERE g.status <> 'refused' GROUP BY 1, 2, 3, 4`,
  ).all({ spans: JSON.stringify(spans) }) as FoundSums[];
}

/** By hours, since over a day requests that never met would seem to have run side by side. */
function readBusy(store: Store, slices: readonly TimeSlice[]): SavingsUsage['busy'] {
  const hourLevel = 1;
  const spans = spansFor(slices, hourLevel).map(([slice, level, first, end]) => [
    slice,
    levelOf('model', level),
    first,
    end,
  ]);
  const lengthSql = `CASE level WHEN ${levelOf('model', 0)} THEN ${quarterMs * 10} ELSE ${(levelMs[hourLevel] ?? 0) * 10} END`;
  const found = statement(
    store,
    `${spanSql}, hours AS (
       SELECT span.slice AS slice, r.level AS level, sum(r.total - r.queue) AS compute, max(1, max(r.most_at_once)) AS most
       FROM span CROSS JOIN rollups AS r ON ${inSpan} CROSS JOIN request_groups AS g ON g.id = r.group_id
       WHERE g.left_office = 0 AND g.status <> 'refused' GROUP BY span.slice, r.level, r.start
     )
     SELECT slice, sum(min(${lengthSql}, max(0, compute))) AS mostTenths,
       sum(min(${lengthSql}, max(0, compute) / most)) AS leastTenths
     FROM hours GROUP BY slice`,
  ).all({ spans: JSON.stringify(spans) }) as {
    readonly slice: number;
    readonly mostTenths: number;
    readonly leastTenths: number;
  }[];
  const bySlice = new Map(found.map((one) => [one.slice, one]));
  return slices.map((_, slice) => {
    const { leastTenths = 0, mostTenths = 0 } = bySlice.get(slice) ?? {};
    return { leastTenths, mostTenths };
  });
}
