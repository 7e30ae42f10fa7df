export type TickPace = {
  /** How many prompt tokens may be read in a tick beside `streams` running ones, for `readers` who wait. */
  readonly prefillBudget: (streams: number, readers: number) => number;
  readonly note: (tick: { readonly ms: number; readonly streams: number; readonly prefill: number }) => void;
};

/** Before anything was measured: small enough for a slow processor, and corrected after the first tick. */
const firstGuess = 16;
const leastBudget = 2;
/** Share of the newest measurement in the running mean. */
const weight = 0.3;

/**
 * Sizes the reading of prompts by time, so that somebody's long prompt slows running streams to half their pace and
 * not to a standstill: a tick that also reads should take twice as long as one that does not. Where more people wait
 * for their first word than are being answered, it may take longer in proportion.
 */
export function createTickPace(batchSize: number): TickPace {
  let quietMs: number | null = null;
  let prefillTokenMs: number | null = null;
  return {
    prefillBudget(streams, readers) {
      const room = batchSize - streams;
      if (streams === 0) return room;
      if (quietMs === null || prefillTokenMs === null) return Math.min(room, firstGuess);
      return Math.min(
        room,
        Math.max(leastBudget, Math.ceil((quietMs * Math.max(1, readers / streams)) / prefillTokenMs)),
      );
    },
    note({ ms, streams, prefill }) {
      if (prefill === 0) quietMs = mean(quietMs, ms);
      else if (prefill >= leastBudget) {
        const extraMs = Math.max(ms - (streams === 0 ? 0 : (quietMs ?? 0)), ms / 10);
        prefillTokenMs = mean(prefillTokenMs, extraMs / prefill);
      }
    },
  };
}

function mean(before: number | null, value: number): number {
  return before === null ? value : before + weight * (value - before);
}
