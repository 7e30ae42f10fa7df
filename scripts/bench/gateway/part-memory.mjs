import { setTimeout as sleep } from 'node:timers/promises';
import { Pool } from 'undici';
import { median, spread } from '../../lib/statistics.mjs';
import { openInglenook, openMock, openProxy } from './arms.mjs';
import { askWhole, bodyOf, headersOf } from './load.mjs';

const streams = 1000;
/** Each in processes of its own: memory that was once taken is not given back. */
const mostRounds = 3;
/** Few: what many leave behind unused would hide what the streams take. */
const warmUpRequests = 600;
const warmUpClients = 8;
const samples = 5;
const mostKilobytes = 60;

/**
 * V8's young generation held at one size in every process that is measured; not what the product runs with, where it was
 * seen to grow by 50 MB during a run and to stay so. It is bounded, but by far the greatest part of what two looks at the
 * process's size differ by, so sizes here say nothing of that growth.
 */
const flags = ['--min-semi-space-size=16', '--max-semi-space-size=16'];

/**
 * What an open stream takes: a thousand of them, each with a word a second. In kilobytes for each:
 * - `all`: the process's size with all of them, less that without any, each right after the most thorough collection, so
 *   that neither garbage nor half-empty pages count. The definition of performance.md §4, and what is judged;
 * - `further`: the same for the second half of them alone; where it is far more than `all`, the first half has moved into
 *   memory that the start had left free, and `all` flatters;
 * - `uncollected`: as `all`, with the garbage of the moment;
 * - `live`: V8's heap and buffers only. Beside them Node's own parsers and connections take 13 KB for Inglenook and 22 for
 *   a bare proxy (glibc's mallinfo2); Inglenook's start has left so much free that its size does not show them.
 * @param {import('../gateway.mjs').BenchOptions} options
 */
export async function memoryPart({ rounds, mockPort, say }) {
  const mock = await openMock(mockPort);
  /** @type {Record<string, Held[]>} */
  const results = {};
  try {
    for (let round = 1; round <= Math.min(rounds, mostRounds); round += 1) {
      for (const open of [
        () => openProxy(mock.url, 'pipe', flags),
        () => openProxy(mock.url, 'split', flags),
        () => openInglenook(mock.url, flags),
      ]) {
        const arm = await open();
        try {
          const held = await hold(arm);
          (results[arm.name] ??= []).push(held);
          const kilobytes = Object.entries(held.perStream).map(
            ([way, value]) => `${way} ${value.toFixed(1)}`,
          );
          say(
            `round ${round}: ${arm.name} ${held.megabytesBefore.toFixed(0)} MB; KB a stream: ${kilobytes.join(', ')}`,
          );
        } finally {
          await arm.stop();
        }
      }
    }
  } finally {
    await mock.stop();
  }
  /** @type {Record<string, unknown>} */
  const summary = {};
  for (const [name, measured] of Object.entries(results)) {
    const of = (/** @type {keyof Held['perStream']} */ way) =>
      spread(measured.map(({ perStream }) => perStream[way]));
    summary[name] = {
      kilobytesPerStream: {
        all: of('all'),
        further: of('further'),
        uncollected: of('uncollected'),
        live: of('live'),
      },
      megabytesBefore: spread(measured.map(({ megabytesBefore }) => megabytesBefore)),
    };
  }
  const own = (results['Inglenook'] ?? []).map(({ perStream }) => perStream.all);
  const targets = [
    { name: `KB per open stream at ${streams}`, value: spread(own).median, most: mostKilobytes },
  ];
  return { summary, targets, results };
}

/**
 * @typedef {object} Held
 * @property {number} megabytesBefore
 * @property {{ all: number, further: number, uncollected: number, live: number }} perStream Kilobytes.
 */

/**
 * @param {import('./arms.mjs').OwnArm} arm
 * @returns {Promise<Held>}
 */
async function hold(arm) {
  const pool = new Pool(arm.url, { connections: streams, bodyTimeout: 60_000, headersTimeout: 60_000 });
  const open = async (/** @type {number} */ count) =>
    await Promise.all(Array.from({ length: count }, () => openStream(pool, arm)));
  try {
    const body = bodyOf('instant', false);
    await Promise.all(
      Array.from({ length: warmUpClients }, async () => {
        for (let done = 0; done < warmUpRequests / warmUpClients; done += 1) await askWhole(pool, arm, body);
      }),
    );
    const before = await look(arm);
    await open(streams / 2);
    const half = await look(arm);
    await open(streams / 2);
    const whole = await look(arm);
    const perStream = (/** @type {number} */ bytes, of = streams) => bytes / of / 1000;
    return {
      megabytesBefore: before.collected / 1e6,
      perStream: {
        all: perStream(whole.collected - before.collected),
        further: perStream(whole.collected - half.collected, streams / 2),
        uncollected: perStream(whole.uncollected - before.uncollected),
        live: perStream(whole.live - before.live),
      },
    };
  } finally {
    await pool.destroy();
  }
}

/**
 * How much memory the process holds, in bytes; more than once, since frames come and go.
 * @param {import('./arms.mjs').OwnArm} arm
 */
async function look(arm) {
  /** @type {number[]} */
  const uncollected = [];
  for (let sample = 0; sample < samples; sample += 1) {
    await sleep(700);
    uncollected.push((await arm.measure()).rssBytes ?? NaN);
  }
  /** @type {import('./measured.mjs').Kept[]} */
  const kept = [];
  for (let sample = 0; sample < samples; sample += 1) {
    await sleep(300);
    kept.push(await arm.kept());
  }
  return {
    uncollected: median(uncollected),
    collected: median(kept.map(({ rssBytes }) => rssBytes)),
    live: median(kept.map(({ liveBytes }) => liveBytes)),
  };
}

/**
 * Resolves with the first word; what follows is read and forgotten until the pool is destroyed.
 * @param {Pool} pool
 * @param {import('./arms.mjs').Arm} arm
 */
async function openStream(pool, arm) {
  const { statusCode, body } = await pool.request({
    method: 'POST',
    path: '/v1/chat/completions',
    headers: headersOf(arm.key),
    body: bodyOf('trickle', true),
  });
  if (statusCode !== 200) throw new Error(`${arm.name} answered ${statusCode}: ${await body.text()}`);
  await new Promise((resolve) => {
    body.on('error', () => {});
    body.on('data', resolve);
  });
}
