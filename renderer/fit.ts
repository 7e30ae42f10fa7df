import type { WireModel } from '../server/wire/admin.ts';
import type { WireCatalogue } from '../server/wire/downloads.ts';

/** The memory that a model takes: weights, conversations and working memory, against what is free. */

export type CatalogueModel = WireCatalogue['models'][number];
export type Recommendation = WireCatalogue['recommended'][number];
export type Purpose = Recommendation['purpose'];
export type Fit = CatalogueModel['fit'];
export type FitVerdict = Fit['verdict'];

/** For how many people at once, and how long the conversation of each may be. */
export type Plan = Pick<Fit, 'slots' | 'contextTokens'>;

/** The sum in its parts; null where a part cannot be told. */
export type MemorySum = Pick<
  Fit,
  'weightsBytes' | 'contextBytes' | 'workingBytes' | 'neededBytes' | 'freeBytes' | 'slots' | 'contextTokens'
>;

type Sized = {
  readonly sizeBytes: number | null;
  readonly contextBytesPerToken: number | null;
  readonly workingBytes: number | null;
};

/** The sum for another plan than the server was asked for. */
export function sumFor(model: Sized, plan: Plan, freeBytes: number): MemorySum {
  const { sizeBytes: weightsBytes, contextBytesPerToken, workingBytes } = model;
  const contextBytes =
    contextBytesPerToken === null ? null : contextBytesPerToken * plan.slots * plan.contextTokens;
  const neededBytes =
    weightsBytes === null || contextBytes === null || workingBytes === null
      ? null
      : weightsBytes + contextBytes + workingBytes;
  return { ...plan, weightsBytes, contextBytes, workingBytes, neededBytes, freeBytes };
}

/** The smallest that makes enough room; null where nothing has to go, or no single one would do. */
export function whatToUnload(fit: Fit, models: readonly WireModel[]): WireModel | null {
  const { neededBytes, freeBytes, verdict } = fit;
  if (neededBytes === null || neededBytes <= freeBytes || verdict === 'unknown') return null;
  const enough = models.filter(
    ({ state, memory, settings }) =>
      state === 'ready' && !settings.pinned && freeBytes + (memory.measuredBytes ?? 0) >= neededBytes,
  );
  const sorted = enough.toSorted((a, b) => (a.memory.measuredBytes ?? 0) - (b.memory.measuredBytes ?? 0));
  return sorted.find(({ memory }) => memory.measuredBytes !== null) ?? null;
}
