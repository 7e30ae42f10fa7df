import { readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { Refused } from './failures.mjs';

/**
 * Where the running server keeps its data: the same rule as the server's own (server/config.ts).
 * @param {NodeJS.ProcessEnv} [environment]
 * @param {NodeJS.Platform} [platform]
 * @returns {string}
 */
function dataDir(environment = process.env, platform = process.platform) {
  const chosen = environment['INGLENOOK_DATA_DIR'];
  if (chosen) return resolve(chosen);
  if (platform === 'darwin') return join(homedir(), 'Library', 'Application Support', 'Inglenook');
  if (platform === 'win32') {
    return join(environment['LOCALAPPDATA'] || join(homedir(), 'AppData', 'Local'), 'Inglenook');
  }
  return join(environment['XDG_DATA_HOME'] || join(homedir(), '.local', 'share'), 'inglenook');
}

/**
 * How to reach the running server: its port and the token of the owner's scripts.
 * @param {string} [dir]
 * @returns {{ port: number, token: string }}
 */
export function findServer(dir = dataDir()) {
  const text = readText(join(dir, 'server.json'));
  const server = text === null ? null : parseServer(text);
  // The process is asked for, because a crashed server leaves its file, and another program may have its port:
  // that one must not be handed the token.
  if (server === null || !isRunning(server.pid)) throw notRunning(dir);
  const token = readText(join(dir, 'admin.token'))?.trim();
  if (!token) throw notRunning(dir);
  return { port: server.port, token };
}

/** Whether a server runs on the data folder, as far as its announcement tells. */
export function isServerRunning(dir = dataDir()) {
  const text = readText(join(dir, 'server.json'));
  const server = text === null ? null : parseServer(text);
  return server !== null && isRunning(server.pid);
}

/**
 * @param {string} dir
 * @returns {Refused}
 */
export function notRunning(dir = dataDir()) {
  return new Refused(
    `Inglenook is not running (looked in ${dir}). Start it with "npm start" or "npx inglenook serve", then try again.` +
      ' If its data lies elsewhere, set INGLENOOK_DATA_DIR.',
  );
}

/**
 * @param {string} path
 * @returns {string | null}
 */
function readText(path) {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    const { code } = /** @type {NodeJS.ErrnoException} */ (error);
    if (code === 'ENOENT' || code === 'ENOTDIR') return null;
    throw new Refused(
      `The file ${path} cannot be read (${code}). Run this as the person who started Inglenook.`,
    );
  }
}

/**
 * @param {string} text
 * @returns {{ pid: number, port: number } | null}
 */
function parseServer(text) {
  try {
    const { pid, port } = JSON.parse(text);
    return Number.isInteger(pid) && pid > 0 && Number.isInteger(port) ? { pid, port } : null;
  } catch {
    return null;
  }
}

/**
 * @param {number} pid
 * @returns {boolean}
 */
function isRunning(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return /** @type {NodeJS.ErrnoException} */ (error).code === 'EPERM';
  }
}
