import type { Time } from './time.ts';

/** Whether a process that runs still does anything: one whose event loop stands still ends by itself never. */
export type Heartbeat = {
  /** It has said something; whatever it was, it is alive. */
  readonly beat: () => void;
  readonly stop: () => void;
};

export type HeartbeatOptions = {
  readonly time: Pick<Time, 'after'>;
  readonly ask: () => void;
  /** Called once, and nothing is asked any more. */
  readonly onSilent: () => void;
};

const everyMs = 15_000;
const mostUnanswered = 4;
/** So long a process may be silent; slow disks and large databases stay far below it. */
export const silentAfterMs = everyMs * mostUnanswered;

/**
 * Asks every 15 s; four questions without any answer end the wait. Questions are counted rather than time measured: while
 * the computer sleeps, or this process itself stands still behind a dialog of the system, nothing is asked either, and
 * nobody is blamed for it.
 */
export function listenForHeartbeat({ time, ask, onSilent }: HeartbeatOptions): Heartbeat {
  let unanswered = 0;
  let cancel = time.after(everyMs, next);
  function next(): void {
    if (unanswered === mostUnanswered) return onSilent();
    unanswered += 1;
    ask();
    cancel = time.after(everyMs, next);
  }
  return {
    beat: () => (unanswered = 0),
    stop: () => cancel(),
  };
}
