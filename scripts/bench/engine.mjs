// npm run bench -- engine [--part NAME …] [--rival NAME=URL …] [--rounds N] [--tokens N] [--threads N]
// The engine against the bare library, over HTTP and against rivals, in interleaved rounds; medians, spread and ratios.
import { availableParallelism, cpus, loadavg } from 'node:os';
import { parseArgs } from 'node:util';
import { atLeast, leastRounds, loadNow, saveResult, showPart } from '../lib/bench-report.mjs';
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
 * @typedef {import('../lib/bench-report.mjs').PartResult} PartResult
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
    showPart(result);
  }
  saveResult('engine', {
    at: new Date().toISOString(),
    machine,
    ...options,
    isResult: options.rounds >= leastRounds,
    parts: results,
  });
  if (options.rounds < leastRounds) console.log(`Fewer than ${leastRounds} rounds: a try, no result.`);
}
