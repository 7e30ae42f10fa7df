import { periodEnd } from '../core/local-time.ts';
import { periods, type Budget, type Limits, type Period, type Spending } from '../core/policy.ts';
import { emptyNothing, type Bucket, type BucketSize } from '../core/bucket.ts';

/** Tokens, and money in billionths of the currency. */
export type Amount = { tokens: number; nanos: number };

/** What is known of a key, a key's share of a model, or a team while the server runs. */
export type Account = {
  /** Changes with the name of a team. */
  id: string;
  readonly requests: Bucket;
  readonly tokens: Bucket;
  /** Requests that are answered or wait. */
  running: number;
  /** Put aside for them. It is in memory only, so that a crash leaves nothing put aside. */
  readonly reserved: Amount;
  readonly spent: Record<Period, Amount & { endMs: number | null }>;
  /** Tokens of a usual answer, and how long one takes; follow what was answered last. */
  usualTokens: number;
  usualMs: number;
};

/** Where and when periods begin anew. */
export type Calendar = { readonly nowMs: number; readonly timeZone: string };

const firstUsualMs = 5_000;
const hourMs = 3_600_000;

/** The account as it was kept. A period's end that no calendar of today could have set (a corrected clock) is set anew. */
export function openAccount(id: string, kept: Spending | null, calendar: Calendar): Account {
  const account: Account = {
    id,
    requests: emptyNothing(),
    tokens: emptyNothing(),
    running: 0,
    reserved: { tokens: 0, nanos: 0 },
    spent: { day: fresh(), week: fresh(), month: fresh(), total: fresh() },
    usualTokens: 0,
    usualMs: firstUsualMs,
  };
  for (const period of periods) {
    const endMs = periodEnd(period, calendar.nowMs, calendar.timeZone);
    const before = kept?.spent[period] ?? { tokens: 0, nanos: 0, endMs };
    const hasEnded = before.endMs !== null && before.endMs <= calendar.nowMs;
    account.spent[period] = {
      tokens: hasEnded ? 0 : before.tokens,
      nanos: hasEnded ? 0 : before.nanos,
      endMs: hasEnded ? endMs : earlier(before.endMs, endMs),
    };
  }
  return account;
}

/** No period lasts longer on any calendar: a kept end further off was set by a clock that was wrong. */
const longestMs = { day: 49 * hourMs, week: 8 * 24 * hourMs, month: 32 * 24 * hourMs, total: 0 } as const;

/** What was spent in the period that runs now. What ran when it began counts where it ends. */
export function spentIn(account: Account, period: Period, calendar: Calendar): Amount {
  const spent = account.spent[period];
  if (spent.endMs !== null && calendar.nowMs >= spent.endMs) {
    spent.tokens = 0;
    spent.nanos = 0;
    spent.endMs = periodEnd(period, calendar.nowMs, calendar.timeZone);
  } else if (spent.endMs !== null && spent.endMs - calendar.nowMs > longestMs[period]) {
    spent.endMs = periodEnd(period, calendar.nowMs, calendar.timeZone);
  }
  return spent;
}

/** Adds to every period, and gives what is to be kept. */
export function spend(account: Account, amount: Readonly<Amount>, calendar: Calendar): Spending {
  for (const period of periods) {
    const spent = spentIn(account, period, calendar);
    spent.tokens += amount.tokens;
    spent.nanos += amount.nanos;
  }
  const { day, week, month, total } = account.spent;
  return {
    account: account.id,
    spent: { day: { ...day }, week: { ...week }, month: { ...month }, total: { ...total } },
  };
}

/** What is neither spent nor put aside, in tokens or billionths; below 0 when the budget was lowered. */
export function leftOf(account: Account, budget: Budget, calendar: Calendar): number {
  const unit = budget.unit === 'tokens' ? 'tokens' : 'nanos';
  return amountOf(budget) - spentIn(account, budget.period, calendar)[unit] - account.reserved[unit];
}

/** In tokens, or billionths. */
export function amountOf(budget: Budget): number {
  return budget.unit === 'tokens' ? budget.amount : Math.round(budget.amount * nanosOfOne);
}

export const nanosOfOne = 1e9;

export function requestBucket({ requestsPerMinute, burst }: Limits): BucketSize | null {
  if (requestsPerMinute === null) return null;
  return { perMinute: requestsPerMinute, capacity: burst ?? requestsPerMinute };
}

export function tokenBucket({ tokensPerMinute }: Limits): BucketSize | null {
  return tokensPerMinute === null ? null : { perMinute: tokensPerMinute, capacity: tokensPerMinute };
}

/** What is usual follows what was, a fifth of the way each time. */
export function noteAnswer(account: Account, answerTokens: number, elapsedMs: number): void {
  account.usualTokens += (answerTokens - account.usualTokens) / 5;
  account.usualMs += (elapsedMs - account.usualMs) / 5;
}

function fresh(): Amount & { endMs: number | null } {
  return { tokens: 0, nanos: 0, endMs: null };
}

function earlier(kept: number | null, now: number | null): number | null {
  return kept === null || now === null ? null : Math.min(kept, now);
}
