import type { AccountSpending, WireBudget } from '../server/wire/limits.ts';

/** How a budget stands. `unpriced`: it counts money, and no model has a price, so it refuses everything. */
export type BudgetStanding = 'within' | 'nearly' | 'spent' | 'unpriced';

export type BudgetUse = {
  /** Null: all models together. */
  readonly model: string | null;
  readonly budget: WireBudget;
  /** In the unit of the budget. */
  readonly spent: number;
  /** Put aside for what runs now. */
  readonly reserved: number;
  /** 0 … 100, what is put aside included. */
  readonly percent: number;
  readonly standing: BudgetStanding;
  /** When it begins anew; null for never. */
  readonly until: string | null;
};

const nearlyPercent = 80;

/** Every budget of these accounts, the one that is nearest to its end first. */
export function budgetUses(accounts: readonly AccountSpending[], hasPrices: boolean): BudgetUse[] {
  return accounts
    .flatMap((account) => account.limits.budgets.map((budget) => useOf(account, budget, hasPrices)))
    .sort((a, b) => rank(b) - rank(a) || b.percent - a.percent);
}

function useOf(
  { model, spent, reserved }: AccountSpending,
  budget: WireBudget,
  hasPrices: boolean,
): BudgetUse {
  const of = spent[budget.period];
  const percent = Math.min(100, (100 * (of[budget.unit] + reserved[budget.unit])) / budget.amount);
  return {
    model,
    budget,
    spent: of[budget.unit],
    reserved: reserved[budget.unit],
    percent,
    standing: standingOf(of[budget.unit], budget, hasPrices),
    until: of.until,
  };
}

/** What is only put aside is given back in part, so it does not count as spent. */
function standingOf(spent: number, { unit, amount }: WireBudget, hasPrices: boolean): BudgetStanding {
  if (unit === 'money' && !hasPrices) return 'unpriced';
  if (spent >= amount) return 'spent';
  return (100 * spent) / amount >= nearlyPercent ? 'nearly' : 'within';
}

function rank({ standing }: BudgetUse): number {
  return { within: 0, nearly: 0, spent: 1, unpriced: 2 }[standing];
}
