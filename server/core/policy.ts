/** What a key or a team may use. The words are those of the admin API; null means without a limit. */

/** In the server's time zone; a week begins on Monday. `total` never begins anew. */
export const periods = ['day', 'week', 'month', 'total'] as const;
export type Period = (typeof periods)[number];

export type Budget = {
  /** `money`: in the office's currency, by the price of what served (design decision 19). */
  readonly unit: 'tokens' | 'money';
  readonly amount: number;
  readonly period: Period;
};

export type Limits = {
  readonly requestsPerMinute: number | null;
  /** How many requests may come at once when none came before; null: those of a minute. */
  readonly burst: number | null;
  /** Prompt and answer together. */
  readonly tokensPerMinute: number | null;
  /** Requests answered or waiting at the same time. */
  readonly maxParallel: number | null;
  readonly budgets: readonly Budget[];
};

export const noLimits: Limits = {
  requestsPerMinute: null,
  burst: null,
  tokensPerMinute: null,
  maxParallel: null,
  budgets: [],
};

/** Whose turn it is when several wait: `high` gets more of a busy model, `low` less; none is left out. */
type Priority = 'low' | 'normal' | 'high';

/** What the owner has set for a key beside who has it. */
export type KeyPolicy = {
  /** The owner's own words to sort by, such as `project: website`. */
  readonly labels: Readonly<Record<string, string>>;
  /** CIDR ranges or single addresses the key may be used from; null for everywhere. */
  readonly ips: readonly string[] | null;
  readonly priority: Priority;
  /** Until when prompts and answers of this key are kept (traced), in milliseconds since 1970 UTC; null: they are not. */
  readonly traceUntilMs: number | null;
  /** Whether its requests may go to upstreams outside the office. */
  readonly mayLeave: boolean;
  /** Whether it may be used from the internet, by the public name that leads to the API (design decision 16). */
  readonly outside: boolean;
  /** Whether its requests may say for whom they ask: for a program that many people share. */
  readonly speaksForOthers: boolean;
  /** Whether its answers may be kept and given again, while the response cache is on. */
  readonly cache: boolean;
  readonly limits: Limits;
  /** By the name of a model or alias: what this key may use of it, within its limits for all. */
  readonly modelLimits: Readonly<Record<string, Limits>>;
};

export const usualPolicy: KeyPolicy = {
  labels: {},
  ips: null,
  priority: 'normal',
  traceUntilMs: null,
  mayLeave: false,
  outside: false,
  speaksForOthers: false,
  cache: true,
  limits: noLimits,
  modelLimits: {},
};

/** What an answer has used so far. */
export type Used = { readonly promptTokens: number; readonly completionTokens: number };

/** What one account has spent, as it is kept: absolute numbers, so that writing them twice does no harm. */
export type Spending = {
  /** `key:ID`, `key:ID/MODEL` or `team:NAME`. */
  readonly account: string;
  readonly spent: Readonly<Record<Period, PeriodSpending>>;
};

/** The account of all keys of a team together. */
export function teamAccount(name: string): string {
  return `team:${name}`;
}

type PeriodSpending = {
  readonly tokens: number;
  /** Billionths of the office's currency, so that sums stay exact. */
  readonly nanos: number;
  /** When it begins anew, in milliseconds since 1970 UTC; null for never. */
  readonly endMs: number | null;
};

/** What was put aside for a request when it was admitted; given back or spent when it has ended. */
export type Reservation = {
  /**
   * Tells what has been used so far, and asks for more where that is nearly all. False when there is no more: what
   * would go beyond must not be used, the answer ends with `length`. `isEstimate`: what the prompt has is known at the
   * end only.
   */
  readonly use: (used: Used, isEstimate?: boolean) => boolean;
  /** Ends the reservation, once: later calls find nothing to keep. */
  readonly settle: (used: Used, servedModel: string | null) => Settlement;
};

export type Settlement = {
  /** To be kept in the same transaction as the request's row. */
  readonly spendings: readonly Spending[];
  /** What the request cost, in billionths of the office's currency; null where nothing served it, or without a price. */
  readonly costNanos: number | null;
};
