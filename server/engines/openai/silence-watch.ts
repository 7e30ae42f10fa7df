import type { Clock, Timers } from '../../core/clock.ts';
import { createCrowd } from '../../core/crowd.ts';
import { broken, tooSilent } from './upstream-errors.ts';

/** How long is waited, in milliseconds: for the head of the answer, for its next byte, and for all of it. */
export type Patience = { readonly headMs: number; readonly silenceMs: number; readonly longestMs: number };

/** One answer that is waited for. */
export type Watched = {
  /** Something has come. */
  readonly heard: () => void;
  /** It is we who take nothing more for now: until something is `heard` again, silence is no fault of the upstream. */
  readonly hold: () => void;
  /** Waits for so long at most from now on, if nothing more is said. */
  readonly expectEndWithin: (ms: number) => void;
  readonly stop: () => void;
};

/** `onLate` is called once, when an answer was waited for too long. */
export type SilenceWatch = (patience: Patience, onLate: (error: Error) => void) => Watched;

type Waiting = {
  readonly beganMs: number;
  readonly longestMs: number;
  readonly onLate: (error: Error) => void;
  heardMs: number;
  limitMs: number;
};

const lookMs = 1_000;

/** One look a second at all answers of an upstream, however many frames pass. `name`: for what is said about it. */
export function createSilenceWatch(name: string, clock: Clock, timers: Timers): SilenceWatch {
  const all = createCrowd<Waiting>();
  let stopLooking: (() => void) | null = null;

  /** Ends when nobody is there any more; short answers that come one by one share it. */
  function look(): void {
    const nowMs = clock.monotonicMs();
    if (all.size === 0) {
      stopLooking?.();
      stopLooking = null;
    }
    for (const waiting of all) {
      const isLong = nowMs - waiting.beganMs >= waiting.longestMs;
      if (!isLong && nowMs - waiting.heardMs < waiting.limitMs) continue;
      if (!all.delete(waiting)) continue;
      waiting.onLate(
        isLong
          ? broken(name, 'upstream_endless', 'does not come to an end, so this request was given up')
          : tooSilent(name, Math.round(waiting.limitMs / 1000)),
      );
    }
  }

  return ({ headMs, silenceMs, longestMs }, onLate) => {
    const beganMs = clock.monotonicMs();
    let mostSilentMs = silenceMs;
    const waiting: Waiting = { beganMs, longestMs, onLate, heardMs: beganMs, limitMs: headMs };
    all.add(waiting);
    stopLooking ??= timers.every(lookMs, look);
    return {
      heard() {
        waiting.heardMs = clock.monotonicMs();
        waiting.limitMs = mostSilentMs;
      },
      hold() {
        waiting.limitMs = Number.POSITIVE_INFINITY;
      },
      expectEndWithin(ms) {
        mostSilentMs = Math.min(silenceMs, ms);
        waiting.limitMs = Math.min(waiting.limitMs, ms);
      },
      stop: () => void all.delete(waiting),
    };
  };
}
