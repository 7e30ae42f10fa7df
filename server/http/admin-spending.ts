import { nanosOfOne, spentIn, type Account, type Calendar } from '../gate/account.ts';
import { keyAccount } from '../gate/shares.ts';
import { teamAccount, type KeyPolicy, type Limits, type Period } from '../core/policy.ts';
import { listKeys } from '../store/keys.ts';
import { currencyOf } from '../store/prices.ts';
import { listTeams } from '../store/teams.ts';
import { spendingOverview } from '../wire/limits.ts';
import type { AccountSpending, SpendingOverview, WireSpending } from '../wire/limits.ts';
import { route, type AdminRoute } from './admin-route.ts';
import type { AdminContext } from './admin-services.ts';

type Asked = { readonly model: string | null; readonly account: string; readonly limits: Limits };

/** What was spent, of all at once: a page that shows many keys asks once. */
export const spendingRoutes: readonly AdminRoute[] = [
  route({
    method: 'get',
    path: '/spending',
    summary:
      'What every key that holds, and every team with limits, has spent of its limits; expired and revoked keys are left out.',
    answer: spendingOverview,
    handle: ({ context }): SpendingOverview => ({
      currency: currencyOf(context.store),
      keys: listKeys(context.store, context.clock.nowMs())
        .filter(({ status }) => status === 'active' || status === 'paused')
        .map((key) => ({ id: key.id, accounts: accountsOf(context, ofKey(key)) })),
      teams: listTeams(context.store).map((team) => ({
        name: team.name,
        accounts: accountsOf(context, ofTeam(team)),
      })),
    }),
  }),
];

/** How accounts stand now, what runs included. */
export function spendingOf(context: AdminContext, asked: readonly Asked[]): WireSpending {
  return { currency: currencyOf(context.store), accounts: accountsOf(context, asked) };
}

/** The key's own account, and those of the models it has limits for. */
export function ofKey({
  id,
  limits: own,
  modelLimits,
}: Pick<KeyPolicy, 'limits' | 'modelLimits'> & { readonly id: string }): Asked[] {
  return [
    { model: null, account: keyAccount(id), limits: own },
    ...Object.entries(modelLimits).map(([model, limits]) => ({
      model,
      account: keyAccount(id, model),
      limits,
    })),
  ];
}

export function ofTeam({ name, limits }: { readonly name: string; readonly limits: Limits }): Asked[] {
  return [{ model: null, account: teamAccount(name), limits }];
}

function accountsOf({ gate }: AdminContext, asked: readonly Asked[]): AccountSpending[] {
  const calendar = gate.calendar();
  return asked.map(({ model, account: id, limits }) => {
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
  });
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
