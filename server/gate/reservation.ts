import type { Reservation, Settlement, Spending, Used } from '../core/policy.ts';
import {
  leftOf,
  noteAnswer,
  requestBucket,
  spend,
  tokenBucket,
  type Amount,
  type Calendar,
} from './account.ts';
import { take } from '../core/bucket.ts';
import type { Price } from './known-keys.ts';
import type { PromptSize } from './prompt-size.ts';
import type { Share } from './shares.ts';

/** What a request puts aside, and by what it is counted. */
type Plan = {
  /** The model by the name the client used; its limits count whatever serves. */
  readonly asked: string;
  readonly shares: readonly Share[];
  /** What is put aside at first, where so much is left. */
  readonly wanted: Readonly<Amount>;
  /** Tokens of the answer that are put aside beside the prompt, once the prompt's are known. */
  readonly answerTokens: number;
  /** How many answers; 0 for a question. Where there are several, no part tells the size of all prompts together. */
  readonly answers: number;
  readonly likelyTokens: number;
  readonly prompt: PromptSize;
  /** The dearest of the models that may answer. */
  readonly price: Price | null;
  /** Of each model that may answer, as it was when the request was admitted. */
  readonly prices: ReadonlyMap<string, Price | null>;
};

/** Read at each use, since a request may run past the end of a month. */
type Watches = { readonly calendar: () => Calendar; readonly monotonicMs: () => number };

/** So much more is asked for when what was put aside is used up. */
const moreTokens = 256;

/**
 * Takes from every share what the request was found to fit in, all at once: nothing else runs between the check and
 * this. What is put aside grows while the answer does, never beyond what is left of the tightest budget.
 */
export function reserve(plan: Plan, watches: Watches): Reservation {
  const { shares, price } = plan;
  const held: Amount = { tokens: 0, nanos: 0 };
  const beganMs = watches.monotonicMs();
  const takenTokens = takeFromBuckets(plan, beganMs);
  const isLimited = shares.some(({ limits }) => limits.budgets.length > 0);
  let isPromptKnown = false;
  let isSettled = false;

  /** Puts aside so much in all, or as much as there is. */
  function hold(wanted: Readonly<Amount>): void {
    const calendar = watches.calendar();
    for (const unit of ['tokens', 'nanos'] as const) {
      const more = Math.floor(Math.min(wanted[unit] - held[unit], leastLeft(shares, unit, calendar)));
      // Giving back is always possible; a budget that was lowered must not take what is held already.
      const change = wanted[unit] < held[unit] ? wanted[unit] - held[unit] : Math.max(0, more);
      held[unit] += change;
      for (const { account } of shares) account.reserved[unit] += change;
    }
  }

  hold(plan.wanted);
  /** Until it is known, the most that was put aside for it. */
  const unknownPrompt = covers(
    held,
    amountUsed({ promptTokens: plan.prompt.most, completionTokens: 1 }, price),
  )
    ? plan.prompt.most
    : plan.prompt.likely;
  return {
    use(told, isEstimate = false) {
      if (!isLimited || isSettled) return true;
      const promptTokens = isEstimate ? Math.max(told.promptTokens, unknownPrompt) : told.promptTokens;
      const used = { promptTokens, completionTokens: told.completionTokens };
      const need = amountUsed(used, price);
      if (!isPromptKnown && !isEstimate && promptTokens > 0 && plan.answers === 1) {
        isPromptKnown = true;
        hold(amountUsed({ promptTokens, completionTokens: plan.answerTokens }, price));
      }
      if (!covers(held, need)) {
        hold(amountUsed({ promptTokens, completionTokens: used.completionTokens + moreTokens }, price));
      }
      return covers(held, need);
    },
    settle(used, servedModel) {
      if (isSettled) return nothing;
      isSettled = true;
      const serving = servedModel === null ? undefined : plan.prices.get(servedModel);
      const amount = amountUsed(used, serving === undefined ? price : serving);
      const calendar = watches.calendar();
      const nowMs = watches.monotonicMs();
      const spendings = shares.flatMap(({ account, whose, limits }, index): readonly Spending[] => {
        account.running -= 1;
        account.reserved.tokens -= held.tokens;
        account.reserved.nanos -= held.nanos;
        const counts = whose.model === null || plan.asked === whose.model || servedModel === whose.model;
        const size = tokenBucket(limits);
        const taken = takenTokens[index] ?? 0;
        if (size !== null) take(account.tokens, size, (counts ? amount.tokens : 0) - taken, nowMs);
        const requests = requestBucket(limits);
        if (requests !== null && !counts) take(account.requests, requests, -1, nowMs);
        if (!counts || amount.tokens === 0) return [];
        if (plan.answers > 0) noteAnswer(account, used.completionTokens / plan.answers, nowMs - beganMs);
        return [spend(account, amount, calendar)];
      });
      return { spendings, costNanos: serving === undefined || serving === null ? null : amount.nanos };
    },
  };
}

const nothing: Settlement = { spendings: [], costNanos: null };

/** What has no price costs nothing; money is rounded up to whole billionths. */
export function amountUsed({ promptTokens, completionTokens }: Used, price: Price | null): Amount {
  const nanos = price === null ? 0 : promptTokens * price.input + completionTokens * price.output;
  return { tokens: promptTokens + completionTokens, nanos: Math.ceil(nanos) };
}

function takeFromBuckets({ shares, likelyTokens }: Plan, nowMs: number): readonly number[] {
  return shares.map(({ account, limits }) => {
    account.running += 1;
    const requests = requestBucket(limits);
    if (requests !== null) take(account.requests, requests, 1, nowMs);
    const tokens = tokenBucket(limits);
    if (tokens === null) return 0;
    const taken = Math.min(likelyTokens, tokens.capacity);
    take(account.tokens, tokens, taken, nowMs);
    return taken;
  });
}

function leastLeft(shares: readonly Share[], unit: keyof Amount, calendar: Calendar): number {
  let least = Number.POSITIVE_INFINITY;
  for (const { account, limits } of shares) {
    for (const budget of limits.budgets) {
      const isMeant = (budget.unit === 'tokens') === (unit === 'tokens');
      if (isMeant) least = Math.min(least, leftOf(account, budget, calendar));
    }
  }
  return least;
}

function covers(held: Readonly<Amount>, need: Readonly<Amount>): boolean {
  return held.tokens >= need.tokens && held.nanos >= need.nanos;
}
