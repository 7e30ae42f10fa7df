import { percentilesOf, type HistogramPart } from '../../core/histogram.ts';
import { slicesOf, type TimeSlice, type TimeStep } from '../../core/local-time.ts';
import { logStatuses, type LogStatus } from '../../core/log-row.ts';
import type { FailureKind } from '../../wire/failures.ts';
import type { UsageDimension, UsageRow } from '../../wire/usage.ts';
import { statement, type Store } from '../open.ts';
import { decodeOptional } from './dictionary.ts';
import { levelMs, levelOf, quarterMs } from './levels.ts';
import { groupsOf, type RequestFilters } from './list.ts';
import { edgeSumsOf, firstDayMs, peaksOf, sumsOf, type Found, type Scope, type Slice } from './sums.ts';

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
  /** False: what cannot be added up is null (percentiles, the most at once), and the answer comes much sooner. */
  readonly hasPercentiles?: boolean;
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
  const { step, zone, dimensions } = question;
  const slices =
    step === null ? [{ startMs: fromMs, endMs: toMs, label: '' }] : slicesOf(step, { fromMs, toMs }, zone);
  const tallies = tally(store, slices, {
    dimensions,
    groups: groupsOf(store, question.filters, { isExact: true }),
    hasPercentiles: question.hasPercentiles ?? true,
  });
  const show = valueShower(store);
  const rows = [...tallies.values()]
    // What one hour has is taken off from the day again; where nothing is split, every slice is shown.
    .filter(({ requests }) => requests > 0 || dimensions.length === 0)
    .toSorted((a, b) => a.slice - b.slice)
    .map((one) => toUsageRow(question, slices, one, show));
  return { fromMs, toMs, rows };
}

function tally(store: Store, slices: readonly TimeSlice[], scope: Scope): Map<string, Tally> {
  const tallies = new Map<string, Tally>();
  const times = slices.map(({ startMs, endMs }, slice): Slice => ({ slice, startMs, endMs }));
  const valuesOf = (found: Pick<Found, `d${number}`>): readonly Value[] =>
    scope.dimensions.map((_, index) => found[`d${index}`] ?? null);
  const addAll = (found: Found): void => {
    const values = valuesOf(found);
    const [firstTokens, totals] = [bytesOf(found.firstTokens), bytesOf(found.totals)];
    const speeds = bytesOf(found.speeds);
    for (const { slice, sign } of found.uses) {
      const tally = tallyOf(tallies, slice, values);
      add(tally, found, sign);
      if (firstTokens !== null) tally.firstTokens.push({ packed: firstTokens, sign });
      if (totals !== null) tally.totals.push({ packed: totals, sign });
      if (speeds !== null) tally.speeds.push({ packed: speeds, sign });
    }
  };
  if (scope.dimensions.length === 0) for (const { slice } of times) tallyOf(tallies, slice, []);
  for (const found of sumsOf(store, times, scope)) addAll(found);
  const doubtful = scope.hasPercentiles ? withDoubtfulPeak(tallies) : new Set<number>();
  if (doubtful.size > 0) {
    const asked = times.filter(({ slice }) => doubtful.has(slice));
    for (const found of peaksOf(store, asked, scope))
      tallyOf(tallies, found.slice, valuesOf(found)).mostAtOnce = found.mostAtOnce;
  }
  for (const time of times) for (const found of edgeSumsOf(store, time, scope)) addAll(found);
  return tallies;
}

/**
 * Where what was taken off had as many at once as what it was taken off from, nobody knows how many the rest had. In all
 * other slices the most was in the rest. Those of doubt begin at 0 again.
 */
function withDoubtfulPeak(tallies: ReadonlyMap<string, Tally>): ReadonlySet<number> {
  const all = [...tallies.values()];
  const doubtful = new Set(
    all
      .filter(({ mostAtOnce, mostTakenOff }) => mostTakenOff > 0 && mostTakenOff >= mostAtOnce)
      .map(({ slice }) => slice),
  );
  for (const one of all) if (doubtful.has(one.slice)) one.mostAtOnce = 0;
  return doubtful;
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
  const dayLevel = levelMs.length - 1;
  const dayMs = levelMs[dayLevel] ?? quarterMs;
  const lastDay = statement(store, 'SELECT max(start) FROM rollups WHERE level = ?')
    .pluck()
    .get(levelOf('status', dayLevel)) as number | null;
  const first = firstDayMs(store) ?? 0;
  const last = ((lastDay ?? -1) + 1) * dayMs;
  const from = Math.max(fromMs ?? first, first);
  return { fromMs: from, toMs: Math.max(from, Math.min(toMs ?? last, last)) };
}

type Value = string | number | null;

type Tally = {
  readonly slice: number;
  readonly values: readonly Value[];
  mostAtOnce: number;
  mostTakenOff: number;
  readonly firstTokens: HistogramPart[];
  /** Of whole answers. */
  readonly totals: HistogramPart[];
  readonly speeds: HistogramPart[];
} & Record<(typeof added)[number], number>;

const added = [
  ...logStatuses,
  ...(['requests', 'prompt', 'cached', 'completion', 'hits', 'hitTokens'] as const),
  ...(['cost', 'queue', 'load', 'total'] as const),
];

function tallyOf(tallies: Map<string, Tally>, slice: number, values: readonly Value[]): Tally {
  const name = JSON.stringify([slice, values]);
  const known = tallies.get(name);
  if (known !== undefined) return known;
  const tally: Tally = {
    slice,
    values,
    ok: 0,
    error: 0,
    cancelled: 0,
    refused: 0,
    requests: 0,
    prompt: 0,
    cached: 0,
    completion: 0,
    hits: 0,
    hitTokens: 0,
    cost: 0,
    queue: 0,
    load: 0,
    total: 0,
    mostAtOnce: 0,
    mostTakenOff: 0,
    firstTokens: [],
    totals: [],
    speeds: [],
  };
  tallies.set(name, tally);
  return tally;
}

function add(tally: Tally, found: Found, sign: 1 | -1): void {
  const peak = sign === 1 ? 'mostAtOnce' : 'mostTakenOff';
  tally[peak] = Math.max(tally[peak], found.mostAtOnce);
  for (const sum of added) tally[sum] += sign * found[sum];
}

function bytesOf(digits: string | null): Uint8Array | null {
  return digits === null || digits === '' ? null : Buffer.from(digits, 'hex');
}

type Show = (dimension: UsageDimension, value: Value) => Partial<UsageRow>;

function toUsageRow(
  { dimensions, step, hasPercentiles = true }: UsageQuestion,
  slices: readonly TimeSlice[],
  tally: Tally,
  show: Show,
): UsageRow {
  const slice = slices[tally.slice];
  const lengthMs = slice === undefined ? 0 : slice.endMs - slice.startMs;
  const [firstTokenMsP50 = null, firstTokenMsP95 = null] = percentilesOf(tally.firstTokens, [0.5, 0.95]);
  const [totalMsP50 = null, totalMsP95 = null] = percentilesOf(tally.totals, [0.5, 0.95]);
  const [speedP50 = null, speedP5 = null] = percentilesOf(tally.speeds, [0.5, 0.05]);
  return {
    ...(step === null || slice === undefined
      ? {}
      : { [step]: slice.label, start: new Date(slice.startMs).toISOString() }),
    ...Object.assign({}, ...dimensions.map((name, index) => show(name, tally.values[index] ?? null))),
    requests: tally.requests,
    ok: tally.ok,
    errors: tally.error,
    cancelled: tally.cancelled,
    refused: tally.refused,
    promptTokens: tally.prompt,
    cachedTokens: tally.cached,
    completionTokens: tally.completion,
    cacheHits: tally.hits,
    cacheHitTokens: tally.hitTokens,
    cost: tally.cost / 1e9,
    firstTokenMsP50,
    firstTokenMsP95,
    totalMsP50,
    totalMsP95,
    tokensPerSecondP50: perSecond(speedP50),
    tokensPerSecondP5: perSecond(speedP5),
    queueMs: meanMs(tally.queue, tally.requests),
    loadMs: meanMs(tally.load, tally.requests),
    meanAtOnce: lengthMs === 0 ? 0 : Math.round((tally.total / 10 / lengthMs) * 1000) / 1000,
    mostAtOnce: hasPercentiles ? tally.mostAtOnce : null,
  };
}

/** Kept in tokens per 1000 s. */
function perSecond(speed: number | null): number | null {
  return speed === null ? null : Math.round(speed) / 1000;
}

function meanMs(tenths: number, count: number): number {
  return count === 0 ? 0 : Math.round(tenths / count) / 10;
}

/** Each key is looked up once, however many lines it has. */
function valueShower(store: Store): Show {
  const names = new Map<string, string | null>();
  const nameOf = (keyId: string): string | null => {
    if (!names.has(keyId)) names.set(keyId, keyName(store, keyId));
    return names.get(keyId) ?? null;
  };
  return (dimension, value) => {
    switch (dimension) {
      case 'key':
        return value === null
          ? { key: null, keyId: null }
          : { key: nameOf(String(value)), keyId: String(value) };
      case 'person':
      case 'team':
        return { [dimension]: value };
      case 'status':
        return { status: value as LogStatus };
      case 'failure':
        return { failure: value === '' ? null : (value as FailureKind) };
      case 'model':
      case 'engine':
      case 'leftOffice':
        return { [dimension]: decodeOptional(store, value) };
    }
  };
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
