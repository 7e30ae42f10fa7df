import { percentile } from '../engine/measures.mjs';
import { rotate } from '../engine/rotate.mjs';
import { spread } from '../../lib/statistics.mjs';
import { bodyOf, headersOf, underLoad } from './load.mjs';
import { answers } from './mock-answers.mjs';
import { countFrames } from './read-frames.mjs';

/** Streams at a time. */
const streams = 100;

/**
 * A hundred streams at the pace of a fast engine: how much later the first word comes than straight from the mock, and
 * how evenly the others.
 * @param {import('../gateway.mjs').BenchOptions} options
 */
export async function slowPart({ openArms, rounds, say }) {
  const { arms, stop } = await openArms(['pipe', 'split']);
  /** @type {Record<string, { firstMsP50: number, firstMsP99: number, gapMsP99: number, cpuMsPerFrame: number | null }[]>} */
  const results = {};
  try {
    for (let round = 0; round <= rounds; round += 1) {
      const line = [];
      for (const arm of rotate(arms, round)) {
        const measured = await listen(arm);
        line.push(
          `${arm.name} ${measured.firstMsP50.toFixed(1)} ms, gap p99 ${measured.gapMsP99.toFixed(1)} ms`,
        );
        if (round > 0) (results[arm.name] ??= []).push(measured);
      }
      say(`round ${round}: first word: ${line.join('; ')}`);
    }
  } finally {
    await stop();
  }
  /** @type {Record<string, unknown>} */
  const summary = {};
  const direct = results['direct'] ?? [];
  for (const { name } of arms) {
    const measured = results[name] ?? [];
    const added = (/** @type {'firstMsP50' | 'firstMsP99' | 'gapMsP99'} */ which) =>
      spread(measured.map((one, round) => one[which] - (direct[round]?.[which] ?? NaN)));
    summary[name] =
      name === 'direct'
        ? { firstMsP50: spread(measured.map(({ firstMsP50 }) => firstMsP50)) }
        : {
            addedFirstMsP50: added('firstMsP50'),
            addedFirstMsP99: added('firstMsP99'),
            addedGapMsP99: added('gapMsP99'),
            cpuMicrosecondsPerFrame: spread(
              measured.map(({ cpuMsPerFrame }) => (cpuMsPerFrame ?? NaN) * 1000),
            ),
          };
  }
  return { summary, targets: [], results };
}

/** @param {import('./arms.mjs').Arm} arm */
async function listen(arm) {
  const body = bodyOf('slow', true);
  /** @type {number[]} */
  const firstMs = [];
  /** @type {number[]} */
  const gapsMs = [];
  const load = await underLoad(arm, { clients: streams, durationMs: 1 }, async (pool) => {
    const askedMs = performance.now();
    const { statusCode, body: answer } = await pool.request({
      method: 'POST',
      path: '/v1/chat/completions',
      headers: headersOf(arm.key),
      body,
    });
    /** @type {Buffer[]} */
    const chunks = [];
    let beforeMs = NaN;
    for await (const chunk of answer) {
      const nowMs = performance.now();
      if (Number.isNaN(beforeMs)) firstMs.push(nowMs - askedMs);
      else gapsMs.push(nowMs - beforeMs);
      beforeMs = nowMs;
      chunks.push(chunk);
    }
    if (statusCode !== 200)
      throw new Error(`${arm.name} answered ${statusCode}: ${Buffer.concat(chunks).toString()}`);
    countFrames(chunks, 'slow');
  });
  const frames = load.latenciesMs.length * (answers['slow']?.frames ?? NaN);
  return {
    firstMsP50: percentile(firstMs, 0.5),
    firstMsP99: percentile(firstMs, 0.99),
    gapMsP99: percentile(gapsMs, 0.99),
    cpuMsPerFrame: load.cpuMs === null ? null : load.cpuMs / frames,
  };
}
