import { z } from 'zod';
import type { Config } from './config.ts';
import type { Clock, Timers } from './core/clock.ts';
import type { Logger } from './core/logger.ts';
import { createPorts, type Ports } from './http/ports.ts';
import { createTrials, type Trials } from './http/trials.ts';
import type { Live } from './record/live.ts';
import type { Audit } from './store/audit.ts';
import { setEdgeSettings } from './store/edge-settings.ts';
import type { Store } from './store/open.ts';
import type { Https } from './tls/https.ts';
import { edgeSettings } from './wire/edge.ts';

export type TrialHouse = {
  readonly config: Config;
  readonly store: Store;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly log: Logger;
  readonly audit: Audit;
  readonly live: Live;
  readonly https: Pick<Https, 'change'>;
  /** The host that the office is let in at; null while it is not. */
  readonly officeAddress: () => string | null;
};

const keptOnly = z.object({ only: z.boolean() });
const keptEdge = edgeSettings.partial();

/** What is tried before it stays, and how each is taken back. */
export function openTrials(house: TrialHouse): { readonly trials: Trials; readonly ports: Ports } {
  const { config, store, clock, timers, log, audit, live, https } = house;
  const ports = createPorts({
    store,
    log,
    givenPort: config.isUsualPort === true ? null : config.port,
    usualPort: config.port,
    officeAddress: house.officeAddress,
  });
  const edge = {
    takeBack(before: unknown): void {
      // What was left out is no change.
      const settings = Object.entries(keptEdge.parse(before)).filter(([, value]) => value !== undefined);
      setEdgeSettings(store, Object.fromEntries(settings));
      live.publish({ type: 'edge-changed' });
    },
  };
  const trials = createTrials({
    store,
    clock,
    timers,
    log,
    audit,
    onChange: () => live.publish({ type: 'trials-changed' }),
    ways: {
      'https-only': { takeBack: (before) => https.change(keptOnly.parse(before)) },
      allow: edge,
      limits: edge,
      port: { takeBack: () => ports.close(), keep: () => ports.keep() },
    },
  });
  return { trials, ports };
}
