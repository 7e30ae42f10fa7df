// npm run bench -- log [--rows N] [--days N] [--rounds N] [--seconds N] [--rate N] [--keep DIR]
// The usage screen over ten million rows while requests are served, against the same server with an empty log: times of its
// questions, what the log adds to an answer, how late the event loop is, and what a request takes on the disk.
import { existsSync, mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { availableParallelism, cpus, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { inRoot } from '../lib/project.mjs';
import { quantile, spread } from '../lib/statistics.mjs';
import { startArm } from './log/arm.mjs';
import { buildLog } from './log/build.mjs';

const dayMs = 86_400_000;
const leastRounds = 5;
const leastRows = 10_000_000;
/** Between two looks at the screen, as somebody who reads and clicks. */
const lookEveryMs = 1_000;

/** @param {string[]} args */
export async function run(args) {
  const { values } = parseArgs({
    args,
    options: {
      rows: { type: 'string', default: String(leastRows) },
      days: { type: 'string', default: '365' },
      rounds: { type: 'string', default: String(leastRounds) },
      seconds: { type: 'string', default: '10' },
      rate: { type: 'string', default: '200' },
      keep: { type: 'string' },
    },
  });
  const rows = atLeastOne('rows', values.rows);
  const days = atLeastOne('days', values.days);
  const rounds = atLeastOne('rounds', values.rounds);
  const seconds = atLeastOne('seconds', values.seconds);
  const rate = atLeastOne('rate', values.rate);
  const machine = { processor: cpus()[0]?.model ?? 'unknown', cores: availableParallelism() };
  console.log(`${machine.processor}, ${machine.cores} cores, load ${loadavg()[0]?.toFixed(1)}`);
  const loadBefore = loadavg();
  const dir = values.keep ?? mkdtempSync(join(tmpdir(), 'inglenook-log-'));
  try {
    const full = join(dir, 'full');
    const empty = mkdtempSync(join(dir, 'empty-'));
    const bytesPerRow = makeRows(full, { rows, days });
    const measured = await measure({ full, empty }, { rounds, seconds, rate });
    rmSync(empty, { recursive: true, force: true });
    report({
      machine,
      rows,
      days,
      rounds,
      seconds,
      rate,
      loadBefore,
      loadAfter: loadavg(),
      bytesPerRow,
      ...measured,
    });
  } finally {
    if (values.keep === undefined) rmSync(dir, { recursive: true, force: true });
  }
}

/**
 * @param {string} dir
 * @param {{ rows: number, days: number }} options
 */
function makeRows(dir, { rows, days }) {
  const path = join(dir, 'inglenook.db');
  if (!existsSync(path)) {
    mkdirSync(dir, { recursive: true });
    const beganMs = performance.now();
    buildLog(path, { rows, days, endMs: Date.now() });
    console.log(`${rows} rows made in ${((performance.now() - beganMs) / 1000).toFixed(0)} s`);
  }
  return statSync(path).size / rows;
}

/**
 * @param {{ full: string, empty: string }} dirs
 * @param {{ rounds: number, seconds: number, rate: number }} options
 */
async function measure(dirs, { rounds, seconds, rate }) {
  const arms = { full: await startArm(dirs.full), empty: await startArm(dirs.empty) };
  /** @type {Record<'full' | 'empty', { p50Ms: number, p95Ms: number, delay: import('./log/arm.mjs').Delay }[]>} */
  const served = { full: [], empty: [] };
  /** @type {Record<string, number[]>} */
  const queries = {};
  try {
    for (let round = 0; round <= rounds; round += 1) {
      for (const name of round % 2 === 0
        ? /** @type {const} */ (['full', 'empty'])
        : /** @type {const} */ (['empty', 'full'])) {
        const arm = arms[name];
        arm.resetDelay();
        const screen = { ended: false };
        const looking = lookAtScreen(arm, screen);
        const times = await serve(arm, { seconds, rate });
        screen.ended = true;
        const looked = await looking;
        const result = {
          p50Ms: quantile(times, 0.5),
          p95Ms: quantile(times, 0.95),
          delay: await arm.delay(),
        };
        const screenP95 = quantile(Object.values(looked).flat(), 0.95);
        console.log(
          `round ${round}, ${name}: added p50 ${result.p50Ms.toFixed(2)} ms, p95 ${result.p95Ms.toFixed(2)} ms; ` +
            `event loop p99 ${result.delay.p99Ms.toFixed(1)} ms, most ${result.delay.mostMs.toFixed(0)} ms; screen p95 ${screenP95.toFixed(0)} ms`,
        );
        // The first warms up.
        if (round === 0) continue;
        served[name].push(result);
        if (name === 'full')
          for (const [query, ms] of Object.entries(looked)) (queries[query] ??= []).push(...ms);
      }
    }
  } finally {
    await arms.full.stop();
    await arms.empty.stop();
  }
  return { served, queries };
}

/**
 * At moments that do not wait for answers, as an office asks.
 * @param {import('./log/arm.mjs').Arm} arm
 * @param {{ seconds: number, rate: number }} options
 */
async function serve(arm, { seconds, rate }) {
  /** @type {number[]} */
  const times = [];
  /** @type {Promise<unknown>[]} */
  const running = [];
  const beganMs = performance.now();
  for (let index = 0; index < seconds * rate; index += 1) {
    const waitMs = beganMs + (index * 1000) / rate - performance.now();
    if (waitMs > 1) await sleep(waitMs);
    running.push(arm.ask(index % 2 === 0).then(({ ms }) => times.push(ms)));
  }
  await Promise.all(running);
  return times;
}

/**
 * What the usage and log screens ask, all of it, again and again.
 * @param {import('./log/arm.mjs').Arm} arm
 * @param {{ ended: boolean }} screen
 */
async function lookAtScreen(arm, screen) {
  /** @type {Record<string, number[]>} */
  const times = {};
  const ago = (/** @type {number} */ days) =>
    encodeURIComponent(new Date(Date.now() - days * dayMs).toISOString());
  while (!screen.ended) {
    const month = `from=${ago(30)}&zone=Asia/Kolkata`;
    const paths = {
      status: '/status',
      'today by hour': `/usage?by=hour&from=${ago(1)}&zone=Europe/Berlin`,
      '30 days': `/usage?${month}`,
      '30 days by day': `/usage?by=day&${month}`,
      '30 days by day and model': `/usage?by=day,model&${month}`,
      '30 days by day and person': `/usage?by=day,person&percentiles=false&${month}`,
      '30 days by day and reason': `/usage?by=day,failure&percentiles=false&${month}`,
      '30 days by person and model': `/usage?by=person,model&${month}`,
      '30 days, top keys': `/usage?by=key&top=10&${month}`,
      '30 days of one person by day': `/usage?by=day&person=Person%203&${month}`,
      'a year by month': `/usage?by=month&zone=Asia/Kolkata&from=${ago(365)}`,
      'a year by month and person': `/usage?by=month,person&percentiles=false&zone=Europe/Berlin&from=${ago(365)}`,
      'a year by person and model': `/usage?by=person,model&zone=Europe/Berlin&from=${ago(365)}`,
      'a year by week': `/usage?by=week&zone=America/New_York&from=${ago(365)}`,
      'savings by month': '/savings?zone=Europe/Berlin',
      'savings of a year by person': `/savings?by=person&zone=Europe/Berlin&from=${ago(365)}`,
      'newest requests': '/requests?limit=50',
      'requests of a key': '/requests?limit=50&key=Key%20of%20person%205',
      errors: '/requests?limit=100&status=error',
      'of one reason': '/requests?limit=100&failure=rate-limit',
      'of one program': '/requests?limit=100&client=claude',
    };
    for (const [name, path] of Object.entries(paths)) (times[name] ??= []).push((await arm.admin(path)).ms);
    await sleep(lookEveryMs);
  }
  return times;
}

/** @param {any} results */
function report(results) {
  const { served, queries, bytesPerRow, rounds, rows } = results;
  const medianOf = (/** @type {'full' | 'empty'} */ arm, /** @type {(one: any) => number} */ pick) =>
    spread(served[arm].map(pick)).median;
  const ratio = spread(
    served.full.map(
      (/** @type {any} */ one, /** @type {number} */ index) => one.p50Ms / served.empty[index].p50Ms,
    ),
  );
  const delayP99Ms = Math.max(...served.full.map((/** @type {any} */ one) => one.delay.p99Ms));
  const screen = Object.entries(queries).map(([name, times]) => ({ name, p95Ms: quantile(times, 0.95) }));
  const screenP95Ms = quantile(Object.values(queries).flat(), 0.95);
  const slowest = screen.toSorted((a, b) => b.p95Ms - a.p95Ms)[0];
  for (const { name, p95Ms } of screen) console.log(`           ${name}: p95 ${p95Ms.toFixed(1)} ms`);
  const goals = [
    [
      screenP95Ms <= 100,
      `screen p95 ${screenP95Ms.toFixed(1)} ms (≤ 100); the slowest, ${slowest?.name}: ${slowest?.p95Ms.toFixed(1)} ms`,
    ],
    [
      ratio.median <= 1.5,
      `added p50 ${medianOf('full', (one) => one.p50Ms).toFixed(2)} ms, empty ${medianOf('empty', (one) => one.p50Ms).toFixed(2)} ms: × ${ratio.median.toFixed(2)} (≤ 1.5; ${ratio.least.toFixed(2)}–${ratio.most.toFixed(2)})`,
    ],
    [delayP99Ms <= 10, `event-loop delay p99 ${delayP99Ms.toFixed(1)} ms, the worst round (≤ 10)`],
    [bytesPerRow <= 400, `${bytesPerRow.toFixed(0)} bytes for each request on the disk (≤ 400)`],
  ];
  for (const [reached, words] of goals) console.log(`  ${reached ? 'reached' : 'MISSED '}  ${words}`);
  const isResult = rounds >= leastRounds && rows >= leastRows;
  save('log', {
    at: new Date().toISOString(),
    isResult,
    ratio,
    delayP99Ms,
    screenP95Ms,
    screen,
    ...results,
    queries: undefined,
  });
  if (!isResult) console.log(`Fewer than ${leastRounds} rounds or ${leastRows} rows: a try, no result.`);
  if (goals.some(([reached]) => !reached)) process.exitCode = 1;
}

/**
 * @param {string} what
 * @param {object} everything
 */
function save(what, everything) {
  const dir = inRoot('bench-results');
  mkdirSync(dir, { recursive: true });
  const name = `${what}-${new Date().toISOString().replaceAll(/[:.]/gu, '-')}.json`;
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
