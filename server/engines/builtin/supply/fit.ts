import type { Fit, FitModel, FitPlan, FitVerdict, Machine } from '../../../core/download.ts';

/** Up to this share of the free memory is comfortable; the rest is for what other programs will want. */
const comfortableShare = 0.85;
/** The shortest conversations that are of use, as in `plan-slots.ts`. */
const leastContextTokens = 4096;
const contextStep = 1024;

/**
 * Whether a model fits this computer: weights, conversations of all slots and working memory against what is free.
 * An estimate for before the model was ever loaded; pure, so that it can be asked for any plan.
 */
export function estimateFit(model: FitModel, plan: FitPlan, machine: Machine): Fit {
  const { sizeBytes: weightsBytes, contextBytesPerToken, workingBytes } = model;
  const contextBytes =
    contextBytesPerToken === null ? null : contextBytesPerToken * plan.contextTokens * plan.slots;
  const freeBytes = machine.gpuFreeBytes ?? machine.freeBytes;
  const parts = { ...plan, weightsBytes, contextBytes, workingBytes, freeBytes };
  if (weightsBytes === null || contextBytes === null || workingBytes === null) {
    const sentence = 'It cannot be told beforehand how much memory this model needs.';
    return {
      ...parts,
      verdict: 'unknown',
      sentence,
      neededBytes: null,
      fitsWithContextTokens: null,
      tokensPerSecond: null,
    };
  }
  const neededBytes = weightsBytes + contextBytes + workingBytes;
  const verdict = judge(neededBytes, machine);
  const tokensPerSecond = runsInOnePlace(verdict) ? estimateSpeed(model, machine) : null;
  return {
    ...parts,
    neededBytes,
    verdict,
    tokensPerSecond,
    sentence:
      sentences[verdict](inGigabytes(neededBytes), inGigabytes(freeBytes)) + speedWords(tokensPerSecond),
    fitsWithContextTokens:
      verdict === 'fits'
        ? null
        : longestContext({ fixedBytes: weightsBytes + workingBytes, contextBytesPerToken }, plan, freeBytes),
  };
}

/** What was measured says nothing of a model that is spread over two kinds of memory, or over a disk. */
function runsInOnePlace(verdict: FitVerdict): boolean {
  return verdict === 'fits' || verdict === 'tight';
}

/**
 * About so many tokens a second for one person: each reads the active weights once, as fast as models that ran here
 * have read theirs (docs/decisions/2026-11-23-speed-before.md). Null where nothing was measured.
 */
export function estimateSpeed({ sizeBytes, activeShare }: FitModel, machine: Machine): number | null {
  const { readBytesPerSecond = null } = machine;
  if (sizeBytes === null || sizeBytes <= 0 || readBytesPerSecond === null) return null;
  if (activeShare === null || activeShare === undefined) return null;
  return readBytesPerSecond / (sizeBytes * activeShare);
}

function speedWords(tokensPerSecond: number | null): string {
  if (tokensPerSecond === null) return '';
  const shown = tokensPerSecond < 10 ? tokensPerSecond.toFixed(1) : String(Math.round(tokensPerSecond));
  return ` About ${shown} tokens/s here.`;
}

function judge(neededBytes: number, machine: Machine): Exclude<FitVerdict, 'unknown'> {
  const best = machine.gpuFreeBytes ?? machine.freeBytes;
  if (neededBytes <= best * comfortableShare) return 'fits';
  if (neededBytes <= best) return 'tight';
  const gpuFreeBytes = machine.gpuFreeBytes ?? 0;
  const both =
    machine.isGpuShared === true
      ? Math.max(machine.freeBytes, gpuFreeBytes)
      : machine.freeBytes + gpuFreeBytes;
  return machine.gpuFreeBytes !== null && neededBytes <= both * comfortableShare ? 'partly' : 'too-big';
}

const sentences: Readonly<Record<Exclude<FitVerdict, 'unknown'>, (needed: string, free: string) => string>> =
  {
    fits: (needed, free) => `Fits: needs ${needed}, ${free} are free.`,
    tight: (needed, free) => `Tight: needs ${needed} of the ${free} that are free.`,
    partly: (needed, free) =>
      `Runs partly on the processor and therefore slower: needs ${needed}, the GPU has ${free} free.`,
    'too-big': (needed, free) => `Too big: needs ${needed}, ${free} are free.`,
  };

function longestContext(
  model: { readonly fixedBytes: number; readonly contextBytesPerToken: number | null },
  plan: FitPlan,
  freeBytes: number,
): number | null {
  if (model.contextBytesPerToken === null) return null;
  const room = freeBytes * comfortableShare - model.fixedBytes;
  const tokens = Math.floor(room / (model.contextBytesPerToken * plan.slots) / contextStep) * contextStep;
  return tokens >= leastContextTokens && tokens < plan.contextTokens ? tokens : null;
}

/** Tokens that are read at once, as the engine is set. */
const batchTokens = 512;
/** The engine's process and its library, without any model. */
const processBytes = 150_000_000;

/**
 * Beside weights and conversations: the process, and for each token of a batch the word scores and some rows as wide
 * as a layer, in 32 bits.
 */
export function estimateWorkingBytes(vocabularySize: number | null, embeddingLength: number | null): number {
  return processBytes + batchTokens * 4 * ((vocabularySize ?? 150_000) + 8 * (embeddingLength ?? 4096));
}

function inGigabytes(bytes: number): string {
  return `${(bytes / 1e9).toFixed(1)} GB`;
}
