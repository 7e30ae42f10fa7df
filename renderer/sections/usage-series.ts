import type { UsageRow } from '../../server/wire/usage.ts';
import type { Step } from '../period.ts';

/** What the charts show of a row of sums; each is also a column of the table in its place. */

/** One step of time. */
export type Point = {
  /** As the server's calendar has it. */
  readonly label: string;
  /** The same as a moment. */
  readonly start: string;
  readonly row: UsageRow;
};

export const chartNames = ['requests', 'tokens', 'unanswered', 'atOnce', 'firstWord', 'whole'] as const;
export type ChartName = (typeof chartNames)[number];

type Series = {
  readonly name: SeriesName;
  /** A token of `styles/tokens.css`. */
  readonly color: string;
  /** Null where there was nothing to measure. */
  readonly value: (row: UsageRow) => number | null;
};

export type SeriesName =
  | 'answered'
  | 'notAnswered'
  | 'tokensIn'
  | 'tokensOut'
  | 'errors'
  | 'refused'
  | 'cancelled'
  | 'most'
  | 'mean'
  | 'half'
  | 'slow';

export type ChartDefinition = {
  readonly kind: 'bars' | 'lines';
  readonly unit: 'count' | 'mean' | 'duration';
  readonly series: readonly Series[];
};

const [blue, amber, teal, plum, grey] = ['1', '2', '3', '4', '5'].map(
  (number) => `var(--ink-series-${number})`,
) as [string, string, string, string, string];

/** Kinds of use: bars stand on one another; times: lines beside one another. */
export const charts: Readonly<Record<ChartName, ChartDefinition>> = {
  requests: {
    kind: 'bars',
    unit: 'count',
    series: [
      { name: 'answered', color: blue, value: ({ ok }) => ok },
      { name: 'notAnswered', color: amber, value: ({ requests, ok }) => requests - ok },
    ],
  },
  tokens: {
    kind: 'bars',
    unit: 'count',
    series: [
      { name: 'tokensIn', color: blue, value: ({ promptTokens }) => promptTokens },
      { name: 'tokensOut', color: teal, value: ({ completionTokens }) => completionTokens },
    ],
  },
  unanswered: {
    kind: 'bars',
    unit: 'count',
    series: [
      { name: 'errors', color: plum, value: ({ errors }) => errors },
      { name: 'refused', color: amber, value: ({ refused }) => refused },
      { name: 'cancelled', color: grey, value: ({ cancelled }) => cancelled },
    ],
  },
  atOnce: {
    kind: 'lines',
    unit: 'mean',
    series: [
      { name: 'most', color: blue, value: ({ mostAtOnce }) => mostAtOnce },
      { name: 'mean', color: teal, value: ({ meanAtOnce }) => meanAtOnce },
    ],
  },
  firstWord: {
    kind: 'lines',
    unit: 'duration',
    series: [
      { name: 'half', color: blue, value: ({ firstTokenMsP50 }) => firstTokenMsP50 },
      { name: 'slow', color: amber, value: ({ firstTokenMsP95 }) => firstTokenMsP95 },
    ],
  },
  whole: {
    kind: 'lines',
    unit: 'duration',
    series: [
      { name: 'half', color: blue, value: ({ totalMsP50 }) => totalMsP50 },
      { name: 'slow', color: amber, value: ({ totalMsP95 }) => totalMsP95 },
    ],
  },
};

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
