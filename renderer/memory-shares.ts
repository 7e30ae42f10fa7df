import type { WireModel } from '../server/wire/admin.ts';
import type { MachineState } from '../server/wire/machine.ts';

/** Who has how much of a memory; bytes. */
export type MemoryShares = {
  readonly totalBytes: number;
  readonly models: readonly { readonly id: string; readonly bytes: number }[];
  /** What other programs have, as far as can be told. */
  readonly othersBytes: number;
  readonly freeBytes: number;
};

/** Of the graphics cards and of the computer's own memory; null where the whole is not known, or there is none. */
export function memoryShares(
  models: readonly WireModel[],
  { memory, gpu }: MachineState,
): { readonly gpu: MemoryShares | null; readonly memory: MemoryShares | null } {
  const here = models.filter(({ source }) => source !== 'upstream' && source !== 'ollama');
  const isOneMemory = gpu === null || gpu.isShared;
  return {
    gpu:
      isOneMemory || gpu.totalBytes === null
        ? null
        : sharesOf({ ...gpu, totalBytes: gpu.totalBytes }, here, onGpu),
    memory:
      memory.totalBytes === null
        ? null
        : sharesOf({ ...memory, totalBytes: memory.totalBytes }, here, (model) =>
            isOneMemory ? measured(model) : measured(model) - onGpu(model),
          ),
  };
}

function measured({ memory }: WireModel): number {
  return memory.measuredBytes ?? 0;
}

/** As much of it as of its layers: what the engine measures is both together. */
function onGpu(model: WireModel): number {
  if (model.backend === null || model.backend === 'cpu') return 0;
  const last = model.attempts.at(-1);
  return measured(model) * (last?.reason === null ? last.gpuShare : 1);
}

function sharesOf(
  { totalBytes, freeBytes }: { readonly totalBytes: number; readonly freeBytes: number },
  all: readonly WireModel[],
  bytesOf: (model: WireModel) => number,
): MemoryShares {
  const free = Math.min(freeBytes, totalBytes);
  const models = all.map((model) => ({ id: model.id, bytes: Math.max(0, bytesOf(model)) }));
  const taken = models.reduce((sum, { bytes }) => sum + bytes, 0);
  // Pages of a model's file count as free with the system: then all together is more than there is.
  const scale = taken > totalBytes - free && taken > 0 ? (totalBytes - free) / taken : 1;
  return {
    totalBytes,
    models: models.filter(({ bytes }) => bytes > 0),
    othersBytes: scale < 1 ? 0 : totalBytes - free - taken,
    freeBytes: scale < 1 ? Math.max(0, totalBytes - taken) : free,
  };
}
