// npm run bench -- engine [--rounds N] [--tokens N] [--streams N] [--threads N]
// Aggregate decode tokens/s of the starter model: several streams against one, in interleaved rounds.
import { mkdirSync, writeFileSync } from 'node:fs';
import { availableParallelism, cpus } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { createBuiltinEngine } from '../../server/engines/builtin/builtin-engine.ts';
import { median, spread } from '../lib/statistics.mjs';

const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
const model = 'smollm2-135m-instruct';
const targetRatio = 1.8;
const leastRounds = 5;
/** A measurement needs so many ticks in which all streams speak; an answer that ends too early is measured anew. */
const leastTicks = 16;
const mostAttempts = 5;

/**
 * @typedef {{ tokensPerSecond: number, firstTokenMs: number, decodes: number }} Round
 * @typedef {import('../../server/engines/builtin/builtin-engine.ts').BuiltinEngine} BuiltinEngine
 */

/** @param {string[]} args */
export async function run(args) {
  const { values } = parseArgs({
    args,
    options: {
      rounds: { type: 'string', default: '7' },
      tokens: { type: 'string', default: '96' },
      streams: { type: 'string', default: '8' },
      threads: { type: 'string' },
    },
  });
  const rounds = Math.max(leastRounds, Number(values.rounds));
  const [tokens, streams] = [Number(values.tokens), Number(values.streams)];
  const engine = createBuiltinEngine({
    sources: { starterDir: join(root, 'resources', 'models'), folders: [], addedFiles: () => [] },
    log: { debug: () => {}, info: () => {}, warn: console.error, error: console.error },
    ...(values.threads === undefined ? {} : { threads: Number(values.threads) }),
  });
  try {
    await engine.rescan();
    await engine.ensureReady(model, AbortSignal.timeout(120_000));
    report(await measure(engine, { rounds, tokens, streams }), { rounds, tokens, streams }, engine);
  } finally {
    await engine.stop();
  }
}

/**
 * @param {BuiltinEngine} engine
 * @param {{ rounds: number, tokens: number, streams: number }} options
 */
async function measure(engine, { rounds, tokens, streams }) {
  /** @type {{ one: Round[], many: Round[] }} */
  const results = { one: [], many: [] };
  // Not counted: the caches warm up and the engine finds its thread counts.
  await measureRound(engine, 1, tokens);
  await measureRound(engine, streams, tokens);
  for (let round = 1; round <= rounds; round += 1) {
    const one = await measureRound(engine, 1, tokens);
    const many = await measureRound(engine, streams, tokens);
    results.one.push(one);
    results.many.push(many);
    const ratio = (many.tokensPerSecond / one.tokensPerSecond).toFixed(2);
    console.log(
      `round ${round}: 1 stream ${rate(one)}, ${streams} streams ${rate(many)} (${many.decodes} decodes), ratio ${ratio}`,
    );
  }
  return results;
}

/**
 * Tokens per second of all streams together, from the moment the last of them speaks to the first one's end.
 * @param {BuiltinEngine} engine
 * @param {number} streams
 * @param {number} tokens
 * @returns {Promise<Round>}
 */
async function measureRound(engine, streams, tokens) {
  for (let attempt = 1; ; attempt += 1) {
    const before = decodesOf(engine);
    const asked = performance.now();
    const all = await Promise.all(
      Array.from({ length: streams }, (_, index) => listen(engine, index, tokens)),
    );
    const from = Math.max(...all.map((stream) => stream[0]?.atMs ?? Infinity));
    const to = Math.min(...all.map((stream) => stream.at(-1)?.atMs ?? 0));
    const counted = all
      .flat()
      .filter(({ atMs }) => atMs > from && atMs <= to)
      .reduce((sum, piece) => sum + piece.tokens, 0);
    if (counted >= leastTicks * streams) {
      const firstTokenMs = median(all.map((stream) => (stream[0]?.atMs ?? 0) - asked));
      const tokensPerSecond = (counted / (to - from)) * 1000;
      return { tokensPerSecond, firstTokenMs, decodes: decodesOf(engine) - before };
    }
    if (attempt === mostAttempts) throw new Error('The answers are too short to measure; try more --tokens.');
  }
}

/**
 * @param {BuiltinEngine} engine
 * @param {number} index
 * @param {number} maxTokens
 */
async function listen(engine, index, maxTokens) {
  const text = `Write a very long and detailed story about the adventures of hero number ${index + 1}.`;
  /** @type {{ atMs: number, tokens: number }[]} */
  const pieces = [];
  const sampling = {
    temperature: 0.8,
    topP: null,
    topK: null,
    minP: null,
    presencePenalty: null,
    frequencyPenalty: null,
    seed: null,
    logitBias: {},
  };
  const parts = engine.generate(
    {
      model,
      messages: [{ role: 'user', content: [{ type: 'text', text }] }],
      maxTokens,
      stop: [],
      sampling,
      cacheScope: null,
    },
    AbortSignal.timeout(300_000),
  );
  for await (const part of parts) {
    if (part.type === 'text-delta') pieces.push({ atMs: performance.now(), tokens: part.tokens });
  }
  return pieces;
}

/** @param {BuiltinEngine} engine */
function decodesOf(engine) {
  return engine.models().find(({ id }) => id === model)?.decodes ?? 0;
}

/** @param {Round} round */
function rate(round) {
  return `${round.tokensPerSecond.toFixed(0)} tokens/s`;
}

/**
 * @param {{ one: Round[], many: Round[] }} results
 * @param {{ rounds: number, tokens: number, streams: number }} options
 * @param {BuiltinEngine} engine
 */
function report({ one, many }, options, engine) {
  const described = engine.models().find(({ id }) => id === model);
  const summary = {
    one: spread(one.map((round) => round.tokensPerSecond)),
    many: spread(many.map((round) => round.tokensPerSecond)),
    ratio: spread(many.map((round, index) => round.tokensPerSecond / (one[index]?.tokensPerSecond ?? NaN))),
    firstTokenMs: spread(one.map((round) => round.firstTokenMs)),
    decodesForAllStreams: spread(many.map((round) => round.decodes)),
  };
  const isReached = summary.ratio.median >= targetRatio;
  console.log(
    `\n${described?.backend}, ${cpus()[0]?.model ?? 'unknown processor'}, ${availableParallelism()} cores`,
  );
  console.log(`median of ${options.rounds} rounds of ${options.tokens} tokens per stream (least to most):`);
  console.log(
    `  1 stream       ${show(summary.one)} tokens/s, first token after ${show(summary.firstTokenMs)} ms`,
  );
  console.log(`  ${options.streams} streams      ${show(summary.many)} tokens/s in all`);
  console.log(
    `  ratio          ${show(summary.ratio, 2)}  target ≥ ${targetRatio}: ${isReached ? 'reached' : 'missed'}`,
  );
  console.log(`  decodes for all ${options.streams} streams  ${show(summary.decodesForAllStreams)}`);
  const file = join(
    root,
    'bench-results',
    `engine-${new Date().toISOString().replaceAll(/[:.]/g, '-')}.json`,
  );
  mkdirSync(dirname(file), { recursive: true });
  const machine = { processor: cpus()[0]?.model, cores: availableParallelism(), backend: described?.backend };
  writeFileSync(
    file,
    `${JSON.stringify({ ...options, machine, summary, targetRatio, isReached, one, many }, null, 2)}\n`,
  );
  console.log(`saved ${file.slice(root.length + 1)}`);
}

/**
 * @param {import('../lib/statistics.mjs').Spread} value
 * @param {number} [digits]
 */
function show({ median: middle, least, most }, digits = 0) {
  return `${middle.toFixed(digits)} (${least.toFixed(digits)}–${most.toFixed(digits)})`;
}
