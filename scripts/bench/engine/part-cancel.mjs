import { spread } from '../../lib/statistics.mjs';
import { openEngine, starter } from './arms.mjs';
import { story } from './prompts.mjs';

const slots = 8;

/**
 * All slots are taken and somebody waits; then one of the eight leaves. How many computations pass until the one who
 * waits has the slot?
 * @param {import('../engine.mjs').BenchOptions} options
 */
export async function cancelPart({ rounds, threads, say }) {
  const arm = await openEngine(threads);
  /** @type {{ decodes: number, ms: number }[]} */
  const results = [];
  try {
    for (let round = 0; round <= rounds; round += 1) {
      const measured = await measure(arm, round);
      say(
        `round ${round}: the slot was taken again after ${measured.decodes} decodes, ${measured.ms.toFixed(0)} ms`,
      );
      if (round > 0) results.push(measured);
    }
  } finally {
    await arm.stop();
  }
  const decodes = spread(results.map((one) => one.decodes));
  const summary = { decodes, ms: spread(results.map(({ ms }) => ms)) };
  // The tick that runs when the cancel arrives, and the one in which the new request is read.
  return {
    summary,
    targets: [{ name: 'decodes until a cancelled slot is used', value: decodes.median, most: 2 }],
    results,
  };
}

/**
 * @param {import('./arms.mjs').EngineArm} arm
 * @param {number} round
 */
async function measure(arm, round) {
  const controllers = Array.from({ length: slots }, () => new AbortController());
  const speaking = controllers.map(() => Promise.withResolvers());
  const running = controllers.map(({ signal }, index) =>
    arm
      .ask(story(index + round * 10), {
        maxTokens: 3000,
        signal,
        onPiece: () => speaking[index]?.resolve(undefined),
      })
      .catch(() => {}),
  );
  await Promise.all(speaking.map(({ promise }) => promise));
  let taken = { decodes: NaN, atMs: NaN };
  const waiting = arm.ask('Hi', {
    maxTokens: 1,
    onStart: () => {
      taken = { decodes: decodesOf(arm), atMs: performance.now() };
    },
  });
  // Its prompt is prepared while the eight go on.
  await new Promise((resolve) => setTimeout(resolve, 300));
  const before = decodesOf(arm);
  const askedMs = performance.now();
  controllers[0]?.abort(new Error('left'));
  await waiting;
  const result = { decodes: taken.decodes - before, ms: taken.atMs - askedMs };
  for (const controller of controllers) controller.abort(new Error('measured'));
  await Promise.all(running);
  return result;
}

/** @param {import('./arms.mjs').EngineArm} arm */
function decodesOf(arm) {
  return arm.engine.models().find(({ id }) => id === starter)?.decodes ?? 0;
}
