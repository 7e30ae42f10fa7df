import type { Clock } from '../core/clock.ts';
import { inBucket, type Bucket, type BucketSize } from '../core/bucket.ts';
import { teamAccount, type Budget, type Limits } from '../core/policy.ts';
import type { Principal } from '../core/principal.ts';
import {
  leftOf,
  nanosOfOne,
  requestBucket,
  tokenBucket,
  type Account,
  type Calendar,
} from '../gate/account.ts';
import type { Gate } from '../gate/gate.ts';
import { keyAccount } from '../gate/shares.ts';
import { findTeam } from '../store/teams.ts';
import type { Store } from '../store/open.ts';
import type { OwnLimits } from '../wire/me.ts';

type LimitsServices = { readonly store: Store; readonly gate: Gate; readonly clock: Clock };

type Asked = {
  readonly whose: OwnLimits['whose'];
  readonly model: string | null;
  readonly account: string;
  readonly limits: Limits;
};

/** What holds this key back, and how much is left of it. Of the team's: what there is, and whether it is used up. */
export function limitsOf({ store, gate, clock }: LimitsServices, principal: Principal): OwnLimits[] {
  const { keyId, limits, modelLimits, team } = principal;
  const teamLimits = team === null ? null : (findTeam(store, team)?.limits ?? null);
  const asked: Asked[] = [
    { whose: 'key', model: null, account: keyAccount(keyId), limits },
    ...Object.entries(modelLimits).map(([model, own]): Asked => ({
      whose: 'key',
      model,
      account: keyAccount(keyId, model),
      limits: own,
    })),
    ...(team === null || teamLimits === null
      ? []
      : [{ whose: 'team', model: null, account: teamAccount(team), limits: teamLimits } as const]),
  ];
  const now = { calendar: gate.calendar(), monotonicMs: clock.monotonicMs() };
  return asked
    .filter((one) => isLimiting(one.limits))
    .map((one) => describeLimits(one, gate.account(one.account), now));
}

/** How many of this key's requests are answered or wait. */
export function runningOf({ gate }: Pick<LimitsServices, 'gate'>, { keyId }: Principal): number {
  return gate.account(keyAccount(keyId)).running;
}

function isLimiting({ requestsPerMinute, tokensPerMinute, maxParallel, budgets }: Limits): boolean {
  return (
    [requestsPerMinute, tokensPerMinute, maxParallel].some((limit) => limit !== null) || budgets.length > 0
  );
}

type Now = { readonly calendar: Calendar; readonly monotonicMs: number };

function describeLimits({ whose, model, limits }: Asked, account: Account, now: Now): OwnLimits {
  const isShared = whose === 'team';
  const left = (bucket: Bucket, size: BucketSize | null): { limit: number; left: number | null } | null => {
    if (size === null) return null;
    const inside = Math.max(0, Math.floor(inBucket(bucket, size, now.monotonicMs)));
    return { limit: size.perMinute, left: isShared ? null : inside };
  };
  const { maxParallel } = limits;
  return {
    whose,
    model,
    requestsPerMinute: left(account.requests, requestBucket(limits)),
    tokensPerMinute: left(account.tokens, tokenBucket(limits)),
    atOnce:
      maxParallel === null
        ? null
        : { limit: maxParallel, left: isShared ? null : Math.max(0, maxParallel - account.running) },
    budgets: limits.budgets.map((budget) => describeBudget(budget, account, { isShared, ...now })),
  };
}

function describeBudget(
  budget: Budget,
  account: Account,
  { isShared, calendar }: Now & { readonly isShared: boolean },
): OwnLimits['budgets'][number] {
  const { unit, amount, period } = budget;
  const left = Math.max(0, leftOf(account, budget, calendar));
  // Read after `leftOf`, which begins a period anew that has ended.
  const { endMs } = account.spent[period];
  return {
    unit,
    amount,
    period,
    left: isShared ? null : unit === 'tokens' ? left : left / nanosOfOne,
    isUsedUp: left === 0,
    until: endMs === null ? null : new Date(endMs).toISOString(),
  };
}
