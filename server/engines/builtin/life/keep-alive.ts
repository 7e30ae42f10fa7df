import type { Clock, Timers } from '../../../core/clock.ts';

/** Unloads a model that nobody has used for a while. Armed only while it is idle. */
export type KeepAlive = {
  /** The model is idle from now on; null minutes keep it for ever. */
  readonly arm: (minutes: number | null) => void;
  readonly disarm: () => void;
  /** Wall clock; null while it is not armed. */
  readonly untilMs: () => number | null;
};

export type KeepAliveOptions = {
  readonly clock: Pick<Clock, 'nowMs'>;
  readonly timers: Pick<Timers, 'after'>;
  /** To be checked again there: somebody may have come in the meantime. */
  readonly onExpired: () => void;
};

export function createKeepAlive({ clock, timers, onExpired }: KeepAliveOptions): KeepAlive {
  let cancel: (() => void) | null = null;
  let untilMs: number | null = null;

  function disarm(): void {
    cancel?.();
    cancel = null;
    untilMs = null;
  }

  return {
    arm(minutes) {
      disarm();
      if (minutes === null) return;
      const delayMs = minutes * 60_000;
      untilMs = clock.nowMs() + delayMs;
      cancel = timers.after(delayMs, () => {
        disarm();
        onExpired();
      });
    },
    disarm,
    untilMs: () => untilMs,
  };
}
