import type { Clock } from '../core/clock.ts';
import { addressGroup } from '../core/ip-address.ts';
import type { EdgeBlock } from '../wire/edge.ts';

export type StrikeKind = EdgeBlock['reason'];

/** Who guesses is left outside for a while, and longer each time. */
export type Blocks = {
  /** Something wrong was shown from there. @returns the block where that is one too many */
  readonly strike: (address: string, kind: StrikeKind) => EdgeBlock | null;
  /** Null where the address is not blocked. */
  readonly standing: (group: string) => { readonly reason: StrikeKind; readonly waitMs: number } | null;
  /** Those that count now, the newest first. */
  readonly list: () => EdgeBlock[];
  /** Ends a block and forgets what led to it. False where there is none. */
  readonly lift: (address: string) => boolean;
};

/**
 * So many wrong ones within so long are no slip any more. A tool with an old key tries again and again, so keys, which
 * nobody can guess, have the most room; a code's own limits (`lan/pairing-guesses.ts`) come first.
 */
const limits: Readonly<Record<StrikeKind, { readonly most: number; readonly withinMs: number }>> = {
  keys: { most: 30, withinMs: 60_000 },
  passwords: { most: 10, withinMs: 10 * 60_000 },
  codes: { most: 10, withinMs: 10 * 60_000 },
};
const firstBlockMs = 60_000;
const longestBlockMs = 60 * 60_000;
/** After so long without a block the next is a short one again. */
const forgetAfterMs = 24 * 60 * 60_000;
/** Bounds the memory; who is quiet for longest and not blocked is forgotten first. */
const mostKept = 10_000;

type Suspect = {
  readonly wrong: Record<StrikeKind, number[]>;
  block: EdgeBlock | null;
  /** Of `block`, on the clock that nobody can set. */
  blockedUntilMs: number;
  times: number;
};

/** In memory: nobody but the owner can restart the server. */
export function createBlocks({ nowMs, monotonicMs }: Clock): Blocks {
  const suspects = new Map<string, Suspect>();

  function suspectOf(group: string): Suspect {
    const known = suspects.get(group) ?? {
      wrong: { keys: [], passwords: [], codes: [] },
      block: null,
      blockedUntilMs: Number.NEGATIVE_INFINITY,
      times: 0,
    };
    suspects.delete(group);
    suspects.set(group, known);
    if (suspects.size > mostKept) forgetQuietest();
    return known;
  }

  function forgetQuietest(): void {
    const now = monotonicMs();
    let first: string | null = null;
    for (const [group, { blockedUntilMs }] of suspects) {
      first ??= group;
      if (blockedUntilMs > now) continue;
      suspects.delete(group);
      return;
    }
    // All are blocked: ten thousand addresses are no office.
    if (first !== null) suspects.delete(first);
  }

  function begin(group: string, suspect: Suspect, reason: StrikeKind): EdgeBlock {
    const isForgiven = monotonicMs() - suspect.blockedUntilMs > forgetAfterMs;
    suspect.times = isForgiven ? 1 : suspect.times + 1;
    const sinceMs = nowMs();
    const durationMs = Math.min(longestBlockMs, firstBlockMs * 2 ** (suspect.times - 1));
    suspect.blockedUntilMs = monotonicMs() + durationMs;
    suspect.block = {
      address: group,
      reason,
      wrong: suspect.wrong[reason].length,
      since: new Date(sinceMs).toISOString(),
      until: new Date(sinceMs + durationMs).toISOString(),
      times: suspect.times,
    };
    suspect.wrong[reason] = [];
    return suspect.block;
  }

  return {
    strike(address, kind) {
      const group = addressGroup(address);
      const suspect = suspectOf(group);
      const now = monotonicMs();
      // Requests that were under way when the block began.
      if (suspect.blockedUntilMs > now) return null;
      const { most, withinMs } = limits[kind];
      const recent = suspect.wrong[kind].filter((timeMs) => now - timeMs < withinMs);
      recent.push(now);
      suspect.wrong[kind] = recent;
      return recent.length < most ? null : begin(group, suspect, kind);
    },
    standing(group) {
      const suspect = suspects.get(group);
      if (suspect === undefined || suspect.block === null) return null;
      const waitMs = suspect.blockedUntilMs - monotonicMs();
      return waitMs > 0 ? { reason: suspect.block.reason, waitMs } : null;
    },
    list() {
      const now = monotonicMs();
      return [...suspects.values()]
        .flatMap(({ block, blockedUntilMs }) => (block !== null && blockedUntilMs > now ? [block] : []))
        .toSorted((a, b) => b.since.localeCompare(a.since));
    },
    lift(address) {
      const isBlocked = (group: string): boolean =>
        (suspects.get(group)?.blockedUntilMs ?? Number.NEGATIVE_INFINITY) > monotonicMs();
      // As the list names it, or one address of a network.
      const group = [address, addressGroup(address)].find(isBlocked);
      return group !== undefined && suspects.delete(group);
    },
  };
}
