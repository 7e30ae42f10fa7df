import type { TimeSlice } from '../local-time.ts';

export const savingsGroups = ['month', 'person', 'team', 'model'] as const;
export type SavingsGroup = (typeof savingsGroups)[number];

/** Sums of the log that an estimate is made of. Durations are in tenths of a millisecond. */
export type SavingsUsage = {
  readonly fromMs: number;
  readonly toMs: number;
  /** The months of the zone. */
  readonly slices: readonly TimeSlice[];
  /** What was done in the office, and not in vain. */
  readonly cells: readonly SavingsCell[];
  /**
   * For each slice how long the computer was at work: streams overlap, so the sum of what requests took is too much. Of
   * each hour (or quarter-hour at a slice's edge) it was at least that sum by the number of requests at once, and at most
   * the sum or the whole time, whichever is less.
   */
  readonly busy: readonly { readonly leastTenths: number; readonly mostTenths: number }[];
  /** Sent to an engine outside the office, wherever the answer came from: it was paid there. */
  readonly outside: TokenSums;
  /** Ended in an error: nobody would have been charged. Its electricity counts. */
  readonly failed: TokenSums;
  /** Answered from the response cache: a cloud's answer could have been kept just as well. It took no work here. */
  readonly kept: TokenSums;
};

export type TokenSums = {
  readonly requests: number;
  readonly promptTokens: number;
  readonly cachedTokens: number;
  readonly completionTokens: number;
};

export type SavingsCell = TokenSums & {
  /** The month, person, team or model; null for nobody and none. */
  readonly group: string | null;
  /** What served. */
  readonly model: string | null;
  /** What its requests took without waiting in line, failed ones too. */
  readonly computeTenths: number;
};

export const noTokens: TokenSums = { requests: 0, promptTokens: 0, cachedTokens: 0, completionTokens: 0 };

export function addTokens(a: TokenSums, b: TokenSums): TokenSums {
  return {
    requests: a.requests + b.requests,
    promptTokens: a.promptTokens + b.promptTokens,
    cachedTokens: a.cachedTokens + b.cachedTokens,
    completionTokens: a.completionTokens + b.completionTokens,
  };
}
