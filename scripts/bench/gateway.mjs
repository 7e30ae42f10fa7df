// npm run bench -- gateway [--part NAME …] [--rival NAME=URL[,KEY[,PID]] …] [--rounds N] [--ms N] [--unbound]
// What Inglenook costs between a client and another server: beside asking that server directly, beside bare proxies of
// Node, and beside rivals, in interleaved rounds, with key, limits, budget and log on. The rivals' upstream is theirs to
// set: `--mock-port N` gives the mock a fixed port.
import { availableParallelism, cpus, loadavg } from 'node:os';
import { parseArgs } from 'node:util';
import { atLeast, isReached, leastRounds, loadNow, saveResult, showPart } from '../lib/bench-report.mjs';
import { openInglenook, openMock, openProxy, openRival } from './gateway/arms.mjs';
import { framesPart } from './gateway/part-frames.mjs';
import { memoryPart } from './gateway/part-memory.mjs';
import { profilePart } from './gateway/part-profile.mjs';
import { instantPart, waitPart } from './gateway/part-requests.mjs';
import { slowPart } from './gateway/part-slow.mjs';
import { bind, placesHere } from './gateway/places.mjs';

/**
 * @typedef {import('./gateway/arms.mjs').Arm} Arm
 * @typedef {import('../lib/bench-report.mjs').PartResult} PartResult
 * @typedef {import('./gateway/places.mjs').Places} Places
 * @typedef {object} BenchOptions
 * @property {number} rounds Counted ones; one before them is dropped.
 * @property {number} durationMs Of each measurement.
 * @property {number} mockPort 0 for any.
 * @property {(proxies: readonly ('pipe' | 'split')[]) => Promise<{ arms: Arm[], stop: () => Promise<void> }>} openArms The mock first, under the name `direct`.
 * @property {(line: string) => void} say
 */

/** @type {Record<string, (options: BenchOptions) => Promise<PartResult>>} */
const parts = {
  instant: instantPart,
  wait: waitPart,
  frames: framesPart,
  slow: slowPart,
  memory: memoryPart,
  profile: profilePart,
};

/** @param {string[]} args */
export async function run(args) {
  const { values } = parseArgs({
    args,
    options: {
      part: { type: 'string', multiple: true },
      rival: { type: 'string', multiple: true },
      rounds: { type: 'string', default: String(leastRounds) },
      ms: { type: 'string', default: '1000' },
      'mock-port': { type: 'string', default: '0' },
      unbound: { type: 'boolean', default: false },
    },
  });
  const names = values.part ?? Object.keys(parts);
  const unknown = names.find((name) => !Object.hasOwn(parts, name));
  if (unknown !== undefined)
    throw new Error(`There is no part ${unknown}. Parts: ${Object.keys(parts).join(', ')}`);
  const rivals = (values.rival ?? []).map(openRival);
  const rounds = atLeast('rounds', values.rounds, 1);
  const durationMs = atLeast('ms', values.ms, 100);
  const mockPort = atLeast('mock-port', values['mock-port'], 0);
  const machine = {
    processor: cpus()[0]?.model ?? 'unknown',
    cores: availableParallelism(),
    node: process.version,
  };
  console.log(`${machine.processor}, ${machine.cores} cores, Node ${machine.node}, load ${loadNow()}`);
  const places = values.unbound ? null : placesHere();
  console.log(
    places === null
      ? 'Every process computes where the system lets it.'
      : `Arms compute on core ${places.arm}, clients and the server behind the arms on ${places.others}.`,
  );
  /** @type {BenchOptions} */
  const options = {
    rounds,
    durationMs,
    mockPort,
    openArms: (proxies) => openArms({ proxies, rivals, mockPort, places }),
    say: (line) => console.log(line),
  };
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
  saveResult('gateway', {
    at: new Date().toISOString(),
    machine,
    rounds,
    durationMs,
    places,
    rivals: rivals.map(({ name, url }) => ({ name, url })),
    isResult: rounds >= leastRounds,
    parts: results,
  });
  if (rounds < leastRounds) console.log(`Fewer than ${leastRounds} rounds: a try, no result.`);
  if (!Object.values(results).every(({ targets }) => targets.every(isReached))) process.exitCode = 1;
}

/**
 * @param {{ proxies: readonly ('pipe' | 'split')[], rivals: readonly Arm[], mockPort: number, places: Places | null }} options
 * @returns {Promise<{ arms: Arm[], stop: () => Promise<void> }>}
 */
async function openArms({ proxies, rivals, mockPort, places }) {
  /** @type {Arm[]} */
  const arms = [];
  // The mock goes last: who asks it shall not see it go.
  const stop = async () => {
    for (const arm of arms.toReversed()) await arm.stop();
  };
  try {
    const mock = await openMock(mockPort);
    arms.push(mock);
    for (const way of proxies) arms.push(await openProxy(mock.url, way));
    arms.push(await openInglenook(mock.url), ...rivals);
    await bindAll(arms, places);
    return { arms, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/**
 * @param {readonly Arm[]} arms The mock first.
 * @param {Places | null} places
 */
async function bindAll([mock, ...arms], places) {
  if (places === null) return;
  await bind(process.pid, places.others);
  if (mock?.pid != null) await bind(mock.pid, places.others);
  for (const { pid } of arms) if (pid !== null) await bind(pid, places.arm);
}
