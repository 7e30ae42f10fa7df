import { Counter, Gauge, Registry } from 'prom-client';
import type { LogRow } from '../../core/log-row.ts';
import type { ExportRecord } from '../../wire/exports.ts';
import { createBound } from './bound.ts';
import { processMetrics } from './process-metrics.ts';
import { createRequestMetrics } from './request-metrics.ts';

/** What Prometheus is told. Counters begin at 0 with each start, as it expects. */
export type Metrics = {
  /** Counts a finished request, once. */
  readonly add: (row: LogRow) => void;
  /** Prometheus's text format, version 0.0.4. */
  readonly text: () => Promise<string>;
  readonly contentType: string;
};

/** What is looked at when somebody asks. */
export type MetricSources = {
  readonly version: string;
  /** Requests that have come and are not finished. */
  readonly inFlight: () => number;
  readonly queues: () => readonly QueueNumbers[];
  readonly ledger: {
    readonly state: () => { readonly unwritten: number; readonly lost: number };
    /** Requests without a valid key that are in no row of the log, since the start. */
    readonly turnedAway: () => number;
  };
  readonly exports: () => readonly ExportRecord[];
  /** Whether each key is counted for itself. */
  readonly perKey: () => boolean;
};

type QueueNumbers = {
  readonly engine: string;
  /** Null where all models of an engine share a queue. */
  readonly model: string | null;
  readonly slots: number;
  readonly active: number;
  readonly waiting: readonly unknown[];
};

const mostModels = 200;

export function createMetrics(sources: MetricSources): Metrics {
  const registry = new Registry();
  const count = createRequestMetrics(registry, sources.perKey);
  addServerGauges(registry, sources);
  addQueueGauges(registry, sources);
  addExportGauges(registry, sources);
  return {
    add(row) {
      try {
        count(row);
      } catch {
        // A number that cannot be counted must not take the request down with it.
      }
    },
    // The names of the two have nothing in common, so one text after the other is one text.
    // prom-client writes a number that is none as `Nan`, which is not how the format spells it.
    text: async () =>
      `${await registry.metrics()}${await processMetrics().metrics()}`.replaceAll(/ Nan$/gmu, ' NaN'),
    contentType: registry.contentType,
  };
}

type Set = (values: Readonly<Record<string, string>>, value: number) => void;

/** A gauge that is filled anew each time somebody asks, so that what is gone is not told of. */
function gauge(
  registry: Registry,
  name: string,
  help: string,
  { labelNames = [], fill }: { readonly labelNames?: readonly string[]; readonly fill: (set: Set) => void },
): void {
  const made = new Gauge({
    name: `inglenook_${name}`,
    help,
    labelNames,
    registers: [],
    collect() {
      this.reset();
      fill((labels, value) => this.set(labels, value));
    },
  });
  registry.registerMetric(made);
}

function addServerGauges(registry: Registry, { version, inFlight, ledger }: MetricSources): void {
  const strangers = new Counter({
    name: 'inglenook_turned_away_requests_total',
    help: 'Requests without a valid key that came too fast to be logged one by one; in no other number.',
    registers: [],
    collect() {
      this.reset();
      this.inc(ledger.turnedAway());
    },
  });
  registry.registerMetric(strangers);
  gauge(registry, 'info', 'Always 1; which version this is.', {
    labelNames: ['version'],
    fill: (set) => set({ version }, 1),
  });
  gauge(registry, 'requests_in_flight', 'Requests that have come and are not finished.', {
    fill: (set) => set({}, inFlight()),
  });
  gauge(registry, 'log_unwritten_rows', 'Rows of the log that wait in memory because the disk takes none.', {
    fill: (set) => set({}, ledger.state().unwritten),
  });
  gauge(registry, 'log_lost_rows', 'Rows of the log given up since the start.', {
    fill: (set) => set({}, ledger.state().lost),
  });
}

function addQueueGauges(registry: Registry, { queues }: MetricSources): void {
  const labelNames = ['model', 'engine'];
  const bound = createBound(mostModels);
  const each = (read: (queue: QueueNumbers) => number) => (set: Set) => {
    const sums = new Map<string, { readonly labels: Record<string, string>; sum: number }>();
    for (const queue of queues()) {
      const labels = { model: bound(queue.model ?? ''), engine: queue.engine };
      const name = JSON.stringify(labels);
      const entry = sums.get(name) ?? { labels, sum: 0 };
      entry.sum += read(queue);
      sums.set(name, entry);
    }
    for (const { labels, sum } of sums.values()) set(labels, sum);
  };
  gauge(registry, 'queue_waiting', 'Requests that wait for a free place.', {
    labelNames,
    fill: each(({ waiting }) => waiting.length),
  });
  gauge(registry, 'queue_active', 'Requests that are being answered.', {
    labelNames,
    fill: each(({ active }) => active),
  });
  gauge(registry, 'queue_slots', 'Requests that can be answered at once.', {
    labelNames,
    fill: each(({ slots }) => slots),
  });
}

function addExportGauges(registry: Registry, { exports }: MetricSources): void {
  const each = (read: (record: ExportRecord) => number | null) => (set: Set) => {
    for (const record of exports()) {
      const value = read(record);
      if (value !== null) set({ export: record.name }, value);
    }
  };
  const labelNames = ['export'];
  const seconds = (time: string | null): number | null => (time === null ? null : Date.parse(time) / 1000);
  gauge(registry, 'export_backlog_rows', 'Rows of the log that have not arrived there yet.', {
    labelNames,
    fill: each(({ backlog }) => backlog),
  });
  gauge(registry, 'export_up', '1 while the last try went well, 0 after one that failed.', {
    labelNames,
    fill: each(({ state }) => (state === 'failing' ? 0 : 1)),
  });
  gauge(registry, 'export_last_success_timestamp_seconds', 'When rows last arrived there.', {
    labelNames,
    fill: each(({ lastSuccessAt }) => seconds(lastSuccessAt)),
  });
}
