import { closeSync, mkdirSync, openSync, rmSync, statSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { cacheFolder, say } from './project.mjs';

const file = join(cacheFolder, 'set-up.lock');
const beatMs = 2_000;
/** A set-up that has not touched its lock for so long was killed. */
const staleMs = 15_000;

/**
 * Two set-ups at once (two terminals, or a test beside a start) would write over each other's files: the second
 * waits for the first and then finds everything done.
 * @template T
 * @param {() => Promise<T>} action
 * @returns {Promise<T>}
 */
export async function holdingSetUpLock(action) {
  mkdirSync(cacheFolder, { recursive: true });
  for (let isFirst = true; !take(); isFirst = false) {
    if (isFirst) say('Setting up: another set-up of this folder is running; waiting for it.');
    await sleep(500);
  }
  const beat = setInterval(touch, beatMs);
  process.once('exit', release);
  try {
    return await action();
  } finally {
    clearInterval(beat);
    process.off('exit', release);
    release();
  }
}

function take() {
  try {
    closeSync(openSync(file, 'wx'));
    return true;
  } catch (error) {
    if (/** @type {NodeJS.ErrnoException} */ (error).code !== 'EEXIST') throw error;
  }
  if (ageMs() > staleMs) rmSync(file, { force: true });
  return false;
}

function touch() {
  const now = new Date();
  try {
    utimesSync(file, now, now);
  } catch {
    // Somebody emptied the cache folder; the set-up itself is not hurt.
  }
}

function release() {
  rmSync(file, { force: true });
}

function ageMs() {
  const found = statSync(file, { throwIfNoEntry: false });
  return found === undefined ? 0 : Date.now() - found.mtimeMs;
}
