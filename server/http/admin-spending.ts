import { nanosOfOne, spentIn, type Account, type Calendar } from '../gate/account.ts';
import type { Limits, Period } from '../core/policy.ts';
import { currencyOf } from '../store/prices.ts';
import type { WireSpending } from '../wire/limits.ts';
import type { AdminContext } from './admin-services.ts';

type Asked = { readonly model: string | null; readonly account: string; readonly limits: Limits };

/** How accounts stand now, what runs included. */
export function spendingOf({ gate, store }: AdminContext, asked: readonly Asked[]): WireSpending {
  const calendar = gate.calendar();
  return {
    currency: currencyOf(store),
    accounts: asked.map(({ model, account: id, limits }) => {
      const account = gate.account(id);
      return {
        model,
        limits: { ...limits, budgets: [...limits.budgets] },
        running: account.running,
        reserved: { tokens: account.reserved.tokens, money: account.reserved.nanos / nanosOfOne },
        spent: {
          day: inPeriod(account, 'day', calendar),
          week: inPeriod(account, 'week', calendar),
          month: inPeriod(account, 'month', calendar),
          total: inPeriod(account, 'total', calendar),
        },
      };
    }),
  };
}

function inPeriod(account: Account, period: Period, calendar: Calendar) {
  const { tokens, nanos } = spentIn(account, period, calendar);
  const { endMs } = account.spent[period];
  return {
    tokens,
    money: nanos / nanosOfOne,
    until: endMs === null ? null : new Date(endMs).toISOString(),
  };
}
