export type SlotPlan = { readonly slots: number; readonly leastTokens: number; readonly mostTokens: number };

export type SlotPlanInput = {
  /** Fixed by the caller, or null to choose. */
  readonly slots: number | null;
  readonly contextTokens: number | null;
  /** Longest context the model was trained for. */
  readonly trainTokens: number;
  readonly modelBytes: number;
  readonly hasGpu: boolean;
};

/** Shorter conversations than this are of no use to people. */
const leastTokens = 4096;
/** Longer ones cost memory for everybody, since each slot owns its own. */
const usualTokens = 16_384;
/** Models below this leave room for many conversations also on a computer without a GPU. */
const smallModelBytes = 1024 ** 3;

/**
 * How many people at once and how long their conversations may be, best first; the first plan that memory allows is
 * taken. Memory is the product of both, so fewer slots come before shorter conversations than 4,096 tokens.
 */
export function planSlots(input: SlotPlanInput): SlotPlan[] {
  const most = Math.min(input.contextTokens ?? usualTokens, input.trainTokens);
  const least = input.contextTokens === null ? Math.min(leastTokens, most) : most;
  const plan = (slots: number) => ({ slots, leastTokens: least, mostTokens: most });
  if (input.slots !== null) return [plan(input.slots)];
  const wanted = input.modelBytes < smallModelBytes ? 8 : input.hasGpu ? 4 : 2;
  return [8, 4, 2, 1].filter((slots) => slots <= wanted).map(plan);
}
