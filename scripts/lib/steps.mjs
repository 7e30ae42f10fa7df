import { availableParallelism } from 'node:os';
import { run } from './process.mjs';
import { say } from './project.mjs';

/**
 * @typedef {{ name: string, args: readonly string[], env?: NodeJS.ProcessEnv }} Step A run of Node.
 */

/**
 * Runs the steps, as many at once as there are processors (at most `together`), prints one line each and the whole
 * output of those that fail.
 * @param {string} node
 * @param {readonly Step[]} steps
 * @param {{ together?: number }} [options]
 * @returns {Promise<boolean>} whether all went well
 */
export async function runSteps(node, steps, { together = availableParallelism() } = {}) {
  const waiting = [...steps];
  let isGood = true;
  async function work() {
    for (let step = waiting.shift(); step !== undefined; step = waiting.shift()) {
      const startMs = performance.now();
      const { code, output } = await run(node, step.args, { env: { ...process.env, ...step.env } });
      const seconds = ((performance.now() - startMs) / 1000).toFixed(1);
      say(`${code === 0 ? 'ok    ' : 'FAILED'} ${step.name} (${seconds} s)`);
      if (code === 0) continue;
      isGood = false;
      say(output.trimEnd());
    }
  }
  await Promise.all(Array.from({ length: Math.max(1, Math.min(together, steps.length)) }, work));
  return isGood;
}
