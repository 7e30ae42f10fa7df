import { systemTimers, type Clock, type Timers } from '../../server/core/clock.ts';
import type { Logger } from '../../server/core/logger.ts';
import type { Ports } from '../../server/http/ports.ts';
import { createTrials, type Trials } from '../../server/http/trials.ts';
import type { Audit } from '../../server/store/audit.ts';
import { setEdgeSettings } from '../../server/store/edge-settings.ts';
import type { Store } from '../../server/store/open.ts';
import type { EdgeSettings } from '../../server/wire/edge.ts';

type Services = {
  readonly store: Store;
  readonly clock: Clock;
  readonly log: Logger;
  readonly audit: Audit;
  readonly timers?: Timers;
};

/** The real trials over a store; https and the port are only noted. */
export function testTrials({ store, clock, log, audit, timers = systemTimers }: Services): {
  readonly trials: Trials;
  readonly ports: Ports;
  readonly done: string[];
} {
  const done: string[] = [];
  const edge = { takeBack: (before: unknown) => setEdgeSettings(store, before as Partial<EdgeSettings>) };
  const trials = createTrials({
    store,
    clock,
    timers,
    log,
    audit,
    onChange() {},
    ways: {
      'https-only': { takeBack: (before) => void done.push(`https ${JSON.stringify(before)}`) },
      allow: edge,
      limits: edge,
      port: { takeBack: () => void done.push('port closed'), keep: () => void done.push('port kept') },
    },
  });
  return { trials, ports: onePort(), done };
}

/** What the admin API wants of all this, and of the engine. */
export function trialServices(services: Services) {
  const { trials, ports } = testTrials(services);
  return {
    trials,
    ports,
    engineVersion: '3.21.1',
    engineLog: async () => [],
    loadAnyway: async () => {},
  };
}

function onePort(): Ports {
  let also: number | null = null;
  return {
    state: () => ({ port: 11_500, isGiven: false, next: 11_500, also }),
    tryOut: async (port) => void (also = port),
    keep() {},
    close: async () => void (also = null),
    begin() {},
  };
}
