// npm run bench -- fair [--rounds N] [--slots N] [--requests N]
// What a key that floods a model with long jobs does to another key's first tokens: the whole server over HTTP, with keys,
// queue and log, before an engine whose times are known. Interleaved: alone, beside the flood, and beside it in one queue.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { availableParallelism, cpus, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { compose } from '../../server/compose.ts';
import { readConfig } from '../../server/config.ts';
import { createFakeEngine } from '../../test/fakes/fake-engine.ts';
import { atLeast, leastRounds, saveResult } from '../lib/bench-report.mjs';
import { spread } from '../lib/statistics.mjs';

/** Long jobs of the flood that are on their way at any time. */
const floodJobs = 16;
const longTokens = 120;
const shortTokens = 8;
/** The engine's times: reading a prompt, then each token. */
const readMs = 40;
const tokenMs = 5;

/**
 * @typedef {{ firstTokenMs: number, serviceMs: number }} Answered
 * @typedef {{ address: string, light: string, flood: string, close: () => Promise<void> }} Server
 */

/** @param {string[]} args */
export async function run(args) {
  const { values } = parseArgs({
    args,
    options: {
      rounds: { type: 'string', default: String(leastRounds) },
      slots: { type: 'string', default: '4' },
      requests: { type: 'string', default: '12' },
    },
  });
  const rounds = atLeast('rounds', values.rounds, 1);
  const slots = atLeast('slots', values.slots, 1);
  const requests = atLeast('requests', values.requests, 1);
  const machine = { processor: cpus()[0]?.model ?? 'unknown', cores: availableParallelism() };
  console.log(
    `${machine.processor}, ${machine.cores} cores, ${slots} slots, load ${loadavg()[0]?.toFixed(1)}`,
  );
  const loadBefore = loadavg();
  const server = await startServer(slots);
  /** @type {{ alone: number[], beside: number[], oneQueue: number[], turn: number[] }} */
  const times = { alone: [], beside: [], oneQueue: [], turn: [] };
  try {
    for (let round = 0; round <= rounds; round += 1) {
      const alone = await lightRequests(server, server.light, requests);
      const beside = await besideFlood(server, server.light, requests);
      const oneQueue = await besideFlood(server, server.flood, Math.max(1, Math.floor(requests / 4)));
      const turns = [...beside.turns, ...oneQueue.turns];
      console.log(
        `round ${round}: p95 first token alone ${p95(alone).toFixed(0)} ms, beside the flood ${p95(beside.firstTokens).toFixed(0)} ms, ` +
          `in one queue with it ${p95(oneQueue.firstTokens).toFixed(0)} ms; a turn ${p95(turns).toFixed(0)} ms`,
      );
      // The first warms up.
      if (round === 0) continue;
      times.alone.push(...alone);
      times.beside.push(...beside.firstTokens);
      times.oneQueue.push(...oneQueue.firstTokens);
      times.turn.push(...turns);
    }
  } finally {
    await server.close();
  }
  const bound = 2 * p95(times.alone) + spread(times.turn).median;
  const reached = p95(times.beside) <= bound;
  console.log(
    `  ${reached ? 'reached' : 'MISSED '}  p95 of the first token beside the flood: ${p95(times.beside).toFixed(0)} ms ` +
      `(≤ 2 × ${p95(times.alone).toFixed(0)} ms alone + ${spread(times.turn).median.toFixed(0)} ms, one turn of a slot, = ${bound.toFixed(0)} ms)`,
  );
  console.log(`           in one queue with the flood: ${p95(times.oneQueue).toFixed(0)} ms`);
  saveResult('fair', {
    at: new Date().toISOString(),
    machine,
    rounds,
    slots,
    requests,
    floodJobs,
    isResult: rounds >= leastRounds,
    loadBefore,
    loadAfter: loadavg(),
    reached,
    boundMs: bound,
    p95Ms: { alone: p95(times.alone), beside: p95(times.beside), oneQueue: p95(times.oneQueue) },
    turnMs: spread(times.turn),
    times,
  });
  if (rounds < leastRounds) console.log(`Fewer than ${leastRounds} rounds: a try, no result.`);
  if (!reached) process.exitCode = 1;
}

/**
 * Times of first tokens while the flood goes on, and how long its jobs held their slots.
 * @param {Server} server
 * @param {string} key
 * @param {number} count
 */
async function besideFlood(server, key, count) {
  const flood = { ended: false };
  /** @type {number[]} */
  const turns = [];
  const jobs = Array.from({ length: floodJobs }, async () => {
    while (!flood.ended) turns.push((await ask(server, server.flood, longTokens)).serviceMs);
  });
  // Until it holds every slot.
  await sleep(readMs + 10 * tokenMs);
  const firstTokens = await lightRequests(server, key, count);
  flood.ended = true;
  await Promise.all(jobs);
  return { firstTokens, turns };
}

/**
 * One after the other, as a person does, at moments that have nothing to do with the flood's.
 * @param {Server} server
 * @param {string} key
 * @param {number} count
 */
async function lightRequests(server, key, count) {
  const firstTokens = [];
  for (let index = 0; index < count; index += 1) {
    await sleep(20 + Math.random() * 150);
    firstTokens.push((await ask(server, key, shortTokens)).firstTokenMs);
  }
  return firstTokens;
}

/**
 * @param {Server} server
 * @param {string} key
 * @param {number} tokens
 * @returns {Promise<Answered>}
 */
async function ask(server, key, tokens) {
  const beganMs = performance.now();
  const response = await fetch(`${server.address}/v1/chat/completions`, {
    method: 'POST',
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
    body: JSON.stringify({
      model: 'fake-model',
      stream: true,
      max_tokens: tokens,
      messages: [{ role: 'user', content: 'Tell me of the hearth.' }],
    }),
  });
  if (response.status !== 200 || response.body === null) {
    throw new Error(`The server answered ${response.status}: ${(await response.text()).slice(0, 300)}`);
  }
  const queueMs = Number(response.headers.get('x-inglenook-queue-ms'));
  let firstTokenMs = NaN;
  let text = '';
  for await (const chunk of response.body.pipeThrough(new TextDecoderStream())) {
    text += chunk;
    if (Number.isNaN(firstTokenMs) && text.includes('hearth')) firstTokenMs = performance.now() - beganMs;
  }
  if (!text.includes('data: [DONE]')) throw new Error('A stream was cut short.');
  return { firstTokenMs, serviceMs: performance.now() - beganMs - queueMs };
}

/**
 * The real server in this process; only the engine is made of timers.
 * @param {number} slots
 * @returns {Promise<Server>}
 */
async function startServer(slots) {
  const dataDir = mkdtempSync(join(tmpdir(), 'inglenook-fair-'));
  const engine = createFakeEngine({
    slots,
    answer: { words: Array.from({ length: longTokens }, () => ' hearth') },
    beforePart: async (index) => {
      await sleep(index === 0 ? readMs : tokenMs);
    },
  });
  const config = readConfig({ INGLENOOK_DATA_DIR: dataDir, INGLENOOK_PORT: '0', INGLENOOK_OFFLINE: '1' });
  const inglenook = await compose(config, {
    stderr: new Writable({ write: (_chunk, _encoding, done) => done() }),
    createEngine: () => Object.assign(engine, { rescan: async () => {}, preload: () => {} }),
  });
  const token = readFileSync(join(dataDir, 'admin.token'), 'utf8').trim();
  const createKey = async (/** @type {string} */ name) => {
    const response = await fetch(`${inglenook.address}/api/keys`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      body: JSON.stringify({ name }),
    });
    const { key } = /** @type {{ key: string }} */ (await response.json());
    return key;
  };
  return {
    address: inglenook.address,
    light: await createKey('light'),
    flood: await createKey('flood'),
    async close() {
      await inglenook.stop(0);
      rmSync(dataDir, { recursive: true, force: true });
    },
  };
}

/** @param {readonly number[]} values */
function p95(values) {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.ceil(sorted.length * 0.95) - 1)] ?? NaN;
}
