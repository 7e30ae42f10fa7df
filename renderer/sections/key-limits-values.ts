import type { SetLimits, WireBudget, WireLimits } from '../../server/wire/limits.ts';
import type { Problems } from '../use-values.ts';

/** Limits as a form holds them: a number field that is empty, or half typed, is a string. Empty is without a limit. */

export type NumberField = number | string;

export type BudgetValues = {
  /** Tells rows apart while they are edited. */
  readonly id: string;
  readonly amount: NumberField;
  readonly unit: WireBudget['unit'];
  readonly period: WireBudget['period'];
};

export const paceNames = ['requestsPerMinute', 'burst', 'tokensPerMinute', 'maxParallel'] as const;
type PaceName = (typeof paceNames)[number];

export type LimitsValues = Readonly<Record<PaceName, NumberField>> & {
  readonly budgets: readonly BudgetValues[];
};

export const units = ['tokens', 'money'] as const satisfies readonly WireBudget['unit'][];
export const periods = ['day', 'week', 'month', 'total'] as const satisfies readonly WireBudget['period'][];

/** As many as there are kinds of them. */
export const mostBudgets = units.length * periods.length;

const mostOfCount = 1_000_000_000;
const mostOfBudget = 1e12;

export const noLimits: WireLimits = {
  requestsPerMinute: null,
  burst: null,
  tokensPerMinute: null,
  maxParallel: null,
  budgets: [],
};

let rows = 0;

/** A name for a row of a list that is edited. */
export function newRowId(): string {
  rows += 1;
  return `row-${rows}`;
}

export function limitsValues(limits: WireLimits): LimitsValues {
  return {
    requestsPerMinute: limits.requestsPerMinute ?? '',
    burst: limits.burst ?? '',
    tokensPerMinute: limits.tokensPerMinute ?? '',
    maxParallel: limits.maxParallel ?? '',
    budgets: limits.budgets.map((budget) => ({ ...budget, id: newRowId() })),
  };
}

/** The next kind of budget that is not there yet: tokens a day first. */
export function nextBudget(budgets: readonly BudgetValues[]): BudgetValues {
  const kinds = units.flatMap((unit) => periods.map((period) => ({ unit, period })));
  const free = kinds.find((kind) => !budgets.some((other) => isSameKind(kind, other)));
  return { id: newRowId(), amount: '', ...(free ?? { unit: 'tokens', period: 'day' }) };
}

/** Null for a field that is empty. */
export function numberOf(value: NumberField): number | null {
  if (typeof value === 'number') return value;
  return value.trim() === '' ? null : Number(value);
}

export function limitsProblems(values: LimitsValues): Problems {
  const pace = paceNames
    .filter((name) => !isCount(numberOf(values[name])))
    .map((name) => [name, 'wholeNumber'] as const);
  const budgets = values.budgets.flatMap((budget, index) => {
    const problem = amountProblem(budget);
    const isSecond = values.budgets.slice(0, index).some((other) => isSameKind(budget, other));
    return [
      ...(problem === null ? [] : [[`budgets.${index}.amount`, problem] as const]),
      ...(isSecond ? [[`budgets.${index}.period`, 'sameBudget'] as const] : []),
    ];
  });
  return Object.fromEntries([...pace, ...budgets]);
}

/** What is another than before; undefined where nothing is. Whoever changes the rest meanwhile is not undone. */
export function limitsChange(before: WireLimits, values: LimitsValues): SetLimits | undefined {
  const after = limitsOf(values);
  const pace = paceNames.filter((name) => after[name] !== before[name]).map((name) => [name, after[name]]);
  const isSame =
    JSON.stringify(after.budgets.map(kindAndAmount)) === JSON.stringify(before.budgets.map(kindAndAmount));
  const change = { ...Object.fromEntries(pace), ...(isSame ? {} : { budgets: after.budgets }) };
  return Object.keys(change).length === 0 ? undefined : change;
}

/** For values without problems. */
export function limitsOf(values: LimitsValues): WireLimits {
  return {
    requestsPerMinute: numberOf(values.requestsPerMinute),
    burst: numberOf(values.burst),
    tokensPerMinute: numberOf(values.tokensPerMinute),
    maxParallel: numberOf(values.maxParallel),
    budgets: values.budgets.map(({ unit, period, amount }) => ({
      unit,
      period,
      amount: numberOf(amount) ?? 0,
    })),
  };
}

/** The same problems, below a path. */
export function under(path: string, problems: Problems): Problems {
  return Object.fromEntries(Object.entries(problems).map(([name, problem]) => [`${path}.${name}`, problem]));
}

function isCount(value: number | null): boolean {
  return value === null || (Number.isInteger(value) && value >= 1 && value <= mostOfCount);
}

/** There is no half token, but half a euro. */
function amountProblem({ amount: field, unit }: BudgetValues): 'amount' | 'wholeAmount' | null {
  const amount = numberOf(field);
  if (unit === 'tokens') {
    return amount !== null && Number.isInteger(amount) && amount >= 1 && amount <= mostOfBudget
      ? null
      : 'wholeAmount';
  }
  return amount !== null && amount > 0 && amount <= mostOfBudget ? null : 'amount';
}

function isSameKind(
  a: Pick<BudgetValues, 'unit' | 'period'>,
  b: Pick<BudgetValues, 'unit' | 'period'>,
): boolean {
  return a.unit === b.unit && a.period === b.period;
}

function kindAndAmount({ unit, period, amount }: WireBudget): readonly unknown[] {
  return [unit, period, amount];
}
