import type { UsageRow } from '../../server/wire/usage.ts';

/** People by models: who used what, and how much of it. */

export const measures = ['tokens', 'requests', 'notAnswered', 'cost'] as const;
export type Measure = (typeof measures)[number];

/** Null where no model was reached; `others` stands for those that have no column. */
export type Column = { readonly model: string | null } | { readonly others: number };

export type Matrix = {
  readonly columns: readonly Column[];
  /** The most first. */
  readonly people: readonly PersonLine[];
  readonly sums: readonly number[];
  readonly sum: number;
};

type PersonLine = {
  readonly person: string | null;
  readonly cells: readonly number[];
  readonly sum: number;
};

const mostColumns = 5;

export function matrixOf(rows: readonly UsageRow[], measure: Measure): Matrix {
  const byModel = sumsBy(rows, measure, ({ model }) => model ?? null);
  const models = [...byModel.keys()];
  // One more would need no column for the others.
  const own = models.length <= mostColumns + 1 ? models : models.slice(0, mostColumns);
  const others = models.length - own.length;
  const columns: Column[] = [...own.map((model) => ({ model })), ...(others === 0 ? [] : [{ others }])];
  const cellsOf = (some: readonly UsageRow[]): number[] => {
    const sums = sumsBy(some, measure, ({ model }) => model ?? null);
    const cells = own.map((model) => sums.get(model) ?? 0);
    return others === 0 ? cells : [...cells, total(sums) - cells.reduce((sum, cell) => sum + cell, 0)];
  };
  const byPerson = sumsBy(rows, measure, ({ person }) => person ?? null);
  return {
    columns,
    people: [...byPerson].map(([person, sum]) => ({
      person,
      sum,
      cells: cellsOf(rows.filter((row) => (row.person ?? null) === person)),
    })),
    sums: cellsOf(rows),
    sum: total(byPerson),
  };
}

function valueOf(row: UsageRow, measure: Measure): number {
  switch (measure) {
    case 'tokens':
      return row.promptTokens + row.completionTokens;
    case 'requests':
      return row.requests;
    case 'notAnswered':
      return row.requests - row.ok;
    case 'cost':
      return row.cost;
    default:
      return measure satisfies never;
  }
}

/** The most first. */
function sumsBy<Key>(
  rows: readonly UsageRow[],
  measure: Measure,
  keyOf: (row: UsageRow) => Key,
): Map<Key, number> {
  const sums = new Map<Key, number>();
  for (const row of rows) sums.set(keyOf(row), (sums.get(keyOf(row)) ?? 0) + valueOf(row, measure));
  return new Map([...sums].toSorted(([, a], [, b]) => b - a));
}

function total(sums: ReadonlyMap<unknown, number>): number {
  return [...sums.values()].reduce((sum, value) => sum + value, 0);
}
