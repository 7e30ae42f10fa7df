// What the page costs that stands open all day: the renderer's CPU time on Home while answers stream through the server.
import { setTimeout as sleep } from 'node:timers/promises';

/** Until the page has drawn everything and the first answers have ended. */
const settleMs = 10_000;

/**
 * @param {import('./screen.mjs').Screen} screen
 * @param {import('../log/arm.mjs').Arm} arm
 * @param {{ streams: number, seconds: number }} options
 */
export async function homePart({ page, cpu }, arm, { streams, seconds }) {
  await page.goto(`${arm.address}/console/`);
  await page.getByRole('heading', { level: 1, name: 'Home' }).waitFor();
  await sleep(settleMs);
  const idle = await during(cpu, seconds);
  const ended = { yes: false };
  let answers = 0;
  const running = Array.from({ length: streams }, async (_, index) => {
    // Not all at the same moment.
    await sleep((index * settleMs) / 2 / streams);
    while (!ended.yes) {
      const { isWhole } = await arm.ask(true);
      if (isWhole) answers += 1;
    }
  });
  await sleep(settleMs);
  const before = answers;
  const busy = await during(cpu, seconds);
  const finished = answers - before;
  const { json } = await arm.admin('/status');
  ended.yes = true;
  await Promise.all(running);
  if (json.activeRequests < streams - 1)
    throw new Error(`Only ${json.activeRequests} of ${streams} streams were running.`);
  return { idle, busy, finished };
}

/**
 * Shares of one core.
 * @param {import('./screen.mjs').Screen['cpu']} cpu
 * @param {number} seconds
 */
async function during(cpu, seconds) {
  const beganMs = performance.now();
  const before = await cpu();
  await sleep(seconds * 1000);
  const after = await cpu();
  const ms = performance.now() - beganMs;
  return {
    rendererShare: (after.rendererMs - before.rendererMs) / ms,
    othersShare: (after.othersMs - before.othersMs) / ms,
  };
}
