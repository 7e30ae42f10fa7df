import { systemTimers, type Clock } from '../../server/core/clock.ts';
import type { Logger } from '../../server/core/logger.ts';
import { createPeople, type People } from '../../server/record/people.ts';
import { keepTraces, type Traces } from '../../server/record/traces.ts';
import type { Store } from '../../server/store/open.ts';
import { openTraces } from '../../server/store/traces/traces.ts';
import { ledgerServices } from './ledger-services.ts';

/** The real traces and people, in memory, without a thread. */
export function traceServices(services: {
  readonly store: Store;
  readonly clock: Clock;
  readonly log: Logger;
  readonly onKeyRevoked: (keyId: string) => void;
}): { readonly traces: Traces; readonly people: People } {
  const never = { after: () => () => {}, every: () => () => {} };
  const file = openTraces({ path: ':memory:', timers: systemTimers, log: services.log });
  const traces = keepTraces({ ...services, traces: file, timers: never });
  const people = createPeople({
    ...services,
    traces,
    retention: ledgerServices(services).retention,
    ledger: { unwritten: () => 0, catchUp() {} },
    isRunning: () => false,
    keptFolders: () => [],
  });
  return { traces, people };
}
