import type { Clock, Timers } from '../../../core/clock.ts';
import { backOffMs } from './back-off.ts';
import type { Crash } from './model-process.ts';

/** The crashes of one model in a row, and when a fresh process may be started. */
export type CrashRecord = {
  /** Plans the restart; returns after how long. */
  readonly note: (crash: Crash) => number;
  /** It has answered a request to the end: the row is over. */
  readonly answered: () => void;
  /** It is not wanted any more: no restart, and no pause before the next load. */
  readonly cancelRestart: () => void;
  /** 0 when nothing has to be waited for. */
  readonly pauseMs: () => number;
  readonly count: () => number;
  /** The last one's story, in a sentence for the owner. */
  readonly last: () => string | null;
};

export type CrashRecordOptions = {
  readonly clock: Pick<Clock, 'monotonicMs'>;
  readonly timers: Pick<Timers, 'after'>;
  readonly restart: () => void;
};

/** The first restart comes after a second, later ones after ever longer pauses up to half a minute. */
export function createCrashRecord({ clock, timers, restart }: CrashRecordOptions): CrashRecord {
  let crashes = 0;
  let last: string | null = null;
  let restartAtMs = -Infinity;
  let cancel: (() => void) | null = null;
  return {
    note(crash) {
      crashes += 1;
      last = describeCrash(crash);
      const pauseMs = backOffMs(crashes);
      restartAtMs = clock.monotonicMs() + pauseMs;
      cancel?.();
      cancel = timers.after(pauseMs, () => {
        cancel = null;
        restart();
      });
      return pauseMs;
    },
    answered() {
      crashes = 0;
    },
    cancelRestart() {
      cancel?.();
      cancel = null;
      restartAtMs = -Infinity;
    },
    pauseMs: () => Math.max(0, restartAtMs - clock.monotonicMs()),
    count: () => crashes,
    last: () => last,
  };
}

function describeCrash({ kind, how }: Crash): string {
  switch (kind) {
    case 'hung':
      return `The engine had work and did not answer any more (${how}), so it was ended.`;
    case 'broken':
      return `A computation failed (${how}).`;
    case 'died':
      return how === 'SIGKILL'
        ? 'The engine was ended from outside: usually by the system, because memory had run out.'
        : `The engine broke off (${how}).`;
  }
}
