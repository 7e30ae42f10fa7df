import { spread } from '../../lib/statistics.mjs';
import { openEngine, openRival, openServer } from './arms.mjs';
import { gaps, percentile } from './measures.mjs';
import { longText, story } from './prompts.mjs';

const streams = 3;
const longTokens = 2000;
const mostRatio = 3;
/** So many tokens of each stream are the quiet to compare with. */
const quietTokens = 40;

/**
 * Three streams run; then somebody sends 2,000 tokens. How much longer do the three wait for their words meanwhile?
 * @param {import('../engine.mjs').BenchOptions} options
 */
export async function longPromptPart({ rounds, rivals, say }) {
  const arms = [
    // As people meet it: with the engine's own choice of threads.
    { ...(await openEngine(null)), name: 'engine' },
    await openServer(null),
    ...(await Promise.all(rivals.map(openRival))),
  ];
  /** @type {Record<string, { quietP95: number, busyP95: number, busyMost: number, longFirstMs: number }[]>} */
  const results = {};
  try {
    for (let round = 0; round <= rounds; round += 1) {
      for (const arm of arms) {
        const measured = await measure(arm, `${round} of ${process.pid}`);
        say(
          `round ${round}: ${arm.name} p95 ${measured.quietP95.toFixed(0)} ms quiet, ${measured.busyP95.toFixed(0)} beside ` +
            `(most ${measured.busyMost.toFixed(0)}), the long one's first token after ${measured.longFirstMs.toFixed(0)} ms`,
        );
        if (round > 0) (results[arm.name] ??= []).push(measured);
      }
    }
  } finally {
    await Promise.all(arms.map((arm) => arm.stop()));
  }
  const summary = Object.fromEntries(
    Object.entries(results).map(([name, all]) => [
      name,
      {
        quietP95Ms: spread(all.map(({ quietP95 }) => quietP95)),
        besideP95Ms: spread(all.map(({ busyP95 }) => busyP95)),
        ratio: spread(all.map(({ quietP95, busyP95 }) => busyP95 / quietP95)),
        longFirstMs: spread(all.map(({ longFirstMs }) => longFirstMs)),
      },
    ]),
  );
  const targets = ['engine', 'http'].map((name) => ({
    name: `p95 gap beside a long prompt ÷ quiet, ${name}`,
    value: summary[name]?.ratio.median ?? NaN,
    most: mostRatio,
  }));
  return { summary, targets, results };
}

/**
 * @param {import('./arms.mjs').Arm} arm
 * @param {string} mark
 */
async function measure(arm, mark) {
  const controller = new AbortController();
  const quiet = Promise.withResolvers();
  let pieces = 0;
  /** @type {import('./measures.mjs').Stream[]} */
  const running = Array.from({ length: streams }, () => ({ askedMs: 0, pieces: [] }));
  const ended = running.map((stream, index) =>
    arm
      .ask(story(index), {
        maxTokens: 3000,
        signal: controller.signal,
        onPiece() {
          stream.pieces.push({ atMs: performance.now(), tokens: 1 });
          pieces += 1;
          if (pieces >= quietTokens * streams) quiet.resolve(undefined);
        },
      })
      .catch(() => {}),
  );
  await quiet.promise;
  const fromMs = performance.now();
  const long = await arm.ask(longText(longTokens, mark), { maxTokens: 1 });
  const toMs = long.pieces[0]?.atMs ?? performance.now();
  controller.abort(new Error('measured'));
  await Promise.all(ended);
  const beside = gaps(running, { fromMs, toMs });
  return {
    quietP95: percentile(gaps(running, { toMs: fromMs }), 0.95),
    busyP95: percentile(beside, 0.95),
    busyMost: Math.max(...beside),
    longFirstMs: toMs - long.askedMs,
  };
}
