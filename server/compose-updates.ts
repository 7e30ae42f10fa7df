import { join } from 'node:path';
import type { Foundation } from './compose-foundation.ts';
import type { Config } from './config.ts';
import type { Clock, Timers } from './core/clock.ts';
import { readUpdateSource, type UpdateSource } from './updates/source.ts';
import { createUpdates, type Updates } from './updates/updates.ts';

/** What tests put in the place of this build’s own. */
export type UpdateStands = {
  readonly source?: UpdateSource;
  readonly installed?: Partial<Pick<Config, 'version' | 'releasedOn' | 'edition'>>;
};

/** What looks after newer versions of ourselves. */
export function openUpdates(options: {
  readonly config: Config;
  readonly foundation: Pick<Foundation, 'store' | 'log' | 'live' | 'online'>;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly stands?: UpdateStands | undefined;
}): Updates {
  const { config, foundation, clock, timers, stands } = options;
  const { store, log, live, online } = foundation;
  const { rootDir, dataDir, version, releasedOn, edition } = config;
  return createUpdates({
    store,
    clock,
    timers,
    log,
    isOffline: online.isOffline,
    installed: {
      version,
      releasedOn,
      edition,
      platform: process.platform,
      arch: process.arch,
      ...stands?.installed,
    },
    source: stands?.source ?? readUpdateSource(join(rootDir, 'resources', 'update-source.json')),
    folder: join(dataDir, 'updates'),
    onChange: () => live.publish({ type: 'updates-changed' }),
  });
}
