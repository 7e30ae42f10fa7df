import { join } from 'node:path';
import type { openRecord } from './compose-record.ts';
import type { Config } from './config.ts';
import type { Clock, Timers } from './core/clock.ts';
import type { Logger } from './core/logger.ts';
import { tracedContents } from './out/content.ts';
import { createExports } from './out/exports.ts';
import { createMetrics, type MetricSources } from './out/metrics/metrics.ts';
import { countsEachKey } from './store/metrics-settings.ts';
import type { IsOffline } from './core/offline.ts';
import type { Store } from './store/open.ts';
import { openCloudPrices } from './store/savings/cloud-prices.ts';

export type OutOptions = Pick<MetricSources, 'inFlight' | 'queues' | 'ledger'> & {
  readonly config: Config;
  readonly store: Store;
  readonly record: ReturnType<typeof openRecord>;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly log: Logger;
  readonly serverSecret: string;
  readonly isOffline: IsOffline;
  readonly port: () => number;
};

/** What the record is told to others by: exports to their databases, figures for Prometheus, prices to compare with. */
export function openOut(options: OutOptions) {
  const { config, store, record, clock, timers, log, serverSecret, port, ...counted } = options;
  const exports = createExports({
    store,
    reader: record.reader,
    clock,
    timers,
    log,
    version: config.version,
    serverSecret,
    isOffline: options.isOffline,
    port,
    contents: tracedContents({ store, traces: record.traces }),
  });
  const metrics = createMetrics({
    ...counted,
    version: config.version,
    exports: exports.list,
    perKey: () => countsEachKey(store),
  });
  const cloudPrices = openCloudPrices({
    bundledFile: join(config.rootDir, 'resources', 'cloud-prices.json'),
    ownFile: join(config.dataDir, 'cloud-prices.json'),
    log,
  });
  void cloudPrices.check();
  return { exports, metrics, cloudPrices };
}
