import { rotate } from '../engine/rotate.mjs';
import { spread } from '../../lib/statistics.mjs';
import { bodyOf, headersOf, underLoad } from './load.mjs';
import { answers } from './mock-answers.mjs';
import { countFrames } from './read-frames.mjs';

const clients = 16;
const leastOfProxy = 0.5;

/**
 * Streams as fast as they are taken: frames per second of CPU time. Every frame of every stream is looked at afterwards:
 * as many as the mock has sent, with the same text.
 * @param {import('../gateway.mjs').BenchOptions} options
 */
export async function framesPart({ openArms, rounds, durationMs, say }) {
  const { arms, stop } = await openArms(['pipe', 'split']);
  /** @type {Record<string, { framesPerCore: number, framesPerSecond: number, loopDelayMsP99: number | null }[]>} */
  const results = {};
  try {
    for (let round = 0; round <= rounds; round += 1) {
      const line = [];
      for (const arm of rotate(arms, round)) {
        const measured = await relay(arm, durationMs);
        line.push(`${arm.name} ${(measured.framesPerCore / 1000).toFixed(0)}k`);
        if (round > 0) (results[arm.name] ??= []).push(measured);
      }
      say(`round ${round}: frames per core second: ${line.join(', ')}`);
    }
  } finally {
    await stop();
  }
  /** @type {Record<string, unknown>} */
  const summary = {};
  const proxy = results['frame proxy'] ?? [];
  for (const { name } of arms) {
    const measured = results[name] ?? [];
    summary[name] = {
      framesPerCoreSecond: spread(measured.map(({ framesPerCore }) => framesPerCore)),
      ofFrameProxy: spread(
        measured.map(({ framesPerCore }, index) => framesPerCore / (proxy[index]?.framesPerCore ?? NaN)),
      ),
      framesPerSecond: spread(measured.map(({ framesPerSecond }) => framesPerSecond)),
      loopDelayMsP99: spread(measured.map(({ loopDelayMsP99 }) => loopDelayMsP99 ?? NaN)),
    };
  }
  const ratios = (results['Inglenook'] ?? []).map(
    ({ framesPerCore }, index) => framesPerCore / (proxy[index]?.framesPerCore ?? NaN),
  );
  const targets = [
    {
      name: 'frames/s per core ÷ frame-splitting proxy’s, frame for frame',
      value: spread(ratios).median,
      least: leastOfProxy,
    },
  ];
  return { summary, targets, results };
}

/**
 * @param {import('./arms.mjs').Arm} arm
 * @param {number} durationMs
 */
export async function relay(arm, durationMs) {
  const body = bodyOf('burst', true);
  /** @type {Buffer[][]} */
  const streams = [];
  const load = await underLoad(arm, { clients, durationMs }, async (pool) => {
    const { statusCode, body: answer } = await pool.request({
      method: 'POST',
      path: '/v1/chat/completions',
      headers: headersOf(arm.key),
      body,
    });
    /** @type {Buffer[]} */
    const chunks = [];
    for await (const chunk of answer) chunks.push(chunk);
    if (statusCode !== 200)
      throw new Error(`${arm.name} answered ${statusCode}: ${Buffer.concat(chunks).toString()}`);
    streams.push(chunks);
  });
  for (const chunks of streams) countFrames(chunks, 'burst');
  // Those that ran before the measurement began are not counted.
  const frames = load.latenciesMs.length * (answers['burst']?.frames ?? NaN);
  return {
    frames,
    framesPerCore: load.cpuMs === null ? NaN : (frames * 1000) / load.cpuMs,
    framesPerSecond: (frames * 1000) / load.wallMs,
    loopDelayMsP99: load.loopDelayMsP99,
  };
}
