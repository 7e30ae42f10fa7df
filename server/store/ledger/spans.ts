import { levelMs, levelOf, monthLevel, monthOf, monthStartMs, type Cube } from './levels.ts';

/** Sums of one level from `first` up to, but not with, `end`; `sign` −1: to be taken off. */
export type Span = {
  readonly level: number;
  readonly first: number;
  readonly end: number;
  readonly sign: 1 | -1;
};

/** From one quarter-hour to another. Both are multiples of `quarterMs`. */
type Time = { readonly fromMs: number; readonly toMs: number };

type Limits = {
  /** Sums of months are taken from then on: a month of which days were removed is not whole. Null: none are. */
  readonly wholeMonthsMs: number | null;
  /** The coarsest of `levelMs` to take; default: any. */
  readonly coarsest?: number;
};

/**
 * A time as a signed sum of as few sums as there are: a day in Berlin is a day of UTC, the hour before it, and less its
 * last hour. That takes 7 spans at most, and 5 without months.
 */
export function signedSpans(cube: Cube, time: Time, limits: Limits): Span[] {
  return cover(grids(cube, limits), nearest, { ...time, sign: 1 });
}

/** The same without taking off, so that every span lies within the time: what the most is told from. */
export function innerSpans(cube: Cube, time: Time, limits: Limits): Span[] {
  return cover(grids(cube, limits), inwards, { ...time, sign: 1 });
}

/** One way of cutting time. */
type Grid = {
  readonly level: number;
  /** The last beginning that is not after the time, as a sum's `start`. */
  readonly floor: (timeMs: number) => number;
  /** The first that is not before it. */
  readonly ceil: (timeMs: number) => number;
  readonly startMs: (start: number) => number;
  /** The beginning of the first that may be taken. */
  readonly leastMs: number;
};

type Rounding = (grid: Grid, timeMs: number, side: 'from' | 'to') => number;

/** Finest first. */
function grids(cube: Cube, { wholeMonthsMs, coarsest = levelMs.length }: Limits): readonly Grid[] {
  const even = levelMs.map((unitMs, time): Grid => ({
    level: levelOf(cube, time),
    floor: (timeMs) => Math.floor(timeMs / unitMs),
    ceil: (timeMs) => Math.ceil(timeMs / unitMs),
    startMs: (start) => start * unitMs,
    leastMs: Number.NEGATIVE_INFINITY,
  }));
  const all =
    cube === 'group' && wholeMonthsMs !== null
      ? [...even, { ...months, leastMs: months.startMs(months.ceil(wholeMonthsMs)) }]
      : even;
  return all.slice(0, coarsest + 1);
}

const months: Omit<Grid, 'leastMs'> = {
  level: monthLevel,
  floor: monthOf,
  ceil: (timeMs) => monthOf(timeMs - 1) + 1,
  startMs: monthStartMs,
};

function nearest(grid: Grid, timeMs: number): number {
  const downMs = grid.startMs(grid.floor(timeMs));
  const upMs = grid.startMs(grid.ceil(timeMs));
  return Math.max(grid.leastMs, timeMs - downMs <= upMs - timeMs ? downMs : upMs);
}

function inwards(grid: Grid, timeMs: number, side: 'from' | 'to'): number {
  return Math.max(grid.leastMs, grid.startMs(side === 'from' ? grid.ceil(timeMs) : grid.floor(timeMs)));
}

type Part = Time & { readonly sign: 1 | -1 };

/** By the coarsest cutting, and what lies between its cuts and the ends by the next finer one. */
function cover(finestFirst: readonly Grid[], round: Rounding, { fromMs, toMs, sign }: Part): Span[] {
  const grid = finestFirst.at(-1);
  if (grid === undefined || fromMs >= toMs) return [];
  const [leftMs, rightMs] = [round(grid, fromMs, 'from'), round(grid, toMs, 'to')];
  const finer = finestFirst.slice(0, -1);
  if (leftMs >= rightMs) return cover(finer, round, { fromMs, toMs, sign });
  const between = (aMs: number, bMs: number): Span[] =>
    aMs <= bMs
      ? cover(finer, round, { fromMs: aMs, toMs: bMs, sign })
      : cover(finer, round, { fromMs: bMs, toMs: aMs, sign: sign === 1 ? -1 : 1 });
  return [
    ...between(fromMs, leftMs),
    { level: grid.level, first: grid.floor(leftMs), end: grid.floor(rightMs), sign },
    ...between(rightMs, toMs),
  ];
}
