import type { Clock, Timers } from '../core/clock.ts';
import type { LogRow } from '../core/log-row.ts';
import type { Logger } from '../core/logger.ts';
import type { TraceCapture } from '../core/trace.ts';
import type { Store } from '../store/open.ts';
import { traceKeepDays } from '../store/tracing.ts';
import type { DoomedTraces } from '../store/traces/forget.ts';
import type { TraceStore } from '../store/traces/traces.ts';

/** What is kept of requests whose prompts are kept, as long as the owner has set. */
export type Traces = Pick<TraceStore, 'ask' | 'close' | 'isThere'> & {
  /** Called with the request's row; returns at once. */
  readonly keep: (capture: TraceCapture, row: LogRow) => void;
  /** Older ones are not shown any more, also where they are not yet deleted. */
  readonly sinceMs: () => number;
  /** Removes for good what fits. @returns how many */
  readonly forget: (doomed: DoomedTraces) => Promise<number>;
};

type Services = {
  readonly store: Store;
  readonly traces: TraceStore;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly log: Logger;
};

const dayMs = 86_400_000;
const lookEveryMs = 60 * 60_000;
const firstLookMs = 60_000;

export function keepTraces({ store, traces, clock, timers, log }: Services): Traces {
  const sinceMs = (): number => clock.nowMs() - traceKeepDays(store) * dayMs;

  async function prune(): Promise<void> {
    // Whoever keeps nothing needs no thread for it.
    if (!traces.isThere()) return;
    try {
      // A day goes as a whole, when all of it is too old.
      const removed = await traces.ask('forget', { beforeDay: Math.floor(sinceMs() / dayMs) });
      if (removed > 0) log.info('Traces whose time is over were removed.', { removed });
    } catch (error) {
      log.error('Old traces could not be removed; it is tried again within the hour.', { error });
    }
  }
  const stopFirst = timers.after(firstLookMs, () => void prune());
  const stopLooking = timers.every(lookEveryMs, () => void prune());

  return {
    ask: traces.ask,
    isThere: traces.isThere,
    sinceMs,
    keep(capture, row) {
      // Only who has shown a key can be traced.
      if (row.keyId === null) return;
      const { id, keyId, key, person, endUser, model, servedModel, status, time } = row;
      const named = {
        requestId: id,
        keyId,
        keyName: key ?? keyId,
        person,
        endUser,
        model,
        servedModel,
        status,
      };
      const raw = capture.raw();
      traces.keep({ ...named, timeMs: Date.parse(time), why: capture.tracing.why, raw });
    },
    forget: async (doomed) => (traces.isThere() ? await traces.ask('forget', doomed) : 0),
    async close() {
      stopFirst();
      stopLooking();
      await traces.close();
    },
  };
}
