import { copyFile, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { runNpm } from './install.mjs';
import { cacheFolder, inRoot, isOffline, say, SetupError } from './project.mjs';
import { holdingSetUpLock } from './set-up-lock.mjs';

const folder = join(cacheFolder, 'clients');
const doneFile = join(folder, 'inglenook-done.txt');
const lists = ['package.json', 'package-lock.json'];

/**
 * The programs of test/clients, exactly as its lock file says, in `.cache/clients` (two gigabytes): no package of
 * the product. Their install scripts are not run.
 * @throws {SetupError} with npm's own words above it
 */
export async function ensureClientPackages() {
  const wanted = await wantedText();
  if (await isMade(wanted)) return;
  await holdingSetUpLock(async () => {
    if (!(await isMade(wanted))) await make(wanted);
  });
}

/** @param {string} wanted */
async function make(wanted) {
  if (isOffline()) {
    throw new SetupError(
      'The clients that are tested are not here, and INGLENOOK_OFFLINE=1 forbids to fetch them.',
    );
  }
  say(
    'Setting up: the clients that are tested (Continue, Cline, Claude Code, Codex, OpenCode, Goose). The first time this takes minutes.',
  );
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  for (const name of lists) await copyFile(inRoot('test', 'clients', name), join(folder, name));
  // Not `npm ci`: OpenCode names a package for each kind of computer, and the lock file can only hold those that the
  // registry it was made with has. `install` keeps to the lock file and takes the same version of the others.
  const args = ['install', '--ignore-scripts', '--include=optional', '--no-audit', '--no-fund'];
  const { code } = await runNpm([...args, '--loglevel=error', '--engine-strict=false'], { cwd: folder });
  if (code !== 0) {
    throw new SetupError(
      'The clients could not be installed; the lines above are what npm says. Nothing is lost: run the same command again.',
    );
  }
  // Written last: a folder without it is one that was never finished.
  await writeFile(doneFile, wanted);
}

/** @param {string} wanted */
async function isMade(wanted) {
  return (await readFile(doneFile, 'utf8').catch(() => null)) === wanted;
}

async function wantedText() {
  const texts = await Promise.all(lists.map((name) => readFile(inRoot('test', 'clients', name), 'utf8')));
  return [process.platform, process.arch, ...texts].join('\n');
}
