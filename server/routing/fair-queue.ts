import type { Clock } from '../core/clock.ts';
import { createCrowd } from '../core/crowd.ts';
import type { Standing } from '../core/route.ts';
import { createKeyLines, type KeyLine } from './key-lines.ts';
import { expectedOrder, nextTurn, type Turns } from './next-turn.ts';
import { createMeanTime, predictWaitsMs, remainingMs } from './predict.ts';
import { refuseCrowd, refuseHopeless } from './refusals.ts';

/**
 * The queue before a model's slots (design decision 8: it lives here, never in the engine). The order is by who has been
 * served least (`next-turn.ts`); a waiter that gives up leaves its place. In-flight never exceeds the slots. A queue
 * nobody could wait out is refused with the time to come again.
 */
export type FairQueue = {
  /** Resolves with the turn at a slot; rejects with the signal's reason, or 429/503 where waiting is of no use. */
  readonly enter: (slots: number, applicant: Applicant, signal: AbortSignal) => Promise<Turn>;
  /** While held, nobody gets a slot; those who have one go on. Holds are counted. */
  readonly hold: () => () => void;
  readonly waiting: () => number;
  readonly active: () => number;
  /** For the owner's view: who waits, in the expected order. */
  readonly look: () => QueueView;
};

export type Applicant = {
  readonly keyId: string;
  /** Positive; twice the weight, twice the share while several wait. */
  readonly weight: number;
  /** A completion while somebody types: goes ahead within a bound. */
  readonly isShort: boolean;
  /** Has its turn only when nobody else waits; what it takes tells nothing of how long others wait. */
  readonly isBackground?: boolean;
  /** Cost of the prompt as far as it can be told beforehand; see `turn.charge`. */
  readonly promptCost: number;
  /** Told once if it has to wait, with a view of where it stands. */
  readonly onWait?: (standing: () => Standing | null) => void;
};

export type Turn = {
  /** Whether it had to wait for it. */
  readonly hasWaited: boolean;
  /** Counts what the key was served: a token read is 1, a token written 2. Corrections may be negative. */
  readonly charge: (cost: number) => void;
  /** Gives the slot back; later calls do nothing. `isMeasured`: whether its time tells how long an answer takes. */
  readonly leave: (isMeasured: boolean) => void;
};

export type QueueView = {
  readonly slots: number;
  readonly active: number;
  readonly waiting: readonly (Standing & { readonly keyId: string; readonly waitedMs: number })[];
};

type Waiter = {
  readonly applicant: Applicant;
  readonly enteredMs: number;
  readonly admit: () => void;
  /** Takes it out of its line; once. */
  readonly leaveLine: () => void;
};
type OwnLine = KeyLine<Waiter>;
type Running = { readonly beganMs: number; readonly isShort: boolean };

/** One key may let so many wait; all keys together so many more, except that a key's first one always may. */
const mostOfKey = 64;
const mostOfAll = 256;
const mostInAnyCase = 1024;
/** An answer has so many tokens, for the expected order. */
const usualAnswerCost = 2 * 256;
/** Who waits longer than this has been given up by its tool: better told at once. */
const hopelessMs = 300_000;
/** Before an answer was measured, its time is guessed for orders only, never told. */
const guessMs = 10_000;

export function createFairQueue(clock: Pick<Clock, 'monotonicMs'>): FairQueue {
  const lines = createKeyLines<Waiter>(clock);
  const running = createCrowd<Running>();
  const mean = { short: createMeanTime(), long: createMeanTime() };
  let slots = 1;
  let waiting = 0;
  let shortAhead = 0;
  let holds = 0;
  let order: readonly Waiter[] | null = null;

  const turns = (): Turns<Waiter> => ({
    lines: lines.all(),
    slots,
    shortAhead,
    nowMs: clock.monotonicMs(),
  });

  function admitNext(): void {
    while (holds === 0 && running.size < slots && waiting > 0) {
      const next = nextTurn(turns());
      const waiter = next?.isShort === true ? next.line.short[0] : next?.line.long[0];
      if (next === null || waiter === undefined) return;
      waiter.leaveLine();
      if (!next.isShort) shortAhead = 0;
      else if (hasLong()) shortAhead += 1;
      waiter.admit();
    }
  }
  function hasLong(): boolean {
    for (const line of lines.all()) if (line.long.length > 0) return true;
    return false;
  }

  function begin(line: OwnLine, { isShort, promptCost, isBackground }: Applicant, hasWaited: boolean): Turn {
    const one: Running = { beganMs: clock.monotonicMs(), isShort };
    running.add(one);
    line.active += 1;
    line.lastTurnMs = one.beganMs;
    const charge = (cost: number): void => {
      line.served += cost / line.weight;
    };
    charge(Math.max(1, promptCost));
    return {
      hasWaited,
      charge,
      leave(isMeasured) {
        if (!running.delete(one)) return;
        line.active -= 1;
        if (isMeasured && isBackground !== true)
          mean[isShort ? 'short' : 'long'].add(clock.monotonicMs() - one.beganMs);
        order = null;
        admitNext();
        lines.tidy();
      },
    };
  }

  const meanMs = (isShort: boolean): number | null =>
    isShort ? (mean.short.meanMs() ?? mean.long.meanMs()) : (mean.long.meanMs() ?? mean.short.meanMs());

  function currentOrder(): readonly Waiter[] {
    order ??= expectedOrder(
      turns(),
      ({ applicant }, isShort) => applicant.promptCost + (isShort ? usualAnswerCost / 8 : usualAnswerCost),
    );
    return order;
  }

  /** How all who wait stand, in the expected order. */
  function standings(): Standing[] {
    const nowMs = clock.monotonicMs();
    const isMeasured = meanMs(false) !== null;
    const usualMs = (isShort: boolean): number => meanMs(isShort) ?? guessMs;
    const waitsMs = predictWaitsMs({
      slots,
      runningMs: [...running].map(({ beganMs, isShort }) => remainingMs(nowMs - beganMs, usualMs(isShort))),
      queueMs: currentOrder().map(({ applicant }) => usualMs(applicant.isShort)),
    });
    return waitsMs.map((waitMs, index) => ({
      place: index + 1,
      of: waiting,
      estimateMs: isMeasured ? Math.round(waitMs) : null,
    }));
  }
  function standingOf(waiter: Waiter): Standing | null {
    return standings()[currentOrder().indexOf(waiter)] ?? null;
  }

  function leaveLine(list: Waiter[], waiter: Waiter): void {
    list.splice(list.indexOf(waiter), 1);
    waiting -= 1;
    order = null;
  }

  async function wait(line: OwnLine, applicant: Applicant, signal: AbortSignal): Promise<Turn> {
    const { promise, resolve, reject } = Promise.withResolvers<Turn>();
    const list = line[applicant.isShort ? 'short' : 'long'];
    const waiter: Waiter = {
      applicant,
      enteredMs: clock.monotonicMs(),
      leaveLine: () => leaveLine(list, waiter),
      admit: () => {
        signal.removeEventListener('abort', givenUp);
        resolve(begin(line, applicant, true));
      },
    };
    const givenUp = (): void => {
      waiter.leaveLine();
      lines.tidy();
      reject(signal.reason as Error);
    };
    list.push(waiter);
    waiting += 1;
    order = null;
    const standing = standingOf(waiter);
    const hopeless = standing === null ? null : refuseIfHopeless(line, standing);
    if (hopeless !== null) {
      waiter.leaveLine();
      lines.tidy();
      throw hopeless;
    }
    signal.addEventListener('abort', givenUp, { once: true });
    applicant.onWait?.(() => standingOf(waiter));
    return await promise;
  }

  function refuseIfHopeless(line: OwnLine, { estimateMs, place }: Standing): Error | null {
    if (estimateMs === null || estimateMs <= hopelessMs) return null;
    const own = line.short.length + line.long.length - 1;
    return refuseHopeless({ waitMs: estimateMs, hopelessMs, isOwnDoing: own * 2 >= place });
  }

  function refuseIfCrowded(line: OwnLine): void {
    const own = line.short.length + line.long.length;
    const isTooMany = own >= mostOfKey || waiting >= mostInAnyCase || (waiting >= mostOfAll && own > 0);
    if (!isTooMany) return;
    const usualMs = meanMs(false) ?? guessMs;
    throw refuseCrowd({
      waiting: own >= mostOfKey ? own : waiting,
      isOwn: own >= mostOfKey,
      nextFreeMs: usualMs / slots,
    });
  }

  async function enter(wanted: number, applicant: Applicant, signal: AbortSignal): Promise<Turn> {
    signal.throwIfAborted();
    slots = Math.max(1, wanted);
    // More slots than the last time: they belong to those who wait already.
    admitNext();
    const line = lines.of(applicant.keyId, applicant.weight, applicant.isBackground);
    if (holds === 0 && waiting === 0 && running.size < slots) return begin(line, applicant, false);
    refuseIfCrowded(line);
    return await wait(line, applicant, signal);
  }

  return {
    enter,
    hold() {
      holds += 1;
      let isHeld = true;
      return () => {
        if (!isHeld) return;
        isHeld = false;
        holds -= 1;
        admitNext();
      };
    },
    waiting: () => waiting,
    active: () => running.size,
    look() {
      const stand = standings();
      const nowMs = clock.monotonicMs();
      return {
        slots,
        active: running.size,
        waiting: currentOrder().flatMap(({ applicant: { keyId }, enteredMs }, index) => {
          const standing = stand[index];
          return standing === undefined
            ? []
            : [{ ...standing, keyId, waitedMs: Math.round(nowMs - enteredMs) }];
        }),
      };
    },
  };
}
