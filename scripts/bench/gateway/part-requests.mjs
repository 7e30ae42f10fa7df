import { percentile } from '../engine/measures.mjs';
import { rotate } from '../engine/rotate.mjs';
import { spread } from '../../lib/statistics.mjs';
import { askWhole, bodyOf, underLoad } from './load.mjs';

/**
 * @typedef {import('./arms.mjs').Arm} Arm
 * @typedef {object} Row One arm, one number of clients, one round.
 * @property {number} p50
 * @property {number} p95
 * @property {number} p99
 * @property {number} requests
 * @property {number} perSecond
 * @property {number | null} perCore
 * @property {number | null} loopDelayMsP99
 * @property {number | null} loopDelayMsMax
 */

const clientCounts = [1, 16, 100];
/** Before the first round each arm is asked for so many measurements: the compilers go on for tens of thousands of requests. */
const warmUps = 20;
/** Ratios to the bare proxy that the product must reach. */
const mostAdded = 1.5;
const leastPerCore = 0.5;

/**
 * Whole answers that the upstream has at once: added latency, requests per second of CPU time, delay of the event loop.
 * @param {import('../gateway.mjs').BenchOptions} options
 */
export function instantPart(options) {
  return requestsPart(options, 'instant');
}

/**
 * The same where the upstream takes 20 ms.
 * @param {import('../gateway.mjs').BenchOptions} options
 */
export function waitPart(options) {
  return requestsPart(options, 'wait-20');
}

/**
 * @param {import('../gateway.mjs').BenchOptions} options
 * @param {string} model
 */
async function requestsPart({ openArms, rounds, durationMs, say }, model) {
  const { arms, stop } = await openArms(['pipe']);
  /** @type {Record<string, Row[]>} */
  const results = {};
  const body = bodyOf(model, false);
  try {
    for (const arm of arms) {
      await underLoad(arm, { clients: 16, durationMs: durationMs * warmUps }, (pool) =>
        askWhole(pool, arm, body),
      );
    }
    for (let round = 0; round <= rounds; round += 1) {
      for (const clients of clientCounts) {
        const line = [];
        for (const arm of rotate(arms, round)) {
          const load = await underLoad(arm, { clients, durationMs }, (pool) => askWhole(pool, arm, body));
          const row = toRow(load);
          line.push(`${arm.name} ${row.p50.toFixed(2)} ms ${row.perCore?.toFixed(0) ?? '?'}/core·s`);
          // Not counted: everything warms up.
          if (round > 0) (results[`${arm.name}/${clients}`] ??= []).push(row);
        }
        say(`round ${round}: ${model}, ${clients} clients: ${line.join(', ')}`);
      }
    }
  } finally {
    await stop();
  }
  return summarise(
    results,
    arms.map(({ name }) => name),
    model,
  );
}

/**
 * @param {import('./load.mjs').Load} load
 * @returns {Row}
 */
function toRow({ latenciesMs, wallMs, cpuMs, loopDelayMsP99, loopDelayMsMax }) {
  return {
    p50: percentile(latenciesMs, 0.5),
    p95: percentile(latenciesMs, 0.95),
    p99: percentile(latenciesMs, 0.99),
    requests: latenciesMs.length,
    perSecond: (latenciesMs.length * 1000) / wallMs,
    perCore: cpuMs === null || cpuMs === 0 ? null : (latenciesMs.length * 1000) / cpuMs,
    loopDelayMsP99,
    loopDelayMsMax,
  };
}

/**
 * Latency is what an arm adds to that of asking the mock itself in the same round; ratios are of the same round too.
 * @param {Record<string, Row[]>} results
 * @param {readonly string[]} names
 * @param {string} model
 */
function summarise(results, names, model) {
  /** @type {Record<string, unknown>} */
  const summary = {};
  /** @type {import('../../lib/bench-report.mjs').Target[]} */
  const targets = [];
  for (const clients of clientCounts) {
    const rowsOf = (/** @type {string} */ name) => results[`${name}/${clients}`] ?? [];
    const added = (/** @type {string} */ name, /** @type {'p50' | 'p95' | 'p99'} */ which) =>
      rowsOf(name).map((row, round) => row[which] - (rowsOf('direct')[round]?.[which] ?? NaN));
    const perCore = (/** @type {string} */ name) => rowsOf(name).map((row) => row.perCore ?? NaN);
    for (const name of names) {
      const delays = rowsOf(name).map((row) => row.loopDelayMsP99 ?? NaN);
      const most = rowsOf(name).map((row) => row.loopDelayMsMax ?? NaN);
      summary[`${name}, ${clients} clients`] = {
        ...(name === 'direct'
          ? { p50Ms: spread(rowsOf(name).map(({ p50 }) => p50)) }
          : {
              addedMsP50: spread(added(name, 'p50')),
              addedMsP95: spread(added(name, 'p95')),
              addedMsP99: spread(added(name, 'p99')),
            }),
        requestsPerSecond: spread(rowsOf(name).map(({ perSecond }) => perSecond)),
        ...(Number.isNaN(perCore(name)[0] ?? NaN)
          ? {}
          : {
              requestsPerCoreSecond: spread(perCore(name)),
              loopDelayMsP99: spread(delays),
              loopDelayMsMax: spread(most),
            }),
      };
    }
    const bare = added('bare proxy', 'p50');
    const addedRatio = spread(added('Inglenook', 'p50').map((value, round) => value / (bare[round] ?? NaN)));
    const bareCore = perCore('bare proxy');
    const coreRatio = spread(perCore('Inglenook').map((value, round) => value / (bareCore[round] ?? NaN)));
    summary[`Inglenook ÷ bare proxy, ${clients} clients`] = { addedP50: addedRatio, perCore: coreRatio };
    if (clients === 1 && model === 'instant')
      targets.push({ name: 'added p50 ÷ bare proxy’s, 1 client', value: addedRatio.median, most: mostAdded });
    if (clients > 1)
      targets.push({
        name: `${model}: requests/s per core ÷ bare proxy’s, ${clients} clients`,
        value: coreRatio.median,
        least: leastPerCore,
      });
  }
  return { summary, targets, results };
}
