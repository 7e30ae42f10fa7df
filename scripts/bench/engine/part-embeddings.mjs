import { spread } from '../../lib/statistics.mjs';
import { openEngine, starter } from './arms.mjs';
import { gaps, percentile } from './measures.mjs';
import { longText, story } from './prompts.mjs';

const chunks = 500;
const chunksAtOnce = 50;
/** Short ones: every round takes minutes otherwise, and the chat is disturbed by the work, not by the length. */
const chunkTokens = 10;
const mostRatio = 1.5;

/**
 * One person chats while another indexes 500 pieces of text.
 * @param {import('../engine.mjs').BenchOptions} options
 */
export async function embeddingsPart({ rounds, say }) {
  const arm = await openEngine(null);
  /** @type {{ quietP95: number, besideP95: number, seconds: number }[]} */
  const results = [];
  try {
    await arm.engine.ensureReady(starter, AbortSignal.timeout(120_000), 'embed');
    for (let round = 0; round <= rounds; round += 1) {
      const quiet = await arm.ask(story(round), { maxTokens: 200 });
      const measured = await beside(arm, round);
      const both = { quietP95: percentile(gaps([quiet]), 0.95), ...measured };
      say(
        `round ${round}: p95 ${both.quietP95.toFixed(0)} ms quiet, ${both.besideP95.toFixed(0)} beside ${chunks} chunks in ${both.seconds.toFixed(1)} s`,
      );
      if (round > 0) results.push(both);
    }
  } finally {
    await arm.stop();
  }
  const ratio = spread(results.map(({ quietP95, besideP95 }) => besideP95 / quietP95));
  const summary = {
    quietP95Ms: spread(results.map(({ quietP95 }) => quietP95)),
    besideP95Ms: spread(results.map(({ besideP95 }) => besideP95)),
    ratio,
    secondsForAll: spread(results.map(({ seconds }) => seconds)),
  };
  const targets = [{ name: 'p95 gap beside 500 chunks ÷ quiet', value: ratio.median, most: mostRatio }];
  return { summary, targets, results };
}

/**
 * @param {import('./arms.mjs').EngineArm} arm
 * @param {number} round
 */
async function beside(arm, round) {
  const controller = new AbortController();
  /** @type {import('./measures.mjs').Stream} */
  const stream = { askedMs: 0, pieces: [] };
  const chat = (async () => {
    while (!controller.signal.aborted) {
      await arm
        .ask(story(round + 100), {
          maxTokens: 2000,
          signal: controller.signal,
          onPiece: () => stream.pieces.push({ atMs: performance.now(), tokens: 1 }),
        })
        .catch(() => {});
    }
  })();
  const began = performance.now();
  for (let done = 0; done < chunks; done += chunksAtOnce) {
    const inputs = Array.from({ length: chunksAtOnce }, (_, index) =>
      longText(chunkTokens, `${round}-${done + index}`),
    );
    await arm.engine.embed({ model: starter, inputs, dimensions: null }, AbortSignal.timeout(300_000));
  }
  const toMs = performance.now();
  controller.abort(new Error('measured'));
  await chat;
  return {
    besideP95: percentile(gaps([stream], { fromMs: began, toMs }), 0.95),
    seconds: (toMs - began) / 1000,
  };
}
