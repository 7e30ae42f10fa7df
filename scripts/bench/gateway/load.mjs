// The clients: so many at a time, each asking again as soon as it has its answer.
import { Pool } from 'undici';

/**
 * @typedef {import('./arms.mjs').Arm} Arm
 * @typedef {object} Load
 * @property {number[]} latenciesMs
 * @property {number} wallMs
 * @property {number | null} cpuMs Of the arm's own process; null where nobody knows.
 * @property {number | null} loopDelayMsP99
 * @property {number | null} loopDelayMsMax
 */

const question =
  'You sit by the hearth of a small office and answer its people. Say in a few plain words what a kettle does when the fire is lit beneath it, and why it sings a moment before the water boils, so that a child may understand it and an engineer need not frown.';

/**
 * @param {string} model
 * @param {boolean} stream
 */
export function bodyOf(model, stream) {
  const messages = [
    { role: 'system', content: 'You answer briefly.' },
    { role: 'user', content: question },
  ];
  return JSON.stringify({ model, stream, max_tokens: 8192, temperature: 0.7, messages });
}

/** @param {string} key */
export function headersOf(key) {
  return {
    'content-type': 'application/json',
    ...(key === '' ? {} : { authorization: `Bearer ${key}` }),
  };
}

/**
 * Runs `once` by `clients` at a time for so long, and measures the arm's process meanwhile.
 * @param {Arm} arm
 * @param {{ clients: number, durationMs: number }} options
 * @param {(pool: Pool) => Promise<void>} one
 * @returns {Promise<Load>}
 */
export async function underLoad(arm, { clients, durationMs }, one) {
  const pool = new Pool(arm.url, { connections: clients, keepAliveTimeout: 30_000, bodyTimeout: 60_000 });
  try {
    // Connections are made, and what one measurement has left behind is not counted for the next.
    await Promise.all(Array.from({ length: clients }, () => one(pool)));
    const before = await arm.measure();
    const beganMs = performance.now();
    /** @type {number[]} */
    const latenciesMs = [];
    await Promise.all(
      Array.from({ length: clients }, async () => {
        for (let askedMs = beganMs; askedMs - beganMs < durationMs;) {
          await one(pool);
          const answeredMs = performance.now();
          latenciesMs.push(answeredMs - askedMs);
          askedMs = answeredMs;
        }
      }),
    );
    const wallMs = performance.now() - beganMs;
    const after = await arm.measure();
    return {
      latenciesMs,
      wallMs,
      cpuMs: before.cpuMs === undefined || after.cpuMs === undefined ? null : after.cpuMs - before.cpuMs,
      loopDelayMsP99: after.loopDelayMsP99 ?? null,
      loopDelayMsMax: after.loopDelayMsMax ?? null,
    };
  } finally {
    await pool.destroy();
  }
}

/**
 * One question, its answer in one piece.
 * @param {Pool} pool
 * @param {Arm} arm
 * @param {string} body
 */
export async function askWhole(pool, arm, body) {
  const { statusCode, body: answer } = await pool.request({
    method: 'POST',
    path: '/v1/chat/completions',
    headers: headersOf(arm.key),
    body,
  });
  const text = await answer.text();
  if (statusCode !== 200 || !text.includes('kettle15'))
    throw new Error(`${arm.name} answered ${statusCode}: ${text.slice(0, 500)}`);
}
