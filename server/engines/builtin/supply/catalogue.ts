import { readFileSync } from 'node:fs';
import { z } from 'zod';
import type { CatalogueModel, FitPlan, Machine, Purpose, Recommendation } from '../../../core/download.ts';
import { estimateFit, estimateSpeed, estimateWorkingBytes } from './fit.ts';
import { parsePullUri } from './pull-uri.ts';

const purposes = ['chat', 'code', 'autocomplete', 'embeddings'] as const satisfies readonly Purpose[];

const entry = z.strictObject({
  id: z.string().regex(/^[a-z0-9][a-z0-9.-]*$/),
  name: z.string().min(1),
  publisher: z.string().min(1),
  licence: z.string().min(1),
  purposes: z.array(z.enum(purposes)).min(1),
  uri: z.string().refine((uri) => parsePullUri(uri, 'https://hub.invalid').kind === 'hub'),
  sizeBytes: z.number().int().positive(),
  /** Where the size was looked up: the hub's own page, or memory, and then it is approximate. */
  sizeFrom: z.enum(['page', 'memory']),
  contextTokens: z.number().int().positive(),
  contextBytesPerToken: z.number().int().positive(),
  activeBillions: z.number().positive(),
  /** Where a token passes only some of them. */
  totalBillions: z.number().positive().optional(),
  canUseTools: z.boolean(),
  minimumMemoryBytes: z.number().int().positive(),
});

const catalogueFile = z.strictObject({
  about: z.string(),
  asOf: z.string(),
  /** The better ones first, within each purpose. */
  models: z.array(entry).refine((models) => new Set(models.map(({ id }) => id)).size === models.length),
});

/** The curated list. Throws when the file that we ship is damaged. */
export function readCatalogue(path: string): readonly CatalogueModel[] {
  const { models } = catalogueFile.parse(JSON.parse(readFileSync(path, 'utf8')));
  return models.map(({ sizeFrom: _sizeFrom, totalBillions, ...model }) => ({
    ...model,
    activeShare: totalBillions === undefined ? 1 : model.activeBillions / totalBillions,
    workingBytes: estimateWorkingBytes(null, null),
  }));
}

type Need = {
  /** In a sentence: "a model for …". */
  readonly words: string;
  /** The least a conversation must hold, and what is wanted if the model has it. */
  readonly leastTokens: number;
  readonly wantedTokens: number;
  readonly slots: readonly number[];
  readonly needsTools: boolean;
};

/** Coding agents fill 32k with their own instructions and a few files; below that they fail in the middle. */
const needs: Readonly<Record<Purpose, Need>> = {
  chat: { words: 'chat', leastTokens: 8192, wantedTokens: 16_384, slots: [4, 2, 1], needsTools: false },
  code: {
    words: 'coding agents',
    leastTokens: 32_768,
    wantedTokens: 32_768,
    slots: [4, 2, 1],
    needsTools: true,
  },
  autocomplete: {
    words: 'autocomplete',
    leastTokens: 8192,
    wantedTokens: 8192,
    slots: [4, 2, 1],
    needsTools: false,
  },
  embeddings: { words: 'embeddings', leastTokens: 2048, wantedTokens: 2048, slots: [1], needsTools: false },
};

/** Without a GPU a model answers faster than people read only if each token passes few weights. */
const mostActiveBillionsOnCpu = 4;
/** Slower than people read, and too slow for an agent. */
const leastTokensPerSecond = 5;

/** What to take for each purpose on this computer. Pure. */
export function recommendModels(
  catalogue: readonly CatalogueModel[],
  machine: Machine,
): readonly Recommendation[] {
  return purposes.map((purpose) => recommend(catalogue, purpose, machine));
}

function recommend(catalogue: readonly CatalogueModel[], purpose: Purpose, machine: Machine): Recommendation {
  const need = needs[purpose];
  // Embeddings stay off the GPU, which belongs to the chat models (design decision 13).
  const where =
    purpose === 'embeddings' ? { ...machine, gpuFreeBytes: null, readBytesPerSecond: null } : machine;
  const able = catalogue.filter(
    (model) =>
      model.purposes.includes(purpose) &&
      model.contextTokens >= need.leastTokens &&
      (model.canUseTools || !need.needsTools),
  );
  const { fast, slow } = bySpeed(able, where);
  const found = firstThatFits(fast, need, where) ?? firstThatFits(slow, need, where);
  if (found === null) {
    const sentence = regret(need, [...fast, ...slow], where);
    return { purpose, modelId: null, slots: null, contextTokens: null, sentence, tokensPerSecond: null };
  }
  const { model, plan } = found;
  const { sentence, tokensPerSecond } = estimateFit(model, plan, where);
  return { purpose, modelId: model.id, ...plan, sentence: praise(model, plan, sentence), tokensPerSecond };
}

/** Those that are quick enough in the list's order, then the others, the quickest first. */
function bySpeed(
  models: readonly CatalogueModel[],
  machine: Machine,
): { readonly fast: readonly CatalogueModel[]; readonly slow: readonly CatalogueModel[] } {
  const speedOf = (model: CatalogueModel): number | null => estimateSpeed(model, machine);
  if (models.every((model) => speedOf(model) === null)) {
    const fast = models.filter(
      ({ activeBillions }) => machine.gpuFreeBytes !== null || activeBillions <= mostActiveBillionsOnCpu,
    );
    return { fast, slow: [] };
  }
  const isFast = (model: CatalogueModel): boolean => (speedOf(model) ?? 0) >= leastTokensPerSecond;
  return {
    fast: models.filter(isFast),
    slow: models.filter((model) => !isFast(model)).toSorted((a, b) => (speedOf(b) ?? 0) - (speedOf(a) ?? 0)),
  };
}

type Found = { readonly model: CatalogueModel; readonly plan: FitPlan };

function firstThatFits(models: readonly CatalogueModel[], need: Need, machine: Machine): Found | null {
  // A model for two at once comes before a better one for a single person: it is an office.
  for (const leastSlots of need.slots.length > 1 ? [2, 1] : [1]) {
    for (const model of models) {
      const plan = need.slots
        .filter((slots) => slots >= leastSlots)
        .map((slots) => ({ slots, contextTokens: Math.min(need.wantedTokens, model.contextTokens) }))
        .find((candidate) => estimateFit(model, candidate, machine).verdict === 'fits');
      if (plan !== undefined) return { model, plan };
    }
  }
  return null;
}

function praise(model: CatalogueModel, plan: FitPlan, sentence: string): string {
  const people = plan.slots === 1 ? 'one person at a time' : `${plan.slots} people at once`;
  return `${model.name} for ${people}, each with up to ${plan.contextTokens} tokens. ${sentence}`;
}

function regret(need: Need, able: readonly CatalogueModel[], machine: Machine): string {
  const sums = able.map(
    (model) => estimateFit(model, { slots: 1, contextTokens: need.leastTokens }, machine).neededBytes ?? 0,
  );
  const free = ((machine.gpuFreeBytes ?? machine.freeBytes) / 1e9).toFixed(1);
  const least = (Math.min(...sums) / 1e9).toFixed(1);
  return `This computer cannot run a model for ${need.words} now: the smallest one with ${need.leastTokens} tokens for one person needs ${least} GB of memory with some to spare, and ${free} GB are free.`;
}
