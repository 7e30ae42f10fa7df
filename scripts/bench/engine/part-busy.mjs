import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { availableParallelism } from 'node:os';
import { spread } from '../../lib/statistics.mjs';
import { openEngine } from './arms.mjs';
import { togetherRate } from './measures.mjs';
import { rotate } from './rotate.mjs';
import { story } from './prompts.mjs';

const counts = [1, 8];
const leastShare = 0.9;
const mostMeasuringMs = 6000;

/**
 * The engine's own choice of threads against fixed numbers, with the computer idle and with one core kept busy by
 * another program.
 * @param {import('../engine.mjs').BenchOptions} options
 */
export async function busyPart({ rounds, tokens, say }) {
  const fixed = [...new Set([Math.max(1, availableParallelism() - 1), availableParallelism()])];
  const arms = [{ ...(await openEngine(null)), name: 'chosen' }];
  for (const threads of fixed) arms.push({ ...(await openEngine(threads)), name: `${threads} threads` });
  /** @type {Record<string, number[]>} */
  const results = {};
  /** @type {Set<string>} */
  const reasons = new Set();
  try {
    for (let round = 0; round <= rounds; round += 1) {
      for (const state of ['idle', 'busy']) {
        const burner = state === 'busy' ? burnOneCore() : null;
        try {
          for (const count of counts) {
            const line = [];
            // Another order in every round, so that nobody always comes after the same.
            for (const arm of rotate(arms, round)) {
              // As long as a person would notice: the engine has found its number when the measuring begins.
              await measure(arm, { count, maxTokens: 24, round });
              const rate = await measure(arm, { count, maxTokens: tokens, round });
              line.push(`${arm.name} ${rate.toFixed(1)}`);
              if (arm.name === 'chosen') reasons.add(reasonOf(arm));
              if (round > 0) (results[`${state}/${count}/${arm.name}`] ??= []).push(rate);
            }
            say(`round ${round}: ${state}, ${count} streams, tokens/s: ${line.join(', ')}`);
          }
        } finally {
          await burner?.end();
        }
      }
    }
  } finally {
    await Promise.all(arms.map((arm) => arm.stop()));
  }
  return { ...summarise(results, fixed), reasons: [...reasons], results };
}

/**
 * Tokens per second of `count` streams together. Too many threads beside a busy program are fifty times slower: what
 * such an arm says in a few seconds is enough.
 * @param {import('./arms.mjs').Arm} arm
 * @param {{ count: number, maxTokens: number, round: number }} what
 */
async function measure(arm, { count, maxTokens, round }) {
  const signal = AbortSignal.timeout(mostMeasuringMs);
  const streams = Array.from({ length: count }, async (_, index) => {
    /** @type {import('./measures.mjs').Stream} */
    const stream = { askedMs: performance.now(), pieces: [] };
    const onPiece = () => stream.pieces.push({ atMs: performance.now(), tokens: 1 });
    await arm.ask(story(index + round * 10), { maxTokens, signal, onPiece }).catch((error) => {
      if (!signal.aborted) throw error;
    });
    return stream;
  });
  const rate = togetherRate(await Promise.all(streams), 4);
  // Too slow to say anything at all.
  return Number.isNaN(rate) ? 0 : rate;
}

/** @param {import('./arms.mjs').EngineArm} arm */
function reasonOf(arm) {
  const [model] = arm.engine.models();
  return `${model?.threads} threads: ${model?.threadsReason}`;
}

function burnOneCore() {
  const child = spawn(process.execPath, ['--eval', 'for (;;);'], { stdio: 'ignore' });
  return {
    async end() {
      child.kill('SIGKILL');
      await once(child, 'exit');
    },
  };
}

/**
 * @param {Record<string, number[]>} results
 * @param {readonly number[]} fixed
 */
function summarise(results, fixed) {
  /** @type {Record<string, unknown>} */
  const summary = {};
  const targets = [];
  for (const state of ['idle', 'busy']) {
    for (const count of counts) {
      const of = (/** @type {string} */ name) => results[`${state}/${count}/${name}`] ?? [];
      const medians = fixed.map((threads) => ({ threads, rate: spread(of(`${threads} threads`)) }));
      const better = medians.toSorted((a, b) => b.rate.median - a.rate.median)[0];
      const chosen = spread(of('chosen'));
      const value = chosen.median / (better?.rate.median ?? NaN);
      summary[`${state}, ${count} streams`] = {
        chosen,
        ...Object.fromEntries(medians.map(({ threads, rate }) => [`${threads} threads`, rate])),
        betterFixed: better?.threads,
        ratio: value,
      };
      targets.push({
        name: `chosen threads ÷ better fixed, ${state}, ${count} streams`,
        value,
        least: leastShare,
      });
    }
  }
  return { summary, targets };
}
