import type { Backend } from '../../../core/model.ts';
import type { SlotChoice } from './memory-estimate.ts';
import type { SlotPlan } from './plan-slots.ts';

/** One way to load a model. */
export type LoadWay = {
  readonly backend: Backend;
  /** Which part of the layers goes to the GPU, as far as they fit. */
  readonly gpuShare: number;
  /** As planned, half the conversations' memory, or as little as is of use. */
  readonly room: 'planned' | 'half' | 'least';
};

/** `file`: trying again in another way would not help. `backend`: this backend does not work here at all. */
export type FailureKind = 'memory' | 'died' | 'hung' | 'backend' | 'file';

/**
 * The ways to try, best first: fewer layers on the GPU, less room for conversations, another backend, and at last the
 * processor alone, which always works if memory is enough. `backends` are those of this computer, best first.
 */
export function loadWays(backends: readonly Backend[]): readonly LoadWay[] {
  const [first, ...others] = backends.filter((backend) => backend !== 'cpu');
  const processor: LoadWay[] = [
    { backend: 'cpu', gpuShare: 0, room: 'planned' },
    { backend: 'cpu', gpuShare: 0, room: 'half' },
    { backend: 'cpu', gpuShare: 0, room: 'least' },
  ];
  if (first === undefined) return processor;
  return [
    { backend: first, gpuShare: 1, room: 'planned' },
    { backend: first, gpuShare: 0.5, room: 'planned' },
    { backend: first, gpuShare: 0.5, room: 'half' },
    ...others.map((backend) => ({ backend, gpuShare: 1, room: 'half' }) as const),
    ...processor.filter(({ room }) => room !== 'half'),
  ];
}

/** The next way after one that failed; null when there is nothing left to try. */
export function nextWay(ways: readonly LoadWay[], failed: LoadWay, kind: FailureKind): LoadWay | null {
  if (kind === 'file') return null;
  const later = ways.slice(ways.indexOf(failed) + 1);
  return later.find((way) => kind !== 'backend' || way.backend !== failed.backend) ?? null;
}

/** The planned choice, made smaller as the way says; null if that changes nothing. */
export function shrinkChoice(
  planned: SlotChoice,
  room: LoadWay['room'],
  { leastTokens }: Pick<SlotPlan, 'leastTokens'>,
): SlotChoice | null {
  const least = { slots: 1, contextTokens: Math.min(planned.contextTokens, leastTokens) };
  const half =
    planned.slots > 1
      ? { ...planned, slots: Math.ceil(planned.slots / 2) }
      : { slots: 1, contextTokens: Math.max(least.contextTokens, Math.floor(planned.contextTokens / 2)) };
  const choice = { planned, half, least }[room];
  const isSame = choice.slots === planned.slots && choice.contextTokens === planned.contextTokens;
  return room !== 'planned' && isSame ? null : choice;
}
