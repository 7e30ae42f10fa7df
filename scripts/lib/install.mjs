import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { useTrackedHooks } from './git-hooks.mjs';
import { isInModules, nodeOutsideModules, pathWithoutModules } from './node-runtime.mjs';
import { run } from './process.mjs';
import { cacheFolder, isOffline, root, say, SetupError } from './project.mjs';

/**
 * @typedef {{ version?: string, optional?: boolean, os?: string | string[], cpu?: string | string[], link?: boolean }} LockedPackage
 * @typedef {{ packages: Record<string, LockedPackage> }} LockFile
 */

/**
 * Whether node_modules holds what the lock file of `folder` asks for. Set-up leaves a stamp; where there is none of
 * today, because somebody ran npm by hand, npm's own record of what it installed decides.
 * @param {string} folder
 */
export function isInstalled(folder = root) {
  const record = join(folder, 'node_modules', '.package-lock.json');
  if (!existsSync(record)) return false;
  const wanted = stampText(folder);
  const stamp = stampFile(folder);
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted) return true;
  if (!matches(readLock(join(folder, 'package-lock.json')), readLock(record))) return false;
  writeFileSync(stamp, wanted);
  return true;
}

/**
 * Installs exactly what the lock file says, without running any package's install script: none is needed (see
 * `allowScripts` in package.json).
 * @throws {SetupError} with npm's own words
 */
export async function install() {
  say('Setting up: installing packages from the lock file. The first time this takes some minutes.');
  rmSync(stampFile(root), { force: true });
  stepAside();
  const args = ['ci', '--ignore-scripts', '--include=dev', '--include=optional', '--no-audit', '--no-fund'];
  // Node 20 can run npm and this script, and nothing else here is run by it: warnings about engines would
  // only frighten. Errors still come through.
  args.push('--loglevel=error', '--engine-strict=false', ...(isOffline() ? ['--offline'] : []));
  const { code } = await runNpm(args);
  if (code !== 0) throw new SetupError(explainFailure());
  writeFileSync(stampFile(root), stampText(root));
  await useTrackedHooks();
}

function explainFailure() {
  return (
    'The packages could not be installed; the lines above are what npm says.\n' +
    (isOffline()
      ? 'INGLENOOK_OFFLINE=1 is set, so only packages of npm’s own cache could be used. Run once without it.'
      : 'Usual causes: no internet, a proxy npm does not know (npm config set proxy …), or a full disk. ' +
        'Nothing is lost: run the same command again.')
  );
}

/**
 * npm as it was called, else as PATH has it.
 * @param {readonly string[]} args
 * @param {{ cwd?: string, show?: boolean }} [options] `show: false`: its words are in the result
 */
export function runNpm(args, options = {}) {
  const env = { ...process.env, PATH: pathWithoutModules() };
  const npmScript = process.env['npm_execpath'];
  if (npmScript !== undefined && basename(npmScript) === 'npm-cli.js' && existsSync(npmScript)) {
    return run(nodeOutsideModules(), [npmScript, ...args], { env, show: true, ...options });
  }
  // On Windows npm is a .cmd file, which only a shell can start; the arguments are our own constants.
  const isWindows = process.platform === 'win32';
  return run(isWindows ? 'npm.cmd' : 'npm', args, { env, show: true, shell: isWindows, ...options });
}

/** Windows cannot remove the file of a running program, but it can rename it: this very Node, if it is npm's. */
function stepAside() {
  if (process.platform !== 'win32' || !isInModules(process.execPath)) return;
  mkdirSync(cacheFolder, { recursive: true });
  renameSync(process.execPath, join(cacheFolder, `node-${process.pid}.exe`));
}

/** @param {string} folder */
function stampFile(folder) {
  return join(folder, 'node_modules', '.inglenook-setup.json');
}

/** @param {string} folder */
function stampText(folder) {
  const lock = createHash('sha256')
    .update(readFileSync(join(folder, 'package-lock.json')))
    .digest('hex');
  return `${JSON.stringify({ lock, platform: process.platform, arch: process.arch })}\n`;
}

/**
 * @param {string} file
 * @returns {LockFile}
 */
function readLock(file) {
  return JSON.parse(readFileSync(file, 'utf8'));
}

/**
 * Every package that must be there is, in the right version; of the optional ones those that come in a kind for each
 * computer and that we cannot do without: Node itself and the engine.
 * @param {LockFile} lock
 * @param {LockFile} installed
 */
function matches(lock, installed) {
  return Object.entries(lock.packages).every(([path, wanted]) => {
    if (path === '' || wanted.link === true) return true;
    const there = installed.packages[path];
    if (there !== undefined) return there.version === wanted.version;
    return wanted.optional === true && !(neededKinds.test(path) && isForThisComputer(wanted));
  });
}

const neededKinds = /^node_modules\/(?:node-(?:linux|win)-x64|@node-llama-cpp\/[^/]+)$/u;

/** @param {LockedPackage} locked */
function isForThisComputer({ os, cpu }) {
  return allows(os, process.platform) && allows(cpu, process.arch);
}

/**
 * @param {string | string[] | undefined} allowed
 * @param {string} name
 */
function allows(allowed, name) {
  return allowed === undefined || [allowed].flat().includes(name);
}
