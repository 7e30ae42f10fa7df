// npm run bench -- dialects [--rounds N] [--tokens N] [--threads N]
// The processor time that a token costs in each dialect's encoder and on its way out, against the engine's time for it.
import { createServer, get } from 'node:http';
import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import { availableParallelism, cpus, loadavg } from 'node:os';
import { parseArgs } from 'node:util';
import { systemTimers } from '../../server/core/clock.ts';
import { anthropicMessages } from '../../server/dialects/anthropic-messages.ts';
import { openAiChat } from '../../server/dialects/openai-chat.ts';
import { openAiCompletions } from '../../server/dialects/openai-completions.ts';
import { openResponses } from '../../server/dialects/openai-responses.ts';
import { readResponses } from '../../server/dialects/openai-responses-request.ts';
import { createFrameWriter } from '../../server/http/frame-writer.ts';
import { inRoot } from '../lib/project.mjs';
import { spread } from '../lib/statistics.mjs';
import { openEngine } from './engine/arms.mjs';
import { story } from './engine/prompts.mjs';

/** A dialect may cost this share of the engine's time per token. */
const mostShare = 0.05;
const leastRounds = 7;

const said = { model: 'bench', stream: true };
const messages = [{ role: 'user', content: 'Hi' }];

/**
 * Each opens a dialect for one stream, as the server does.
 * @type {Record<string, () => { dialect: import('../../server/dialects/dialect.ts').Dialect, body: unknown }>}
 */
const dialects = {
  'chat completions': () => ({
    dialect: openAiChat,
    body: { ...said, messages, stream_options: { include_usage: true } },
  }),
  completions: () => ({ dialect: openAiCompletions, body: { ...said, prompt: 'Hi' } }),
  responses() {
    const body = { ...said, input: 'Hi' };
    const known = {
      history: [],
      referenced: new Map(),
      openThought: () => null,
      mayStore: false,
      keep: () => false,
      sealThought: () => '',
      nowSeconds: () => 0,
    };
    return { dialect: openResponses(readResponses(body, 'resp_bench'), known), body };
  },
  messages: () => ({ dialect: anthropicMessages, body: { ...said, messages, max_tokens: 100_000 } }),
};

/** @param {string[]} args */
export async function run(args) {
  const { values } = parseArgs({
    args,
    options: {
      rounds: { type: 'string', default: String(leastRounds) },
      tokens: { type: 'string', default: '20000' },
      threads: { type: 'string' },
    },
  });
  const rounds = atLeastOne('rounds', values.rounds);
  const tokens = atLeastOne('tokens', values.tokens);
  const threads = atLeastOne('threads', values.threads ?? String(Math.max(1, availableParallelism() - 1)));
  const machine = { processor: cpus()[0]?.model ?? 'unknown', cores: availableParallelism() };
  console.log(
    `${machine.processor}, ${machine.cores} cores, ${threads} threads, load ${loadavg()[0]?.toFixed(1)}`,
  );
  const loadBefore = loadavg();
  const engine = await openEngine(threads);
  /** @type {Record<string, number[]>} */
  const micros = {};
  try {
    for (let round = 0; round <= rounds; round += 1) {
      const measured = { engine: await engineMicros(engine, round), ...(await allMicros(tokens, round)) };
      console.log(`round ${round}: ${inWords(measured)} µs per token`);
      // The first warms up.
      if (round === 0) continue;
      for (const [name, value] of Object.entries(measured)) (micros[name] ??= []).push(value);
    }
  } finally {
    await engine.stop();
  }
  const { engine: ofEngine = [], ...ofDialects } = micros;
  const shares = Object.entries(ofDialects).map(([name, values]) => ({
    name,
    microsPerToken: spread(values),
    // Of the same round: what slows the computer slows both.
    share: spread(values.map((value, index) => value / (ofEngine[index] ?? NaN))),
  }));
  for (const { name, microsPerToken, share } of shares) {
    const verdict = share.median <= mostShare ? 'reached' : 'MISSED ';
    console.log(
      `  ${verdict}  ${name}: ${microsPerToken.median.toFixed(1)} µs, ${(share.median * 100).toFixed(2)} % of the engine's ` +
        `${spread(ofEngine).median.toFixed(0)} µs (≤ ${mostShare * 100} %)`,
    );
  }
  save({
    at: new Date().toISOString(),
    machine,
    rounds,
    tokens,
    threads,
    isResult: rounds >= leastRounds,
    loadBefore,
    loadAfter: loadavg(),
    engineMicrosPerToken: spread(ofEngine),
    dialects: shares,
    results: micros,
  });
  if (rounds < leastRounds) console.log(`Fewer than ${leastRounds} rounds: a try, no result.`);
}

/**
 * Time between the tokens of one stream of the starter model: the least an engine ever takes.
 * @param {import('./engine/arms.mjs').EngineArm} engine
 * @param {number} round
 */
async function engineMicros(engine, round) {
  const { pieces } = await engine.ask(story(round), { maxTokens: 96 });
  const [first, last] = [pieces[0], pieces.at(-1)];
  const counted = pieces.slice(1).reduce((sum, piece) => sum + piece.tokens, 0);
  return (((last?.atMs ?? NaN) - (first?.atMs ?? NaN)) / counted) * 1000;
}

/**
 * @param {number} tokens
 * @param {number} round
 */
async function allMicros(tokens, round) {
  /** @type {Record<string, number>} */
  const measured = {};
  const names = Object.keys(dialects);
  // Another order in every round, so that nobody always comes after the same.
  for (const name of [...names.slice(round % names.length), ...names.slice(0, round % names.length)]) {
    measured[name] = await dialectMicros(name, tokens);
  }
  return measured;
}

/**
 * Processor time of this process for a whole stream to a reader in it, HTTP and socket included, the reader's own
 * share as well: so rather more than the dialect costs.
 * @param {string} name
 * @param {number} tokens
 */
async function dialectMicros(name, tokens) {
  const server = createServer((_request, response) => void answer(name, tokens, response));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  try {
    const { port } = /** @type {import('node:net').AddressInfo} */ (server.address());
    const before = process.cpuUsage();
    const [response] = /** @type {[import('node:http').IncomingMessage]} */ (
      await once(get({ port, host: '127.0.0.1', agent: false }), 'response')
    );
    let bytes = 0;
    for await (const chunk of response) bytes += chunk.length;
    if (bytes < tokens * 10) throw new Error(`${name}: the stream has only ${bytes} bytes.`);
    const { user, system } = process.cpuUsage(before);
    return (user + system) / tokens;
  } finally {
    server.close();
  }
}

/**
 * As respond.ts does it, but each token in a turn of the loop of its own: the dearest case.
 * @param {string} name
 * @param {number} tokens
 * @param {import('node:http').ServerResponse} response
 */
async function answer(name, tokens, response) {
  const open = dialects[name];
  if (open === undefined) throw new Error(`There is no dialect ${name}.`);
  const { dialect, body } = open();
  const call = dialect.parse(body);
  const encoder = dialect.openStream({ requestId: 'req_bench', model: 'bench', createdSeconds: 1 }, call, 0);
  response.setHeader('Content-Type', 'text/event-stream; charset=utf-8');
  const writer = createFrameWriter(response, {
    timers: systemTimers,
    signal: new AbortController().signal,
    onStalled: () => response.destroy(),
  });
  const usage = { promptTokens: 10, cachedTokens: 0, completionTokens: tokens };
  await writer.write(encoder.encode({ type: 'start', promptTokens: 10, cachedTokens: 0 }));
  for (let index = 0; index < tokens; index += 1) {
    await writer.write(encoder.encode({ type: 'text-delta', text: ' hearth', tokens: 1 }));
    await new Promise((resolve) => setImmediate(resolve));
  }
  writer.end(encoder.encode({ type: 'finish', reason: 'stop', usage }) + encoder.end(usage));
}

/** @param {Record<string, number>} measured */
function inWords(measured) {
  return Object.entries(measured)
    .map(([name, value]) => `${name} ${value.toFixed(value < 100 ? 1 : 0)}`)
    .join(', ');
}

/** @param {object} everything */
function save(everything) {
  const dir = inRoot('bench-results');
  mkdirSync(dir, { recursive: true });
  const name = `dialects-${new Date().toISOString().replaceAll(/[:.]/gu, '-')}.json`;
  writeFileSync(`${dir}/${name}`, `${JSON.stringify(everything, null, 2)}\n`);
  console.log(`\nsaved bench-results/${name}`);
}

/**
 * @param {string} name
 * @param {string} text
 */
function atLeastOne(name, text) {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1) throw new Error(`--${name} takes a whole number from 1 on.`);
  return value;
}
