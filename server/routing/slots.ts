import { AppError } from '../core/errors.ts';

/**
 * The queue before a model's slots (design decision 8: it lives here, never in the engine). First come, first
 * served; a waiter that gives up leaves its place. Bounded: a queue nobody could wait out is refused.
 */
export type SlotQueue = {
  /** Resolves with the function that gives the slot back; rejects with the signal's reason. */
  readonly enter: (slots: number, signal: AbortSignal) => Promise<() => void>;
  readonly waiting: () => number;
  readonly active: () => number;
};

/** At 8 slots and half a minute per answer, the last of so many waits four minutes. */
const mostWaiting = 64;

export function createSlotQueue(): SlotQueue {
  const waiters: (() => void)[] = [];
  let active = 0;
  let capacity = 1;

  function leave(): void {
    active -= 1;
    admitNext();
  }
  function admitNext(): void {
    while (active < capacity) {
      const next = waiters.shift();
      if (next === undefined) return;
      active += 1;
      next();
    }
  }
  async function enter(slots: number, signal: AbortSignal): Promise<() => void> {
    signal.throwIfAborted();
    capacity = slots;
    if (waiters.length >= mostWaiting) throw tooManyWaiting(waiters.length);
    await new Promise<void>((resolve, reject) => {
      const admitted = (): void => {
        signal.removeEventListener('abort', givenUp);
        resolve();
      };
      const givenUp = (): void => {
        const place = waiters.indexOf(admitted);
        if (place >= 0) waiters.splice(place, 1);
        reject(signal.reason as Error);
      };
      signal.addEventListener('abort', givenUp, { once: true });
      waiters.push(admitted);
      admitNext();
    });
    return leaveOnce(leave);
  }
  return { enter, waiting: () => waiters.length, active: () => active };
}

function leaveOnce(leave: () => void): () => void {
  let left = false;
  return () => {
    if (left) return;
    left = true;
    leave();
  };
}

function tooManyWaiting(count: number): AppError {
  return new AppError(
    `${count} requests are already waiting for this model. Please try again in a minute, or ask the owner for a faster model.`,
    { status: 503, code: 'overloaded', retryAfterSeconds: 60 },
  );
}
