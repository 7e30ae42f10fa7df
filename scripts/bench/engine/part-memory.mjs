import { openServer, starter } from './arms.mjs';
import { story } from './prompts.mjs';

const requests = 2000;
/** Every slot has been used, the caches are filled, and the server's young generation has grown to its size. */
const warmUp = 1400;
const step = 200;
const atOnce = 8;
const mostGrowth = 1.05;

/**
 * Memory of the engine's process and of the server over 2,000 short requests.
 * @param {import('../engine.mjs').BenchOptions} options
 */
export async function memoryPart({ threads, say }) {
  const server = await openServer(threads);
  /** @type {{ requests: number, engineBytes: number, serverBytes: number }[]} */
  const results = [];
  try {
    for (let done = 0; done < requests + warmUp; done += step) {
      await ask(server, done, step);
      const [model] = (await server.models()).filter(({ id }) => id === starter);
      const measured = {
        requests: done + step,
        engineBytes: model.memory.measuredBytes,
        serverBytes: await server.rssBytes(),
      };
      results.push(measured);
      say(
        `${measured.requests} requests: engine ${inMegabytes(measured.engineBytes)}, server ${inMegabytes(measured.serverBytes)}`,
      );
    }
  } finally {
    await server.stop();
  }
  const [first, last] = [results[warmUp / step - 1], results.at(-1)];
  const growth = (/** @type {'engineBytes' | 'serverBytes'} */ which) =>
    (last?.[which] ?? NaN) / (first?.[which] ?? NaN);
  const summary = { engineGrowth: growth('engineBytes'), serverGrowth: growth('serverBytes') };
  const targets = [
    {
      name: 'memory of the engine after 2,000 requests ÷ before',
      value: summary.engineGrowth,
      most: mostGrowth,
    },
    {
      name: 'memory of the server after 2,000 requests ÷ before',
      value: summary.serverGrowth,
      most: mostGrowth,
    },
  ];
  return { summary, targets, results };
}

/**
 * @param {import('./arms.mjs').Arm} arm
 * @param {number} from
 * @param {number} count
 */
async function ask(arm, from, count) {
  let next = 0;
  const worker = async () => {
    while (next < count) {
      next += 1;
      await arm.ask(story(from + next), { maxTokens: 2 });
    }
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
}

/** @param {number} bytes */
function inMegabytes(bytes) {
  return `${(bytes / 1e6).toFixed(0)} MB`;
}
