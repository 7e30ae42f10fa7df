import type { OtherLoad } from './other-load.ts';

export type ThreadChoice = {
  /** How many threads the next tick of so many tokens should have. */
  readonly choose: (tokens: number) => number;
  /** Why the last tick had as many as it had, in a sentence for the owner. */
  readonly reason: () => string;
  readonly note: (tick: { readonly tokens: number; readonly threads: number; readonly ms: number }) => void;
};

/** What is known of ticks of one size. */
type Kind = {
  current: number;
  /** Threads → running mean of milliseconds per token. */
  readonly means: Map<number, number>;
  ticks: number;
  nextTrialAt: number;
  trialInterval: number;
  /** Ticks of the present trial still to come; 0 while none runs. */
  trialLeft: number;
  trialResults: number[];
};

/** Ticks of a size before its first trial, so that there is something to compare with. */
const firstTrialAt = 4;
const trialTicks = 5;
const firstInterval = 32;
const longestInterval = 2048;
/** In a trial the other count must be this much better, or every noise would change it. */
const betterInTrial = 0.96;
/** The same without a trial, where only what was seen a while ago can be compared with. */
const clearlyBetter = 0.93;
/** A trial is broken off when its first tick is so much worse: every core wanted on a busy computer. */
const clearlyWorse = 1.5;
const weight = 0.25;
/** Cores that other programs may keep busy while all of them count as ours; our own server takes some of it. */
const freeEnough = 0.35;

/**
 * Chooses between two thread counts by measuring: all cores read faster while the computer is idle, and one core less
 * is many times faster as soon as another program keeps a core busy, since all threads wait for the slowest. Begins
 * with `least`. Each size of tick has its own choice, because a single stream is bound by memory and gains nothing
 * from another thread. The other count is tried for a few ticks now and then, the rarer the more often it lost, and
 * never while other programs are seen to compute: one such tick can take fifty times as long. Those get as many cores
 * as they keep busy. Where the load of others cannot be seen, ticks that become slower than the other count was when
 * last seen give the core back.
 */
export function createThreadChoice(
  { least, most }: { readonly least: number; readonly most: number },
  otherLoad: OtherLoad,
): ThreadChoice {
  const kinds = new Map<number, Kind>();
  let lastReason =
    least === most ? 'The number of threads is fixed.' : 'One core is left free until the pace is measured.';

  function kindOf(tokens: number): Kind {
    // Small ticks differ from one another, large ones (prompts) in their order of magnitude only.
    const key = tokens <= 16 ? tokens : 16 + Math.floor(Math.log2(tokens));
    const known = kinds.get(key);
    if (known !== undefined) return known;
    const kind: Kind = {
      current: least,
      means: new Map(),
      ticks: 0,
      nextTrialAt: firstTrialAt,
      trialInterval: firstInterval,
      trialLeft: 0,
      trialResults: [],
    };
    kinds.set(key, kind);
    return kind;
  }

  const other = (kind: Kind): number => (kind.current === least ? most : least);

  function reasonOf(kind: Kind): string {
    if (kind.trialLeft > 0) return `It is being tried whether ${other(kind)} threads are faster.`;
    const [present, rival] = [kind.means.get(kind.current), kind.means.get(other(kind))];
    if (present === undefined || rival === undefined)
      return 'One core is left free until the pace is measured.';
    const paces = `${present.toFixed(1)} against ${rival.toFixed(1)} ms for a token`;
    return `${kind.current} is the faster number of threads for this kind of work: ${paces}.`;
  }

  function endTrial(kind: Kind): void {
    const tried = other(kind);
    const result = kind.trialResults.toSorted((a, b) => a - b)[Math.floor(kind.trialResults.length / 2)];
    const usual = kind.means.get(kind.current);
    kind.trialLeft = 0;
    kind.trialResults = [];
    if (result === undefined || usual === undefined) return;
    kind.means.set(tried, result);
    const wins = result < usual * betterInTrial;
    if (wins) kind.current = tried;
    kind.trialInterval = wins ? firstInterval : Math.min(longestInterval, kind.trialInterval * 2);
    kind.nextTrialAt = kind.ticks + kind.trialInterval;
  }

  return {
    choose(tokens) {
      if (least === most) return least;
      const kind = kindOf(tokens);
      const busyCores = otherLoad() ?? 0;
      if (busyCores >= freeEnough) {
        kind.trialLeft = 0;
        kind.trialResults = [];
        const left = Math.max(most - least, Math.round(busyCores));
        lastReason = `Other programs keep ${busyCores.toFixed(1)} cores busy, so ${left} of ${most} are left to them.`;
        return Math.max(1, most - left);
      }
      if (kind.trialLeft === 0 && kind.ticks >= kind.nextTrialAt) kind.trialLeft = trialTicks;
      lastReason = reasonOf(kind);
      return kind.trialLeft > 0 ? other(kind) : kind.current;
    },
    reason: () => lastReason,
    note({ tokens, threads, ms }) {
      if (least === most) return;
      const kind = kindOf(tokens);
      const cost = ms / tokens;
      kind.ticks += 1;
      if (kind.trialLeft > 0 && threads === other(kind)) {
        kind.trialResults.push(cost);
        kind.trialLeft -= 1;
        const usual = kind.means.get(kind.current) ?? Infinity;
        if (kind.trialLeft === 0 || cost > usual * clearlyWorse) endTrial(kind);
        return;
      }
      if (threads !== kind.current) return;
      const before = kind.means.get(threads);
      const now = before === undefined ? cost : before + weight * (cost - before);
      kind.means.set(threads, now);
      // Slower than the other count was when last seen: somebody else needs the core.
      const elsewhere = kind.means.get(other(kind));
      if (elsewhere !== undefined && elsewhere < now * clearlyBetter) {
        kind.current = other(kind);
        kind.nextTrialAt = kind.ticks + kind.trialInterval;
      }
    },
  };
}
