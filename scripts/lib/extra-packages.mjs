import { copyFile, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { runNpm } from './install.mjs';
import { cacheFolder, inRoot, isOffline, say, SetupError } from './project.mjs';
import { holdingSetUpLock } from './set-up-lock.mjs';

const lists = ['package.json', 'package-lock.json'];

/**
 * Programs that only tests run, and that are no package of the product: `test/NAME` has their list and lock file, and they
 * lie in `.cache/NAME`.
 * @typedef {{ name: 'clients' | 'postgres', what: string, duration: string, command: 'ci' | 'install' }} ExtraPackages
 *   `what`: in a sentence, "the clients …"; `command`: `install` where the lock file cannot hold every computer's packages
 */

/** @param {ExtraPackages} packages */
export function extraFolder({ name }) {
  return join(cacheFolder, name);
}

/**
 * Installs them, exactly as the lock file says, once and when their list has changed. Their install scripts are not run.
 * @param {ExtraPackages} packages
 * @throws {SetupError} with npm's own words above it
 */
export async function ensureExtraPackages(packages) {
  const wanted = await wantedText(packages);
  if (await isMade(packages, wanted)) return;
  await holdingSetUpLock(async () => {
    if (!(await isMade(packages, wanted))) await make(packages, wanted);
  });
}

/**
 * @param {ExtraPackages} packages
 * @param {string} wanted
 */
async function make(packages, wanted) {
  const { name, what, duration, command } = packages;
  if (isOffline()) {
    throw new SetupError(`INGLENOOK_OFFLINE=1 forbids to fetch ${what}.`);
  }
  say(`Setting up: ${what}. The first time this takes ${duration}.`);
  const folder = extraFolder(packages);
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  for (const list of lists) await copyFile(inRoot('test', name, list), join(folder, list));
  const args = [command, '--ignore-scripts', '--include=optional', '--no-audit', '--no-fund'];
  const { code } = await runNpm([...args, '--loglevel=error', '--engine-strict=false'], { cwd: folder });
  if (code !== 0) {
    throw new SetupError(
      'It could not be installed; the lines above are what npm says. Usual causes: no internet, a proxy npm does not know ' +
        '(npm config set proxy …), or a full disk. Nothing is lost: run the same command again.',
    );
  }
  // Written last: a folder without it is one that was never finished.
  await writeFile(doneFile(packages), wanted);
}

/**
 * @param {ExtraPackages} packages
 * @param {string} wanted
 */
async function isMade(packages, wanted) {
  return (await readFile(doneFile(packages), 'utf8').catch(() => null)) === wanted;
}

/** @param {ExtraPackages} packages */
function doneFile(packages) {
  return join(extraFolder(packages), 'inglenook-done.txt');
}

/** @param {ExtraPackages} packages */
async function wantedText({ name }) {
  const texts = await Promise.all(lists.map((list) => readFile(inRoot('test', name, list), 'utf8')));
  return [process.platform, process.arch, ...texts].join('\n');
}
