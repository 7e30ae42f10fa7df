// Who computes where, so that an arm is measured and not the scheduler's choice of the moment.
import { execFile } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { promisify } from 'node:util';

const ask = promisify(execFile);

/**
 * @typedef {object} Places By `taskset` of util-linux; the same for all arms.
 * @property {string} arm Of each arm in its turn: the last core.
 * @property {string} others Of the clients and of the server behind the arms: all others.
 */

/**
 * Null where processes cannot be bound to cores, or where there is one core alone.
 * @returns {Places | null}
 */
export function placesHere() {
  const last = availableParallelism() - 1;
  return process.platform === 'linux' && last > 0 ? { arm: `${last}`, others: `0-${last - 1}` } : null;
}

/**
 * Binds all threads of a process, and so those that they will begin.
 * @param {number} pid
 * @param {string} cores As `taskset --cpu-list` has them.
 */
export async function bind(pid, cores) {
  try {
    await ask('taskset', ['--all-tasks', '--cpu-list', '--pid', cores, String(pid)]);
  } catch (cause) {
    throw new Error('taskset (util-linux) could not bind a process to its core; --unbound does without.', {
      cause,
    });
  }
}
