import { spread } from '../../lib/statistics.mjs';
import { openEngine, openRival, openServer } from './arms.mjs';
import { firstTokenMs } from './measures.mjs';
import { longText } from './prompts.mjs';

const prefixTokens = 2000;
const mostShare = 0.15;

/**
 * The first token after a beginning of 2,000 tokens, new and then known.
 * @param {import('../engine.mjs').BenchOptions} options
 */
export async function prefixPart({ rounds, threads, rivals, say }) {
  const arms = [
    { ...(await openEngine(threads)), name: 'engine' },
    await openServer(threads),
    ...(await Promise.all(rivals.map(openRival))),
  ];
  /** @type {Record<string, { cold: number, warm: number }[]>} */
  const results = {};
  try {
    for (let round = 0; round <= rounds; round += 1) {
      for (const arm of arms) {
        const beginning = longText(prefixTokens, `${round} of ${process.pid}`);
        const ask = async (/** @type {string} */ question) =>
          firstTokenMs(await arm.ask(`${beginning} ${question}`, { maxTokens: 4, scope: 'bench' }));
        const cold = await ask('What is it about?');
        const warm = await ask('How does it end?');
        say(`round ${round}: ${arm.name} cold ${cold.toFixed(0)} ms, warm ${warm.toFixed(0)} ms`);
        if (round > 0) (results[arm.name] ??= []).push({ cold, warm });
      }
    }
  } finally {
    await Promise.all(arms.map((arm) => arm.stop()));
  }
  const summary = Object.fromEntries(
    Object.entries(results).map(([name, pairs]) => [
      name,
      {
        coldMs: spread(pairs.map(({ cold }) => cold)),
        warmMs: spread(pairs.map(({ warm }) => warm)),
        warmOfCold: spread(pairs.map(({ cold, warm }) => warm / cold)),
      },
    ]),
  );
  const targets = ['engine', 'http'].map((name) => ({
    name: `warm ÷ cold first token, ${name}`,
    value: summary[name]?.warmOfCold.median ?? NaN,
    most: mostShare,
  }));
  return { summary, targets, results };
}
