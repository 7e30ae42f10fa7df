import { join } from 'node:path';
import type { Clock, Timers } from './core/clock.ts';
import type { Logger } from './core/logger.ts';
import { keepRetention } from './record/retention.ts';
import { keepTraces } from './record/traces.ts';
import type { Audit } from './store/audit.ts';
import type { Store } from './store/open.ts';
import { keepCheckpointed } from './store/threads/checkpoints.ts';
import { openReader } from './store/threads/reader.ts';
import { openTraces } from './store/traces/traces.ts';

export type RecordOptions = {
  readonly store: Store;
  readonly dataDir: string;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly log: Logger;
};

/** What reads and keeps the record of requests, beside the ledger that writes it. */
export function openRecord({ store, dataDir, clock, timers, log }: RecordOptions) {
  const reader = openReader(store);
  const checkpoints = keepCheckpointed(store, timers);
  const retention = keepRetention({ store, reader, checkpoints, clock, timers, log });
  const keptTraces = openTraces({ path: join(dataDir, 'traces.db'), timers, log });
  const traces = keepTraces({ store, traces: keptTraces, clock, timers, log });
  return {
    reader,
    retention,
    traces,
    /** After the last request has ended. */
    close: async (): Promise<void> => {
      await traces.close();
      await retention.close();
      await reader.close();
      await checkpoints.close();
    },
  };
}

/** The audit's first row of a run, with what the audit's end looked like before this row, and whether the server was stopped or fell. */
export function noteStart(audit: Audit, details: Readonly<Record<string, unknown>>): void {
  const [last] = audit.list({ act: 'server', limit: 1 });
  const lastEnd =
    last === undefined ? null : last.act === 'server.stop' ? 'stopped' : 'not stopped by itself';
  const auditEnd = audit.headState();
  audit.appendLate({
    actor: 'server',
    act: 'server.start',
    outcome: 'done',
    details: { ...details, lastEnd, auditEnd },
  });
}
