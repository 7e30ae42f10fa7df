import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The folder of the clone; every script works from here, wherever it was called from. */
export const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));

/** @param {...string} parts */
export function inRoot(...parts) {
  return join(root, ...parts);
}

/** What set-up leaves behind between runs and may lose at any time. */
export const cacheFolder = inRoot('.cache');

/** `INGLENOOK_OFFLINE=1`: no step may go online. */
export function isOffline(environment = process.env) {
  return environment['INGLENOOK_OFFLINE'] === '1';
}

/** A failure that has been understood: its text is all the person needs, a stack would only hide it. */
export class SetupError extends Error {
  /** @override */
  name = 'SetupError';
}

/**
 * Everything set-up says goes to stderr: the last line of `npm start` on stdout belongs to the server.
 * @param {string} line
 */
export function say(line) {
  process.stderr.write(`${line}\n`);
}

/**
 * Ends a script: prints understood failures as they are and everything else with its stack.
 * @param {unknown} error
 */
export function failWith(error) {
  const text = error instanceof Error ? error.stack : String(error);
  say(`\n${error instanceof SetupError ? error.message : text}\n`);
  process.exitCode = 1;
}
