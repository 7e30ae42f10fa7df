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
import { innerSpans, signedSpans } from '../ledger/spans.ts';
import { firstDayMs, joinSpans, spanOfSlice, spanSql } from '../ledger/sums.ts';
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
  const leftOut = { outside: noTokens, failed: noTokens, kept: noTokens };
  // Only months are told apart by time.
  const times = by === 'month' ? slices : [{ startMs: fromMs, endMs: toMs, label: '' }];
  for (const { slice, kind, who, model, computeTenths, ...tokens } of readSums(store, times, by)) {
    if (kind !== 'inside') leftOut[kind] = addTokens(leftOut[kind], tokens);
    if (kind === 'outside' || kind === 'kept') continue;
    const served = decodeOptional(store, model);
    const group = { month: times[slice]?.label ?? null, person: who, team: who, model: served }[by];
    cells.push({
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
  const first = statement(store, 'SELECT min(start) FROM rollups WHERE level = ? AND start >= ?')
    .pluck()
    .get(levelOf('status', 0), (firstDayMs(store) ?? 0) / quarterMs) as number | null;
  const end = Math.ceil(Math.min(toMs ?? nowMs, nowMs) / quarterMs) * quarterMs;
  const begin = first === null ? end : Math.max(first * quarterMs, fromMs ?? 0);
  const from = Math.floor(Math.min(begin, end) / quarterMs) * quarterMs;
  return { fromMs: from, toMs: end };
}

type FoundSums = TokenSums & {
  readonly slice: number;
  readonly kind: 'inside' | 'outside' | 'failed' | 'kept';
  readonly who: string | null;
  readonly model: number | string | null;
  readonly computeTenths: number;
};

function readSums(store: Store, times: readonly Omit<TimeSlice, 'label'>[], by: SavingsGroup): FoundSums[] {
  const whoColumn = { month: 'NULL', model: 'NULL', person: 'a.person', team: 'a.team' }[by];
  const cube = by === 'person' || by === 'team' ? 'group' : 'model';
  const wholeMonthsMs = firstDayMs(store);
  const spans = times.flatMap(({ startMs, endMs }, slice) =>
    signedSpans(cube, { fromMs: startMs, toMs: endMs }, { wholeMonthsMs }).map((span) =>
      spanOfSlice(span, slice),
    ),
  );
  // Slices are cut at quarter-hours: the zone's midnights are, and so are both ends.
  const sum = (what: string, name: string): string => `sum(span.sign * ${what}) AS ${name}`;
  return statement(
    store,
    `${spanSql} SELECT span.slice AS slice,
       CASE WHEN g.left_office <> 0 THEN 'outside' WHEN g.cache_hit = 1 THEN 'kept'
         WHEN g.status = 'error' THEN 'failed' ELSE 'inside' END AS kind,
       ${whoColumn} AS who, g.model AS model, ${sum('r.requests', 'requests')},
       ${sum('r.prompt_tokens', 'promptTokens')}, ${sum('r.cached_tokens', 'cachedTokens')},
       ${sum('r.completion_tokens', 'completionTokens')}, ${sum('(r.total - r.queue)', 'computeTenths')}
     FROM ${joinSpans} CROSS JOIN request_groups AS g ON g.id = r.group_id LEFT JOIN askers AS a ON a.id = g.asker
     WHERE g.status <> 'refused' GROUP BY 1, 2, 3, 4 HAVING sum(span.sign * r.requests) > 0`,
  ).all({ spans: JSON.stringify(spans) }) as FoundSums[];
}

/**
 * By hours, since over a day requests that never met would seem to have run side by side. What came from the cache kept
 * nothing busy.
 */
function readBusy(store: Store, slices: readonly TimeSlice[]): SavingsUsage['busy'] {
  const hours = 1;
  const spans = slices.flatMap(({ startMs, endMs }, slice) =>
    innerSpans('status', { fromMs: startMs, toMs: endMs }, { wholeMonthsMs: null, coarsest: hours }).map(
      (span) => spanOfSlice(span, slice),
    ),
  );
  const lengthSql = `CASE level WHEN ${levelOf('status', 0)} THEN ${quarterMs * 10} ELSE ${(levelMs[hours] ?? 0) * 10} END`;
  const found = statement(
    store,
    `${spanSql}, hours AS (
       SELECT span.slice AS slice, r.level AS level, sum(r.total - r.queue) AS compute, max(1, max(r.most_at_once)) AS most
       FROM ${joinSpans} CROSS JOIN request_groups AS g ON g.id = r.group_id
       WHERE g.left_office = 0 AND g.cache_hit = 0 AND g.status <> 'refused' GROUP BY span.slice, r.level, r.start
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
