import type { ModelHeader } from '../../../core/model.ts';
import type { GgufHeader } from '../gguf/gguf-header.ts';
import { estimateWorkingBytes } from '../supply/fit.ts';
import type { SlotPlan } from './plan-slots.ts';

/** What a model's file tells about the memory it will take. */
export type MemoryFacts = {
  /** Of all its files. */
  readonly sizeBytes: number;
  readonly contextBytesPerToken: number | null;
  readonly embeddingLength: number | null;
  readonly vocabularySize: number | null;
};

/** A choice of slots that is settled, in contrast to a plan, which leaves a range. */
export type SlotChoice = { readonly slots: number; readonly contextTokens: number };

export type MemoryEstimate = {
  readonly weightsBytes: number;
  /** Keys and values of all slots; models with a sliding window take less. */
  readonly contextBytes: number;
  readonly workingBytes: number;
  readonly totalBytes: number;
};

/** Where the header does not tell: that of a usual model of eight thousand million weights. */
const usualContextBytesPerToken = 131_072;
/** The library rounds each conversation's length up to this. */
const contextStep = 256;

/**
 * What a model takes with so many slots: weights + conversations + working memory. Checked against the starter model
 * (8 × 4,096 tokens: 1.11 GB reckoned, 1.02 GB measured).
 */
export function estimateMemory(facts: MemoryFacts, { slots, contextTokens }: SlotChoice): MemoryEstimate {
  const weightsBytes = facts.sizeBytes;
  const perToken = facts.contextBytesPerToken ?? usualContextBytesPerToken;
  const contextBytes = slots * Math.ceil(contextTokens / contextStep) * contextStep * perToken;
  const workingBytes = estimateWorkingBytes(facts.vocabularySize, facts.embeddingLength);
  return { weightsBytes, contextBytes, workingBytes, totalBytes: weightsBytes + contextBytes + workingBytes };
}

/** What the header says to those who reckon elsewhere, with the same numbers as here. */
export function headerFactsOf(header: GgufHeader): ModelHeader {
  return {
    trainContextTokens: header.contextTokens,
    contextBytesPerToken: header.contextBytesPerToken ?? usualContextBytesPerToken,
    workingBytes: estimateWorkingBytes(header.vocabularySize, header.embeddingLength),
    canUseTools: header.canUseTools,
    activeShare: header.activeShare,
  };
}

/**
 * The longest conversations that fit, for the most people at once that the plans allow; null if none fits.
 * `needBytes` reckons a choice.
 */
export function fitPlans(
  plans: readonly SlotPlan[],
  freeBytes: number,
  needBytes: (choice: SlotChoice) => number,
): SlotChoice | null {
  for (const { slots, leastTokens, mostTokens } of plans) {
    if (needBytes({ slots, contextTokens: leastTokens }) > freeBytes) continue;
    let contextTokens = mostTokens;
    while (contextTokens > leastTokens && needBytes({ slots, contextTokens }) > freeBytes) {
      contextTokens = Math.max(leastTokens, Math.floor((contextTokens * 0.75) / contextStep) * contextStep);
    }
    return { slots, contextTokens };
  }
  return null;
}

/** The least that the plans allow. */
export function leastChoice(plans: readonly SlotPlan[]): SlotChoice {
  const last = plans.at(-1);
  if (last === undefined) throw new Error('there is always a plan');
  return { slots: last.slots, contextTokens: last.leastTokens };
}
