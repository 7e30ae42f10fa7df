import { fitPlans, leastChoice, type SlotChoice } from './memory-estimate.ts';
import type { SlotPlan } from './plan-slots.ts';

/** Memory as measured just now. */
export type MachineMemory = {
  readonly ramFreeBytes: number;
  readonly ramTotalBytes: number;
  /** Null without a GPU, and for models that are not to use it. */
  readonly gpu: {
    readonly freeBytes: number;
    readonly totalBytes: number;
    /** Whether it is the same memory as the processor's. */
    readonly isShared: boolean;
  } | null;
};

/** A loaded model as the question of room sees it. */
export type Tenant = {
  readonly id: string;
  readonly ramBytes: number;
  readonly gpuBytes: number;
  /** Nobody uses it, and nobody is about to. */
  readonly isIdle: boolean;
  readonly isPinned: boolean;
  readonly lastUsedMs: number;
};

export type RoomQuestion = {
  readonly plans: readonly SlotPlan[];
  readonly needBytes: (choice: SlotChoice) => number;
  readonly memory: MachineMemory;
  readonly tenants: readonly Tenant[];
  /** The owner wants it tried with the least, whatever the sum says. */
  readonly isForced?: boolean;
};

export type RoomAnswer =
  | { readonly kind: 'load'; readonly choice: SlotChoice }
  /** Then measure and ask again. */
  | { readonly kind: 'evict'; readonly id: string }
  /** Only models that answer just now could make room. */
  | { readonly kind: 'wait'; readonly forIds: readonly string[] }
  /** Even its least is more than is free, and nobody will make room; or more than this computer has at all. */
  | {
      readonly kind: 'refuse';
      readonly needBytes: number;
      readonly freeBytes: number;
      readonly totalBytes: number;
      /** Loaded models that are pinned. */
      readonly pinnedIds: readonly string[];
    };

/** Of what is free, so much is left to other programs and to what the estimate does not know. */
const usableShare = 0.92;

/** Estimates count every layer in full; models with sliding windows may take so much less. */
const estimateDoubt = 0.75;

/**
 * Where a model that is to be loaded finds its memory:
 *
 * 1. it fits as it should be (all the slots it wants, conversations not shorter than usable) into what is free;
 * 2. it would if models that nobody uses went: the one unused for longest goes, then ask again;
 * 3. it fits with fewer slots, or partly beside the GPU;
 * 4. it would then, if idle models went;
 * 5. it would if models that answer just now went as well: wait for them, they are never evicted;
 * 6. its least is nearly what is free, and the estimate may be wrong: it is tried with the least;
 * 7. else other programs or pinned models hold the memory, or it is more than there is: refuse. To try nevertheless
 *    would make the system end some process, perhaps one that answers. Only the owner may want that.
 */
export function planRoom(question: RoomQuestion): RoomAnswer {
  const { plans, needBytes, memory, tenants } = question;
  const idle = tenants
    .filter((tenant) => tenant.isIdle && !tenant.isPinned)
    .toSorted((a, b) => a.lastUsedMs - b.lastUsedMs);
  const movable = tenants.filter((tenant) => !tenant.isPinned);
  const wanted = plans.slice(0, 1);
  for (const [wish, room] of [
    [wanted, bestRoom],
    [plans, anyRoom],
  ] as const) {
    const fits = (gone: readonly Tenant[]) => fitPlans(wish, room(memory, gone) * usableShare, needBytes);
    const choice = fits([]);
    if (choice !== null) return { kind: 'load', choice }; // (1) (3)
    const first = idle[0];
    if (first !== undefined && fits(idle) !== null) return { kind: 'evict', id: first.id }; // (2) (4)
  }
  const busy = movable.filter((tenant) => !tenant.isIdle);
  if (busy.length > 0 && fitPlans(plans, anyRoom(memory, movable) * usableShare, needBytes) !== null) {
    return { kind: 'wait', forIds: busy.map(({ id }) => id) }; // (5)
  }
  const choice = leastChoice(plans);
  const freeBytes = anyRoom(memory, []);
  const least = needBytes(choice);
  if (question.isForced === true || least * estimateDoubt <= freeBytes) return { kind: 'load', choice }; // (6)
  const pinnedIds = tenants.filter((tenant) => tenant.isPinned).map(({ id }) => id);
  return { kind: 'refuse', needBytes: least, freeBytes, totalBytes: totalOf(memory), pinnedIds }; // (7)
}

/** Where it runs fastest: on the GPU if there is one. */
function bestRoom({ gpu, ramFreeBytes }: MachineMemory, gone: readonly Tenant[]): number {
  return gpu === null
    ? ramFreeBytes + sum(gone, ({ ramBytes }) => ramBytes)
    : gpu.freeBytes + sum(gone, ({ gpuBytes }) => gpuBytes);
}

function anyRoom(memory: MachineMemory, gone: readonly Tenant[]): number {
  const best = bestRoom(memory, gone);
  if (memory.gpu === null) return best;
  const beside = memory.ramFreeBytes + sum(gone, ({ ramBytes }) => ramBytes);
  return memory.gpu.isShared ? Math.max(best, beside) : best + beside;
}

function totalOf({ gpu, ramTotalBytes }: MachineMemory): number {
  return gpu === null || gpu.isShared ? ramTotalBytes : ramTotalBytes + gpu.totalBytes;
}

function sum(tenants: readonly Tenant[], bytes: (tenant: Tenant) => number): number {
  return tenants.reduce((total, tenant) => total + bytes(tenant), 0);
}
