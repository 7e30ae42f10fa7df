import type { ModelDescription } from './model.ts';

/** How fast a model has written here: the median of its answers. */
export type MeasuredSpeed = { readonly model: string; readonly tokensPerSecond: number };

/**
 * Below this a GPU spends its time on starting work, not on reading weights, so that a small model tells nothing of a
 * large one.
 */
const leastTellingGpuBytes = 1e9;

/**
 * How fast this computer reads weights when it writes: tokens per second × bytes that each token reads, of the largest
 * of its models that has answered. Null where none tells.
 */
export function readingSpeed(
  models: readonly ModelDescription[],
  measured: readonly MeasuredSpeed[],
  hasGpu: boolean,
): number | null {
  let largest = { bytes: hasGpu ? leastTellingGpuBytes : 0, speed: null as number | null };
  for (const { id, task, sizeBytes, header } of models) {
    const { tokensPerSecond = 0 } = measured.find(({ model }) => model === id) ?? {};
    const bytes = sizeBytes * (header?.activeShare ?? 0);
    if (task !== 'generate' || tokensPerSecond <= 0 || bytes <= largest.bytes) continue;
    largest = { bytes, speed: tokensPerSecond * bytes };
  }
  return largest.speed;
}
