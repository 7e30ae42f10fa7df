import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { exitCode } from './process.mjs';
import { say } from './project.mjs';

/**
 * @typedef {object} SuperviseOptions
 * @property {() => boolean} [isOrphaned] Whether the process that started us has ended; polled.
 * @property {number} [graceMs] What the server gets to stop in, from the first request to stop.
 */

const orphanPollMs = 500;
const isWindows = process.platform === 'win32';

/**
 * Runs the server in the foreground until it ends, and gives its exit code. It is told to stop exactly once: by
 * SIGINT, SIGTERM or SIGHUP to us, or when our own parent ends. What is then not gone after the grace is killed,
 * its children included.
 *
 * The server gets a process group of its own, so that a Ctrl-C in the terminal, which reaches every process of a
 * group, does not reach it beside what we pass on. Should we be killed, it notices by its channel and stops.
 * @param {string} node
 * @param {readonly string[]} args
 * @param {SuperviseOptions} [options]
 * @returns {Promise<number>}
 */
export function supervise(node, args, { isOrphaned = () => false, graceMs = 9_500 } = {}) {
  return new Promise((resolve) => {
    const child = spawn(node, args, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'], detached: !isWindows });
    /** @type {NodeJS.Timeout | undefined} */
    let killTimer;
    const stop = () => {
      if (killTimer !== undefined) return;
      killTimer = setTimeout(() => {
        say('The server did not stop in time and was ended.');
        killGroup(child);
      }, graceMs);
      askToStop(child);
    };
    const signals = /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP']);
    for (const signal of signals) process.on(signal, stop);
    const poll = setInterval(() => {
      if (isOrphaned()) stop();
    }, orphanPollMs);
    const finish = (/** @type {number} */ code) => {
      clearTimeout(killTimer);
      clearInterval(poll);
      for (const signal of signals) process.off(signal, stop);
      resolve(code);
    };
    child.once('error', (error) => {
      say(`The server could not be started: ${error.message}`);
      finish(1);
    });
    child.once('exit', (code, signal) => {
      // Whatever it may have left behind, an engine that hangs for instance, ends with it.
      killGroup(child);
      finish(exitCode(code, signal));
    });
  });
}

/** @param {import('node:child_process').ChildProcess} child */
function askToStop(child) {
  // A signal on Windows is a kill; there the closed channel says it.
  if (!isWindows) child.kill('SIGTERM');
  else if (child.connected) child.disconnect();
}

/** @param {import('node:child_process').ChildProcess} child */
function killGroup(child) {
  if (child.pid === undefined) return;
  try {
    process.kill(isWindows ? child.pid : -child.pid, 'SIGKILL');
  } catch {
    // Nothing of it is left.
  }
}

/**
 * npm does not pass every signal on and may be killed itself, so below npm we watch it: our parent, and where that
 * is the shell npm starts scripts with, the shell's parent too. Started by hand, the parent may leave (nohup).
 * @returns {() => boolean}
 */
export function watchNpm(environment = process.env) {
  if (environment['npm_lifecycle_event'] === undefined || isWindows) return () => false;
  const parent = process.ppid;
  const grandparent = isShell(parent) ? parentOf(parent) : null;
  return () => process.ppid !== parent || (grandparent !== null && parentOf(parent) !== grandparent);
}

/** @param {number} pid */
function isShell(pid) {
  return /^(?:da|ba|z|a)?sh$/u.test(procFile(pid, 'comm')?.trim() ?? '');
}

/**
 * From Linux's /proc; elsewhere null (the shell of macOS hands its process over to the script, so there is none).
 * @param {number} pid
 */
function parentOf(pid) {
  // `pid (name) state ppid …`, and the name may hold blanks and brackets.
  const fields = procFile(pid, 'stat')?.split(')').at(-1)?.trim().split(' ');
  return fields?.[1] === undefined ? null : Number(fields[1]);
}

/**
 * @param {number} pid
 * @param {string} name
 */
function procFile(pid, name) {
  try {
    return readFileSync(`/proc/${pid}/${name}`, 'utf8');
  } catch {
    return null;
  }
}
