import { spread } from '../../lib/statistics.mjs';
import { openBare, openEngine, openRival, openServer } from './arms.mjs';
import { summariseStreams } from './measures.mjs';
import { chatMl, story } from './prompts.mjs';
import { rotate } from './rotate.mjs';

const counts = [1, 2, 4, 8];
const mostAttempts = 5;
const leastShare = { engine: 0.95, http: 0.9 };

/**
 * 1, 2, 4 and 8 streams: the bare loop, the engine, the server and rivals in turn; same threads on all of our sides.
 * @param {import('../engine.mjs').BenchOptions} options
 */
export async function streamsPart({ rounds, tokens, threads, rivals, say }) {
  const bare = await openBare({ threads, slots: 8, contextTokens: 4096 });
  const arms = [
    { ...(await openEngine(threads)), name: 'engine' },
    await openServer(threads),
    ...(await Promise.all(rivals.map(openRival))),
  ];
  /** @type {Record<string, ReturnType<typeof summariseStreams>[]>} */
  const results = {};
  try {
    for (let round = 0; round <= rounds; round += 1) {
      for (const count of counts) {
        const texts = Array.from({ length: count }, (_, index) => story(index + round * 10));
        const line = [];
        /** @type {{ name: string, run: () => Promise<import('./measures.mjs').Stream[]> }[]} */
        const turns = [
          { name: 'bare', run: () => bare.streams(texts.map(chatMl), tokens) },
          ...arms.map((arm) => ({
            name: arm.name,
            run: () => Promise.all(texts.map((text) => arm.ask(text, { maxTokens: tokens }))),
          })),
        ];
        // Another order in every round, so that nobody always comes after the same.
        for (const { name, run } of rotate(turns, round)) {
          const measured = await untilMeasured(run);
          line.push(`${name} ${measured.tokensPerSecond.toFixed(0)}`);
          // Not counted: the caches warm up.
          if (round > 0) (results[`${name}/${count}`] ??= []).push(measured);
        }
        say(`round ${round}: ${count} streams, tokens/s: ${line.join(', ')}`);
      }
    }
  } finally {
    await Promise.all([bare, ...arms].map((arm) => arm.stop()));
  }
  return summarise(
    results,
    arms.map(({ name }) => name),
  );
}

/**
 * Anew where the streams hardly spoke at the same time (a late start on a busy computer).
 * @param {() => Promise<import('./measures.mjs').Stream[]>} run
 */
async function untilMeasured(run) {
  for (let attempt = 1; ; attempt += 1) {
    const measured = summariseStreams(await run());
    if (Number.isFinite(measured.tokensPerSecond) || attempt === mostAttempts) return measured;
  }
}

/**
 * @param {Record<string, ReturnType<typeof summariseStreams>[]>} results
 * @param {readonly string[]} names
 */
function summarise(results, names) {
  /** @type {Record<string, unknown>} */
  const summary = {};
  const targets = [];
  for (const count of counts) {
    const bare = results[`bare/${count}`] ?? [];
    for (const name of ['bare', ...names]) {
      const measured = results[`${name}/${count}`] ?? [];
      const ratio = spread(
        measured.map((one, index) => one.tokensPerSecond / (bare[index]?.tokensPerSecond ?? NaN)),
      );
      summary[`${name}, ${count} streams`] = {
        tokensPerSecond: spread(measured.map((one) => one.tokensPerSecond)),
        ofBare: ratio,
        firstTokenMs: spread(measured.map((one) => one.firstTokenMs)),
        gapMsP50: spread(measured.map((one) => one.gapMsP50)),
        gapMsP95: spread(measured.map((one) => one.gapMsP95)),
      };
      const least = leastShare[/** @type {keyof typeof leastShare} */ (name)];
      if (least !== undefined)
        targets.push({ name: `${name} ÷ bare, ${count} streams`, value: ratio.median, least });
    }
  }
  return { summary, targets, results };
}
