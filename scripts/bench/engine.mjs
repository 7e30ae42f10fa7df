// npm run bench -- engine [--part NAME …] [--rival NAME=URL …] [--rounds N] [--tokens N] [--threads N]
// The engine against the bare library, over HTTP and against rivals, in interleaved rounds; medians, spread and ratios.
import { mkdirSync, writeFileSync } from 'node:fs';
import { availableParallelism, cpus, loadavg } from 'node:os';
import { parseArgs } from 'node:util';
import { inRoot } from '../lib/project.mjs';
import { busyPart } from './engine/part-busy.mjs';
import { cancelPart } from './engine/part-cancel.mjs';
import { embeddingsPart } from './engine/part-embeddings.mjs';
import { longPromptPart } from './engine/part-long-prompt.mjs';
import { memoryPart } from './engine/part-memory.mjs';
import { prefixPart } from './engine/part-prefix.mjs';
import { streamsPart } from './engine/part-streams.mjs';

/**
 * @typedef {object} BenchOptions
 * @property {number} rounds
 * @property {number} tokens New tokens of each stream.
 * @property {number} threads Of our engine and of the bare loop alike.
 * @property {readonly string[]} rivals
 * @property {(line: string) => void} say
 *
 * @typedef {{ name: string, value: number, least?: number, most?: number }} Target
 * @typedef {{ summary: Record<string, unknown>, targets: readonly Target[] }} PartResult Spreads and ratios; more is saved only.
 */

/** @type {Record<string, (options: BenchOptions) => Promise<PartResult>>} */
const parts = {
  streams: streamsPart,
  prefix: prefixPart,
  'long-prompt': longPromptPart,
  busy: busyPart,
  embeddings: embeddingsPart,
  cancel: cancelPart,
  memory: memoryPart,
};
const leastRounds = 7;

/** @param {string[]} args */
export async function run(args) {
  const { values } = parseArgs({
    args,
    options: {
      part: { type: 'string', multiple: true },
      rival: { type: 'string', multiple: true },
      rounds: { type: 'string', default: String(leastRounds) },
      tokens: { type: 'string', default: '96' },
      threads: { type: 'string' },
    },
  });
  const names = values.part ?? Object.keys(parts);
  const unknown = names.find((name) => !Object.hasOwn(parts, name));
  if (unknown !== undefined)
    throw new Error(`There is no part ${unknown}. Parts: ${Object.keys(parts).join(', ')}`);
  const options = {
    rounds: atLeast('rounds', values.rounds, 1),
    tokens: atLeast('tokens', values.tokens, 24),
    threads:
      values.threads === undefined
        ? Math.max(1, availableParallelism() - 1)
        : atLeast('threads', values.threads, 1),
    rivals: values.rival ?? [],
    say: (/** @type {string} */ line) => console.log(line),
  };
  const machine = { processor: cpus()[0]?.model ?? 'unknown', cores: availableParallelism() };
  console.log(`${machine.processor}, ${machine.cores} cores, ${options.threads} threads, load ${loadNow()}`);
  /** @type {Record<string, PartResult & { loadBefore: number[], loadAfter: number[] }>} */
  const results = {};
  for (const name of names) {
    console.log(`\n--- ${name}`);
    const loadBefore = loadavg();
    const result = await parts[name]?.(options);
    if (result === undefined) continue;
    results[name] = { ...result, loadBefore, loadAfter: loadavg() };
    show(result);
  }
  save({
    at: new Date().toISOString(),
    machine,
    ...options,
    isResult: options.rounds >= leastRounds,
    parts: results,
  });
  if (options.rounds < leastRounds) console.log(`Fewer than ${leastRounds} rounds: a try, no result.`);
}

/** @param {PartResult} result */
function show({ summary, targets }) {
  for (const [name, value] of Object.entries(summary)) console.log(`  ${name}: ${inWords(value)}`);
  for (const { name, value, least, most } of targets) {
    const isReached = (least === undefined || value >= least) && (most === undefined || value <= most);
    const goal = least === undefined ? `≤ ${most}` : `≥ ${least}`;
    console.log(`  ${isReached ? 'reached' : 'MISSED '}  ${name}: ${value.toFixed(3)} (${goal})`);
  }
}

/**
 * A spread as `median (least–most)`.
 * @param {unknown} value
 * @returns {string}
 */
function inWords(value) {
  if (typeof value === 'number') return value.toFixed(value < 10 ? 2 : 0);
  if (typeof value !== 'object' || value === null) return String(value);
  if ('median' in value && 'least' in value && 'most' in value) {
    const [middle, least, most] = [value.median, value.least, value.most].map(inWords);
    return `${middle} (${least}–${most})`;
  }
  return Object.entries(value)
    .map(([name, part]) => `${name} ${inWords(part)}`)
    .join(', ');
}

/** @param {object} everything */
function save(everything) {
  const dir = inRoot('bench-results');
  mkdirSync(dir, { recursive: true });
  const name = `engine-${new Date().toISOString().replaceAll(/[:.]/gu, '-')}.json`;
  writeFileSync(`${dir}/${name}`, `${JSON.stringify(everything, null, 2)}\n`);
  console.log(`\nsaved bench-results/${name}`);
}

/**
 * @param {string} name
 * @param {string} text
 * @param {number} least
 */
function atLeast(name, text, least) {
  const value = Number(text);
  if (!Number.isInteger(value) || value < least)
    throw new Error(`--${name} takes a whole number from ${least} on.`);
  return value;
}

function loadNow() {
  return loadavg()
    .map((value) => value.toFixed(1))
    .join(' ');
}
