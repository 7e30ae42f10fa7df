import type { Clock } from '../core/clock.ts';
import type { Pass, PassFor } from '../core/pass.ts';
import type { Limits, Reservation } from '../core/policy.ts';
import type { Principal } from '../core/principal.ts';
import type { Store } from '../store/open.ts';
import type { StoredKey } from '../store/keys.ts';
import { findSpending, lastAnswers } from '../store/spending.ts';
import {
  noteAnswer,
  openAccount,
  requestBucket,
  tokenBucket,
  type Account,
  type Amount,
  type Calendar,
} from './account.ts';
import { enter, fit, type Now } from './admit.ts';
import { inBucket, waitForMs, type Bucket, type BucketSize } from '../core/bucket.ts';
import { openKnownKeys, toKnownKey, type KnownKey, type KnownKeys, type Price } from './known-keys.ts';
import { asOwner, ownersKey } from './owners-key.ts';
import { createPasses } from './passes.ts';
import { invalidKey, presentedHash, type KeyBearing } from './presented-key.ts';
import { noPrompt, type PromptSize } from './prompt-size.ts';
import { priceMissing } from './refusals.ts';
import { amountUsed, reserve } from './reservation.ts';
import { keyAccount, keyOfAccount, modelShare, ownShares, type Share } from './shares.ts';

/** Who may come in, and how much they may use. Keys, teams and what they have spent are in memory. */
export type Gate = {
  /**
   * Who is asking? Headers only, before anything of the body is read; for every route that takes a key. Changes of a
   * key count from the next request.
   * @throws AppError 401 for every key that does not hold, with one text for all reasons; 403 for one that is paused
   *   or used from elsewhere
   */
  readonly enter: (request: KeyBearing, address: string) => Principal;
  /**
   * The owner, who has been let in by the admin API: as the console itself, or as one of the keys, whose policy and limits
   * then count, but not where it may come from.
   * @throws AppError as `enter` does, for a key that does not hold or is paused
   */
  readonly enterOwner: (as: OwnerAs) => Principal;
  /**
   * Puts aside what the request may use, of the key and its team alike, or refuses it. The key was let in by `enter`
   * and may use the model (`admit`). Every reservation must be settled.
   * @throws AppError 429 that says what, until when, and who can change it
   */
  readonly reserve: (principal: Principal, ask: Ask) => Admission;
  /** What clients are told of limits per minute, the tightest that count for this model. */
  readonly rates: (principal: Principal, model: string) => Rates;
  /** An account as it stands, for the admin API. */
  readonly account: (id: string) => Account;
  /** An account is called otherwise from now on, in the store already; what runs goes on in it. */
  readonly renameAccount: (from: string, to: string) => void;
  readonly calendar: () => Calendar;
  /** A key of the server's own, for one model. */
  readonly issuePass: (to: PassFor) => Pass;
};

/** `mayLeave` counts where no key is named: a key has its own. */
export type OwnerAs = { readonly key: StoredKey | null; readonly mayLeave: boolean };

/** What a request is, as far as limits go. */
export type Ask = {
  /** The model by the name the client used … */
  readonly model: string;
  /** … and who may answer for it, in order. */
  readonly modelIds: readonly string[];
  /** Asked for only where a limit counts tokens. */
  readonly prompt: () => PromptSize;
  /**
   * Whether who serves this model tells the prompt's true size before the first token. Where not, the most it may have
   * must be left, as for a question.
   */
  readonly isPromptTold: (modelId: string) => boolean;
  /** How many answers; 0 for a question, which has none. */
  readonly answers: number;
  /** Most tokens of each; null where the client has not said. */
  readonly maxTokens: number | null;
};

type Admission = {
  readonly reservation: Reservation;
  /** False for one of `modelIds` that this key has nothing left for, or no price: it is left out of the fallbacks. */
  readonly mayServe: (modelId: string) => boolean;
};

export type Rate = { readonly limit: number; readonly remaining: number; readonly fullInMs: number };
export type Rates = { readonly requests: Rate | null; readonly tokens: Rate | null };

type GateServices = { readonly store: Store; readonly clock: Clock; readonly timeZone: string };

/** What is put aside at least of a budget for an answer without a maximum … */
const leastUsualTokens = 1_024;
/** … and what it counts at least in limits per minute, which what was really used is taken from afterwards. */
const leastLikelyTokens = 256;
/** No answer is longer, whatever its request allows; far greater numbers would not add up exactly. */
const mostTokens = 1e9;

export function createGate({ store, clock, timeZone }: GateServices): Gate {
  const known = openKnownKeys(store);
  const passes = createPasses();
  const accounts = new Map<string, Account>();
  const keyOf = new WeakMap<Principal, KnownKey>();
  const ownOfKey = new WeakMap<KnownKey, Own>();
  const calendar = (): Calendar => ({ nowMs: clock.nowMs(), timeZone });
  const watches = { calendar, monotonicMs: clock.monotonicMs };

  function accountOf(id: string): Account {
    const kept = accounts.get(id);
    if (kept !== undefined) return kept;
    const open = openAccount(id, findSpending(store, id), calendar());
    const keyId = keyOfAccount(id);
    const answers = keyId === null ? [] : lastAnswers(store, keyId);
    for (const { tokens, totalMs } of answers) noteAnswer(open, tokens, totalMs);
    accounts.set(id, open);
    return open;
  }
  function knownKey(principal: Principal): KnownKey {
    const key = keyOf.get(principal);
    if (key === undefined) throw invalidKey();
    return key;
  }
  function sharesOf(key: KnownKey, models: Iterable<string>): readonly Share[] {
    const { shares: own } = ownOf(key);
    // Most keys have no limits of their own for single models.
    if (key.modelLimits.size === 0) return own;
    const ofModels = [...new Set(models)].flatMap((model) => modelShare(key, model, accountOf) ?? []);
    return [...ofModels, ...own];
  }
  /** Of one reading of the key and its team; a change of either makes another. */
  function ownOf(key: KnownKey): Own {
    const known = ownOfKey.get(key);
    if (known !== undefined) return known;
    const own = { account: accountOf(keyAccount(key.principal.keyId)), shares: ownShares(key, accountOf) };
    ownOfKey.set(key, own);
    return own;
  }

  /** Those of the fallbacks too that the key has something left for. */
  function withOthers(
    { shares, prices: alone, wish: first }: Admitted,
    otherIds: readonly string[],
    { key, now, wish }: { readonly key: KnownKey; readonly now: Now; readonly wish: WishFor },
  ): Admitted {
    const [firstId = ''] = alone.keys();
    const all = new Map(shares.map((share) => [share.account, share] as const));
    const prices = new Map(alone);
    for (const modelId of otherIds) {
      const own = modelShare(key, modelId, accountOf);
      const counting = own === null ? [...all.values()] : [own, ...all.values()];
      const price = known.priceOf(modelId);
      if (price === null && hasMoneyBudget(counting)) continue;
      // Whoever answers must be paid for, so the dearest of all that are left in must fit.
      if (fit(counting, wish(modelId, dearest([...prices.values(), price])), now) !== null) continue;
      prices.set(modelId, price);
      if (own !== null) all.set(own.account, own);
    }
    const price = dearest([...prices.values()]);
    return {
      shares: [...all.values()],
      prices,
      price,
      wish: prices.size === 1 ? first : wish(firstId, price),
    };
  }

  return {
    enter(request, address) {
      const hash = presentedHash(request);
      const key = passes.find(hash) ?? known.find(hash);
      if (key === null) throw invalidKey();
      enter(key, { address, nowMs: clock.nowMs() });
      if (keyOf.get(key.principal) !== key) keyOf.set(key.principal, key);
      return key.principal;
    },
    enterOwner({ key: stored, mayLeave }) {
      const key = stored === null ? ownersKey(mayLeave) : asOwner(toKnownKey(store, stored));
      enter(key, { address: null, nowMs: clock.nowMs() });
      keyOf.set(key.principal, key);
      return key.principal;
    },
    reserve(principal, ask) {
      const key = knownKey(principal);
      const now: Now = { ...calendar(), monotonicMs: clock.monotonicMs(), currency: known.currency() };
      const [firstId = ask.model, ...otherIds] = ask.modelIds;
      const shares = sharesOf(key, [ask.model, firstId]);
      const size = countsTokens(key, shares) ? ask.prompt() : noPrompt;
      const usual = Math.ceil(ownOf(key).account.usualTokens);
      const wish = (modelId: string, price: Price | null): Wish =>
        wishOf(ask, { size, price, usual, isPromptTold: ask.isPromptTold(modelId) });
      refuseWithoutPrice(known, shares, firstId);
      const price = known.priceOf(firstId);
      const firstWish = wish(firstId, price);
      const refusal = fit(shares, firstWish, now);
      if (refusal !== null) throw refusal;
      const alone: Admitted = { shares, prices: new Map([[firstId, price]]), price, wish: firstWish };
      const admitted = otherIds.length === 0 ? alone : withOthers(alone, otherIds, { key, now, wish });
      const { prices } = admitted;
      const { wanted, answerTokens, likelyTokens } = admitted.wish;
      const reservation = reserve(
        {
          wanted,
          answerTokens,
          likelyTokens,
          asked: ask.model,
          shares: admitted.shares,
          answers: ask.answers,
          prompt: size,
          price: admitted.price,
          prices,
        },
        watches,
      );
      return { reservation, mayServe: (modelId) => prices.has(modelId) };
    },
    rates(principal, model) {
      const nowMs = clock.monotonicMs();
      const shares = sharesOf(knownKey(principal), [model]);
      return {
        requests: tightest(shares, requestBucket, ({ requests }) => requests, nowMs),
        tokens: tightest(shares, tokenBucket, ({ tokens }) => tokens, nowMs),
      };
    },
    account: accountOf,
    renameAccount(from, to) {
      const open = accounts.get(from);
      accounts.delete(from);
      accounts.delete(to);
      if (open === undefined) return;
      open.id = to;
      accounts.set(to, open);
    },
    calendar,
    issuePass: passes.issue,
  };
}

type Wish = {
  readonly answerTokens: number;
  readonly likelyTokens: number;
  readonly least: Amount;
  readonly wanted: Amount;
};

/** What a key has for itself: its account, and all that its requests count in whichever model they are for. */
type Own = { readonly account: Account; readonly shares: readonly Share[] };

type WishFor = (modelId: string, price: Price | null) => Wish;

/** What a request may be answered by, and what is put aside for it. */
type Admitted = {
  readonly shares: readonly Share[];
  readonly prices: ReadonlyMap<string, Price | null>;
  /** The dearest. */
  readonly price: Price | null;
  readonly wish: Wish;
};

type Known = {
  readonly size: PromptSize;
  readonly price: Price | null;
  readonly usual: number;
  readonly isPromptTold: boolean;
};

function wishOf({ answers, maxTokens: asked }: Ask, { size, price, usual, isPromptTold }: Known): Wish {
  const maxTokens = asked === null ? null : Math.min(asked, mostTokens);
  const answerTokens = answers * (maxTokens ?? Math.max(leastUsualTokens, usual));
  const leastAnswer = maxTokens === null ? Math.min(answers, 1) : answerTokens;
  // What is known only when all is answered cannot be refused then, so what it may be at most must be left.
  const leastPrompt = answers === 0 || !isPromptTold ? size.most : size.likely;
  return {
    answerTokens,
    likelyTokens: size.likely + answers * (maxTokens ?? Math.max(leastLikelyTokens, usual)),
    least: amountUsed({ promptTokens: leastPrompt, completionTokens: leastAnswer }, price),
    wanted: amountUsed({ promptTokens: size.most, completionTokens: answerTokens }, price),
  };
}

/** Measuring a long prompt costs more than all the rest of this. */
function countsTokens({ modelLimits }: KnownKey, shares: readonly Share[]): boolean {
  const counts = (limits: Limits): boolean => limits.tokensPerMinute !== null || limits.budgets.length > 0;
  return shares.some(({ limits }) => counts(limits)) || modelLimits.values().some(counts);
}

function hasMoneyBudget(shares: readonly Share[]): boolean {
  return shares.some(({ limits }) => limits.budgets.some(({ unit }) => unit === 'money'));
}

function refuseWithoutPrice(known: KnownKeys, shares: readonly Share[], modelId: string): void {
  if (known.priceOf(modelId) !== null) return;
  const limiting = shares.find((share) => hasMoneyBudget([share]));
  if (limiting !== undefined) throw priceMissing(limiting.whose, modelId);
}

function dearest(prices: readonly (Price | null)[]): Price | null {
  const known = prices.filter((price) => price !== null);
  if (known.length === 0) return null;
  return {
    input: Math.max(...known.map(({ input }) => input)),
    output: Math.max(...known.map(({ output }) => output)),
  };
}

function tightest(
  shares: readonly Share[],
  sizeOf: (limits: Limits) => BucketSize | null,
  bucketOf: (account: Account) => Bucket,
  nowMs: number,
): Rate | null {
  let tightestRate: Rate | null = null;
  for (const { account, limits } of shares) {
    const size = sizeOf(limits);
    if (size === null) continue;
    const bucket = bucketOf(account);
    const remaining = Math.max(0, Math.floor(inBucket(bucket, size, nowMs)));
    if (tightestRate !== null && tightestRate.remaining <= remaining) continue;
    const fullInMs = waitForMs(bucket, size, size.capacity, nowMs);
    tightestRate = { limit: size.capacity, remaining, fullInMs };
  }
  return tightestRate;
}
