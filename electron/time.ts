/** Time as a value, so that back-off and reminders are tested without waiting. */
export type Time = {
  /** Never runs backwards; only differences mean anything. */
  readonly monotonicMs: () => number;
  readonly nowMs: () => number;
  /** Calls back once; the returned function cancels. */
  readonly after: (delayMs: number, callback: () => void) => () => void;
};

export const systemTime: Time = {
  monotonicMs: () => performance.now(),
  nowMs: () => Date.now(),
  after: (delayMs, callback) => {
    const timer = setTimeout(callback, delayMs);
    return () => clearTimeout(timer);
  },
};
