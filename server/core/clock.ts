/** Time as a value, so that limits, expiry and retention are tested without waiting. */
export type Clock = {
  /** Wall clock, milliseconds since 1970 UTC: for what people see and for expiry. */
  readonly nowMs: () => number;
  /** Never runs backwards; only differences mean anything. For durations and limits. */
  readonly monotonicMs: () => number;
};

export const systemClock: Clock = {
  nowMs: () => Date.now(),
  monotonicMs: () => performance.now(),
};

/** Waiting as a value. Each returned function cancels. Timers never keep the process alive. */
export type Timers = {
  readonly after: (delayMs: number, callback: () => void) => () => void;
  readonly every: (intervalMs: number, callback: () => void) => () => void;
};

export const systemTimers: Timers = {
  after: (delayMs, callback) => {
    const timer = setTimeout(callback, delayMs).unref();
    return () => clearTimeout(timer);
  },
  every: (intervalMs, callback) => {
    const timer = setInterval(callback, intervalMs).unref();
    return () => clearInterval(timer);
  },
};
