import type { FailureKind } from '../../server/wire/failures.ts';
import type { UsageRow } from '../../server/wire/usage.ts';
import type { Step } from '../period.ts';
import type { WhoFilters } from '../request-filters.ts';
import { othersColor, type Colors } from '../series-colors.ts';

/** What the charts show of the sums; each is also a column of the table in its place. */

/** One step of time. */
export type Point = {
  /** As the server's calendar has it. */
  readonly label: string;
  /** The same as a moment. */
  readonly start: string;
  readonly row: UsageRow;
};

export const chartNames = [
  ...(['requests', 'tokens', 'unanswered', 'cache'] as const),
  ...(['firstWord', 'speed', 'whole', 'atOnce'] as const),
];
export type ChartName = (typeof chartNames)[number];

/** What bars stand on one another by: what became of them, or whose they are. */
export const splits = ['kind', 'person', 'model'] as const;
export type Split = (typeof splits)[number];

/** How its name is said: a word of ours, a name, nobody's, or how many have no series of their own. */
export type SeriesName =
  | { readonly word: SeriesWord }
  | { readonly failure: FailureKind | null }
  | { readonly name: string }
  | { readonly nobodys: 'person' | 'model' }
  | { readonly others: number };

export type SeriesWord =
  | 'answered'
  | 'errors'
  | 'refused'
  | 'cancelled'
  | 'tokensIn'
  | 'tokensOut'
  | 'cacheHits'
  | 'most'
  | 'mean'
  | 'half'
  | 'slow'
  | 'slowest';

export type Series = {
  readonly name: SeriesName;
  /** A token of `styles/tokens.css`. */
  readonly color: string;
  /** Null where there was nothing to measure. */
  readonly value: (point: Point) => number | null;
  /** The requests it stands for, among those of its step; null where no filter tells them. */
  readonly filters: WhoFilters | null;
};

export type Chart = {
  readonly name: ChartName;
  readonly kind: 'bars' | 'lines';
  readonly unit: 'count' | 'mean' | 'duration' | 'speed';
  readonly series: readonly Series[];
};

const [blue, amber, teal, plum, grey] = ['1', '2', '3', '4', '5'].map(
  (number) => `var(--ink-series-${number})`,
) as [string, string, string, string, string];

const of = (
  word: SeriesWord,
  color: string,
  value: (row: UsageRow) => number | null,
  filters: WhoFilters | null = null,
): Series => ({ name: { word }, color, value: ({ row }) => value(row), filters });

/** Kinds of use: bars stand on one another; times: lines beside one another. */
const byKind: Readonly<Record<ChartName, Chart>> = {
  requests: {
    name: 'requests',
    kind: 'bars',
    unit: 'count',
    series: [
      of('answered', blue, ({ ok }) => ok, { status: 'ok' }),
      of('errors', plum, ({ errors }) => errors, { status: 'error' }),
      of('refused', amber, ({ refused }) => refused, { status: 'refused' }),
      of('cancelled', grey, ({ cancelled }) => cancelled, { status: 'cancelled' }),
    ],
  },
  tokens: {
    name: 'tokens',
    kind: 'bars',
    unit: 'count',
    series: [
      of('tokensIn', blue, ({ promptTokens }) => promptTokens),
      of('tokensOut', teal, ({ completionTokens }) => completionTokens),
    ],
  },
  unanswered: { name: 'unanswered', kind: 'bars', unit: 'count', series: [] },
  cache: {
    name: 'cache',
    kind: 'bars',
    unit: 'count',
    series: [of('cacheHits', teal, ({ cacheHits }) => cacheHits)],
  },
  firstWord: {
    name: 'firstWord',
    kind: 'lines',
    unit: 'duration',
    series: [
      of('half', blue, ({ firstTokenMsP50 }) => firstTokenMsP50),
      of('slow', amber, ({ firstTokenMsP95 }) => firstTokenMsP95),
    ],
  },
  speed: {
    name: 'speed',
    kind: 'lines',
    unit: 'speed',
    series: [
      of('half', blue, ({ tokensPerSecondP50 }) => tokensPerSecondP50),
      of('slowest', amber, ({ tokensPerSecondP5 }) => tokensPerSecondP5),
    ],
  },
  whole: {
    name: 'whole',
    kind: 'lines',
    unit: 'duration',
    series: [
      of('half', blue, ({ totalMsP50 }) => totalMsP50),
      of('slow', amber, ({ totalMsP95 }) => totalMsP95),
    ],
  },
  atOnce: {
    name: 'atOnce',
    kind: 'lines',
    unit: 'mean',
    series: [
      of('most', blue, ({ mostAtOnce }) => mostAtOnce),
      of('mean', teal, ({ meanAtOnce }) => meanAtOnce),
    ],
  },
};

export function chartByKind(name: ChartName): Chart {
  return byKind[name];
}

/** One more would need no series for the others. */
const mostSeries = 6;

type Part = string | null;
type Parts<Name extends Part> = {
  readonly rows: readonly UsageRow[];
  readonly step: Step;
  readonly partOf: (row: UsageRow) => Name;
  readonly amount: (row: UsageRow) => number;
};

/** The parts with the most, the most first, each with what it has at a step; the others together come last. */
function largest<Name extends Part>({ rows, step, partOf, amount }: Parts<Name>) {
  const sums = new Map<Name, number>();
  const at = new Map<string, number>();
  const place = (label: string | undefined, part: Name): string =>
    `${label} ${part === null ? '' : `=${part}`}`;
  for (const row of rows) {
    const [part, value] = [partOf(row), amount(row)];
    sums.set(part, (sums.get(part) ?? 0) + value);
    at.set(place(row[step], part), (at.get(place(row[step], part)) ?? 0) + value);
  }
  const all = [...sums].filter(([, sum]) => sum > 0).toSorted(([, a], [, b]) => b - a);
  const names = all.map(([name]) => name);
  const own = names.length <= mostSeries + 1 ? names : names.slice(0, mostSeries);
  const others = names.slice(own.length);
  const valueOf = (name: Name, { label }: Point): number => at.get(place(label, name)) ?? 0;
  return {
    own,
    others,
    valueOf,
    othersAt: (point: Point): number => others.reduce((sum, name) => sum + valueOf(name, point), 0),
  };
}

/** The same bars by whose they are. `rows`: by step and by `split`. */
export function chartBySplit(
  name: 'requests' | 'tokens',
  split: Exclude<Split, 'kind'>,
  {
    rows,
    step,
    colors,
  }: { readonly rows: readonly UsageRow[]; readonly step: Step; readonly colors: Colors },
): Chart {
  const { own, others, valueOf, othersAt } = largest<string | null>({
    rows,
    step,
    partOf: (row) => row[split] ?? null,
    amount: (row) => (name === 'requests' ? row.requests : row.promptTokens + row.completionTokens),
  });
  const colorOf = colors(own);
  const series = own.map((part): Series => ({
    name: part === null ? { nobodys: split } : { name: part },
    color: colorOf.get(part) ?? othersColor,
    value: (point) => valueOf(part, point),
    filters: part === null ? null : { [split]: part },
  }));
  return { ...byKind[name], series: [...series, ...seriesOfOthers(others.length, othersAt)] };
}

/** Why requests were not answered. `rows`: by step and by `failure`. */
export function chartOfFailures(rows: readonly UsageRow[], step: Step, colors: Colors): Chart {
  const { own, others, valueOf, othersAt } = largest<FailureKind | null>({
    rows,
    step,
    partOf: (row) => row.failure ?? null,
    // What was summed up before kinds were told apart has none.
    amount: (row) => row.requests - row.ok,
  });
  const colorOf = colors(own);
  const series = own.map((failure): Series => ({
    name: { failure },
    color: failure === null ? othersColor : (colorOf.get(failure) ?? othersColor),
    value: (point) => valueOf(failure, point),
    filters: failure === null ? null : { failure },
  }));
  return { ...byKind.unanswered, series: [...series, ...seriesOfOthers(others.length, othersAt)] };
}

function seriesOfOthers(count: number, value: (point: Point) => number): readonly Series[] {
  return count === 0 ? [] : [{ name: { others: count }, color: othersColor, value, filters: null }];
}

export function isNothing({ series }: Chart, points: readonly Point[]): boolean {
  return points.every((point) => series.every(({ value }) => (value(point) ?? 0) === 0));
}

/** In the order of time. What lies ahead has no sums yet. */
export function pointsOf(rows: readonly UsageRow[], step: Step, now: Date): Point[] {
  return rows.flatMap((row) => {
    const [label, start] = [row[step], row.start];
    if (label === undefined || start === undefined || Date.parse(start) > now.getTime()) return [];
    return [{ label, start, row }];
  });
}

/** All rows as one; for what can be added up. */
export function sumOf(rows: readonly UsageRow[], value: (row: UsageRow) => number): number {
  return rows.reduce((sum, row) => sum + value(row), 0);
}
