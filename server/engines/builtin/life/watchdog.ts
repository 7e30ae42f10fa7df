import type { Clock, Timers } from '../../../core/clock.ts';

/** Notices an engine process that has work and shows no sign of life. */
export type Watchdog = {
  /** Whether there is anything to do; while there is not, silence means nothing. */
  readonly setBusy: (isBusy: boolean) => void;
  /** A computation of so many prompt tokens has begun: it may take its time. */
  readonly tickBegan: (tokens: number) => void;
  /** Any sign of life. */
  readonly sign: () => void;
  readonly stop: () => void;
};

export type WatchdogOptions = {
  readonly clock: Pick<Clock, 'monotonicMs'>;
  readonly timers: Pick<Timers, 'after'>;
  /** Default: a minute. */
  readonly mostSilentMs?: number;
  /** Called once, with how long it has been silent. */
  readonly onHung: (silentMs: number) => void;
};

const usualSilentMs = 60_000;
/** Before anything was measured: a large model on a slow processor reads two tokens a second. */
const firstTokenMs = 500;
/** A tick may take so many times as long as the measured pace says. */
const patience = 5;
/** Share of the newest measurement in the running mean. */
const weight = 0.3;
/** A timer so late means that the computer slept, or that we were held up ourselves: nothing was heard meanwhile. */
const lateMs = 10_000;

/**
 * Busy and silent for a minute is hung. A tick that reads a long piece of a prompt is allowed more, by the pace at
 * which this engine has read before.
 */
export function createWatchdog({
  clock,
  timers,
  onHung,
  mostSilentMs = usualSilentMs,
}: WatchdogOptions): Watchdog {
  let isBusy = false;
  let isStopped = false;
  let lastSignMs = clock.monotonicMs();
  let reading: { readonly tokens: number; readonly sinceMs: number } | null = null;
  let tokenMs: number | null = null;
  let cancel: (() => void) | null = null;

  function allowedMs(): number {
    if (reading === null) return mostSilentMs;
    return mostSilentMs + reading.tokens * (tokenMs === null ? firstTokenMs : tokenMs * patience);
  }

  /** One timer, which looks again when it was too early: signs come with every token and must cost nothing. */
  function watch(): void {
    cancel?.();
    cancel = null;
    if (!isBusy || isStopped) return;
    // Never longer than a minute: a long tick may end while this waits, and then the minute counts again.
    const dueMs = Math.min(lastSignMs + allowedMs(), clock.monotonicMs() + mostSilentMs);
    cancel = timers.after(Math.max(0, dueMs - clock.monotonicMs()), () => {
      cancel = null;
      look(dueMs);
    });
  }

  function look(dueMs: number): void {
    const now = clock.monotonicMs();
    if (now - dueMs > lateMs) lastSignMs = now;
    if (now < lastSignMs + allowedMs()) {
      watch();
      return;
    }
    isStopped = true;
    onHung(now - lastSignMs);
  }

  return {
    setBusy(busy) {
      if (busy === isBusy) return;
      isBusy = busy;
      lastSignMs = clock.monotonicMs();
      reading = null;
      watch();
    },
    tickBegan(tokens) {
      lastSignMs = clock.monotonicMs();
      reading = { tokens, sinceMs: lastSignMs };
    },
    sign() {
      lastSignMs = clock.monotonicMs();
      if (reading === null) return;
      const measured = (lastSignMs - reading.sinceMs) / Math.max(1, reading.tokens);
      tokenMs = tokenMs === null ? measured : tokenMs + weight * (measured - tokenMs);
      reading = null;
    },
    stop() {
      isStopped = true;
      cancel?.();
      cancel = null;
    },
  };
}
