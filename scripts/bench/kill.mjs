// npm run bench -- kill [--kills N]
// The server is killed (SIGKILL) again and again while it answers; every answer that a client has got whole must be in the log.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, cpus, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { systemClock } from '../../server/core/clock.ts';
import { createLedger } from '../../server/record/settle.ts';
import { readRequest } from '../../server/store/ledger/list.ts';
import { summariseSince } from '../../server/store/ledger/summary.ts';
import { closeStore, openStore } from '../../server/store/open.ts';
import { inRoot } from '../lib/project.mjs';
import { startArm } from './log/arm.mjs';

const leastKills = 20;
const clients = 16;

/** @param {string[]} args */
export async function run(args) {
  const { values } = parseArgs({ args, options: { kills: { type: 'string', default: String(leastKills) } } });
  const kills = Number(values.kills);
  if (!Number.isInteger(kills) || kills < 1) throw new Error('--kills takes a whole number from 1 on.');
  const dir = mkdtempSync(join(tmpdir(), 'inglenook-kill-'));
  const rounds = [];
  try {
    for (let number = 1; number <= kills; number += 1) {
      const answered = await answerUntilKilled(dir);
      const round = { answered: answered.length, ...count(dir, answered) };
      rounds.push(round);
      console.log(
        `kill ${number}: ${round.answered} answers, ${round.missing} missing; ${round.logged} rows, ${round.summed} in the sums`,
      );
    }
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
  const answered = rounds.reduce((sum, round) => sum + round.answered, 0);
  const missing = rounds.reduce((sum, round) => sum + round.missing, 0);
  const isEven = rounds.every(({ logged, summed }) => logged === summed);
  console.log(
    `  ${missing === 0 ? 'reached' : 'MISSED '}  ${missing} of ${answered} finished answers are missing after ${kills} kills (0)\n` +
      `  ${isEven ? 'reached' : 'MISSED '}  rows and sums agree after each`,
  );
  const results = inRoot('bench-results');
  mkdirSync(results, { recursive: true });
  const name = `kill-${new Date().toISOString().replaceAll(/[:.]/gu, '-')}.json`;
  const machine = {
    processor: cpus()[0]?.model ?? 'unknown',
    cores: availableParallelism(),
    load: loadavg(),
  };
  const everything = {
    at: new Date().toISOString(),
    machine,
    isResult: kills >= leastKills,
    answered,
    missing,
    rounds,
  };
  writeFileSync(join(results, name), `${JSON.stringify(everything, null, 2)}\n`);
  console.log(`\nsaved bench-results/${name}`);
  if (missing > 0 || !isEven) process.exitCode = 1;
}

/**
 * Half of them streams. @returns ids of the answers that came whole
 * @param {string} dir
 */
async function answerUntilKilled(dir) {
  const arm = await startArm(dir, 1);
  /** @type {string[]} */
  const answered = [];
  const killed = { yes: false };
  const client = async (/** @type {number} */ index) => {
    for (let number = index; !killed.yes; number += 1) {
      // Cut off by the kill: no whole answer, so the log owes nothing.
      const answer = await arm.ask(number % 2 === 0).catch(() => null);
      if (answer?.isWhole === true) answered.push(answer.id);
    }
  };
  const running = Array.from({ length: clients }, (_, index) => client(index));
  await sleep(300 + Math.random() * 1_200);
  killed.yes = true;
  await arm.kill();
  await Promise.all(running);
  return answered;
}

/**
 * What the journal still holds is taken up first, by the code that does it when the server starts.
 * @param {string} dir
 * @param {readonly string[]} answered
 */
function count(dir, answered) {
  const store = openStore(join(dir, 'inglenook.db'));
  try {
    takeUpJournal(dir, store);
    const missing = answered.filter((id) => readRequest(store, id) === null).length;
    const logged = Number(store.db.prepare('SELECT count(*) FROM requests').pluck().get());
    return { missing, logged, summed: summariseSince(store, 0).requests };
  } finally {
    closeStore(store);
  }
}

/**
 * @param {string} dir
 * @param {import('../../server/store/open.ts').Store} store
 */
function takeUpJournal(dir, store) {
  const tell = (/** @type {string} */ message) => console.log(message);
  createLedger({
    store,
    clock: systemClock,
    log: { debug: tell, info: tell, warn: tell, error: tell },
    publish: () => {},
    journalFile: join(dir, 'requests.journal'),
    running: () => 0,
  }).close();
}
