import { modelNotFound, type AppError } from '../core/errors.ts';
import type { Budget } from '../core/policy.ts';
import type { Principal } from '../core/principal.ts';
import { keyStatus } from '../store/keys.ts';
import {
  amountOf,
  leftOf,
  nanosOfOne,
  requestBucket,
  spentIn,
  tokenBucket,
  type Amount,
  type Calendar,
} from './account.ts';
import { waitForMs } from '../core/bucket.ts';
import type { KnownKey } from './known-keys.ts';
import { invalidKey } from './presented-key.ts';
import {
  addressNotAllowed,
  budgetHeld,
  budgetSpent,
  keyPaused,
  roleNotAllowed,
  teamPaused,
  tooManyAtOnce,
  tooManyRequests,
  tooManyTokens,
} from './refusals.ts';
import type { Share } from './shares.ts';

/**
 * The policy, as a list to be read from top to bottom: one check a line, and the first refusal counts. `enter` is for
 * every route that takes a key, `admit` for those that use a model, `fit` for what a request may use.
 */

/** @throws AppError 401, 403 */
export function enter(
  key: KnownKey,
  from: {
    /** Null for the owner, who is where nobody's device is. */ readonly address: string | null;
    readonly nowMs: number;
  },
): void {
  keyHolds(key, from.nowMs);
  if (from.address !== null) addressIsAllowed(key, from.address);
  keyIsNotPaused(key);
  teamIsNotPaused(key);
}

/** @throws AppError 403, 404 */
export function admit(principal: Principal, modelName: string): void {
  roleAllowsInference(principal);
  keyAllowsModel(principal, modelName);
}

/** The refusal of the first limit that the request does not keep, or null. Nothing is taken yet. */
export function fit(shares: readonly Share[], wish: Wish, now: Now): AppError | null {
  return (
    first(shares, (share) => requestsPerMinute(share, now)) ??
    first(shares, (share) => requestsAtOnce(share)) ??
    first(shares, (share) => tokensPerMinute(share, wish, now)) ??
    first(shares, (share) => budgets(share, wish, now))
  );
}

/** What a request wants. */
type Wish = {
  /** The least that must be left of each budget. */
  readonly least: Readonly<Amount>;
  /** What it will probably use, for limits per minute. */
  readonly likelyTokens: number;
};

export type Now = Calendar & { readonly monotonicMs: number; readonly currency: string };

/** Whether the key may know of this model at all; `/v1/models` lists only those. */
export function mayUseModel(principal: Pick<Principal, 'models'>, modelName: string): boolean {
  return principal.models === null || principal.models.includes(modelName);
}

function keyHolds({ stored }: KnownKey, nowMs: number): void {
  const status = keyStatus(stored, nowMs);
  if (status === 'revoked' || status === 'expired') throw invalidKey();
}

function addressIsAllowed({ principal, mayComeFrom }: KnownKey, address: string): void {
  if (!mayComeFrom(address)) throw addressNotAllowed(principal.keyName, address);
}

function keyIsNotPaused({ principal, stored }: KnownKey): void {
  if (stored.pausedMs !== null) throw keyPaused(principal.keyName);
}

function teamIsNotPaused({ team }: KnownKey): void {
  if (team?.isPaused === true) throw teamPaused(team.name);
}

function roleAllowsInference(principal: Principal): void {
  if (principal.role !== 'inference') throw roleNotAllowed();
}

function keyAllowsModel(principal: Principal, modelName: string): void {
  if (!mayUseModel(principal, modelName)) throw modelNotFound(modelName);
}

function requestsPerMinute({ whose, account, limits }: Share, { monotonicMs }: Now): AppError | null {
  const size = requestBucket(limits);
  const waitMs = size === null ? 0 : waitForMs(account.requests, size, 1, monotonicMs);
  return size === null || waitMs === 0 ? null : tooManyRequests(whose, size.perMinute, waitMs);
}

function requestsAtOnce({ whose, account, limits: { maxParallel } }: Share): AppError | null {
  if (maxParallel === null || account.running < maxParallel) return null;
  return tooManyAtOnce(whose, maxParallel, account.usualMs / maxParallel);
}

/** A request larger than a whole minute is let in when the minute is full, and is waited for afterwards. */
function tokensPerMinute(
  { whose, account, limits }: Share,
  { likelyTokens }: Wish,
  { monotonicMs }: Now,
): AppError | null {
  const size = tokenBucket(limits);
  const waitMs = size === null ? 0 : waitForMs(account.tokens, size, likelyTokens, monotonicMs);
  return size === null || waitMs === 0 ? null : tooManyTokens(whose, size.perMinute, waitMs);
}

function budgets(share: Share, wish: Wish, now: Now): AppError | null {
  return first(share.limits.budgets, (budget) => budgetAllows(share, budget, wish, now));
}

function budgetAllows({ whose, account }: Share, budget: Budget, wish: Wish, now: Now): AppError | null {
  const unit = budget.unit === 'tokens' ? 'tokens' : 'nanos';
  const need = Math.max(1, wish.least[unit]);
  const left = leftOf(account, budget, now);
  if (left >= need) return null;
  const unspent = amountOf(budget) - spentIn(account, budget.period, now)[unit];
  if (unspent >= need) return budgetHeld(whose, budget, account.usualMs);
  const shown = (amount: number): number =>
    unit === 'tokens' ? amount : Math.round((amount / nanosOfOne) * 1e6) / 1e6;
  return budgetSpent(whose, budget, {
    endMs: account.spent[budget.period].endMs,
    timeZone: now.timeZone,
    currency: now.currency,
    asked: unspent <= 0 ? null : { need: shown(need), left: shown(unspent) },
  });
}

function first<Item>(items: readonly Item[], check: (item: Item) => AppError | null): AppError | null {
  for (const item of items) {
    const refusal = check(item);
    if (refusal !== null) return refusal;
  }
  return null;
}
