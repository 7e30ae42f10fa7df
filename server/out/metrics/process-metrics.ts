import { performance } from 'node:perf_hooks';
import { collectDefaultMetrics, Gauge, Registry } from 'prom-client';

let registry: Registry | null = null;

/** Of the process, whoever asks: memory, CPU, open files, garbage collection, and how late its event loop is. */
export function processMetrics(): Registry {
  if (registry !== null) return registry;
  const created = new Registry();
  collectDefaultMetrics({ register: created });
  let last = performance.eventLoopUtilization();
  const busy = new Gauge({
    name: 'nodejs_eventloop_utilization_ratio',
    help: 'How much of the time since the last scrape the event loop was busy, 0 to 1.',
    registers: [],
    collect() {
      const now = performance.eventLoopUtilization();
      this.set(performance.eventLoopUtilization(now, last).utilization);
      last = now;
    },
  });
  created.registerMetric(busy);
  registry = created;
  return created;
}
