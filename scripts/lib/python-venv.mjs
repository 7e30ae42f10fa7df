import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { installWithApt } from './apt.mjs';
import { run } from './process.mjs';
import { cacheFolder, inRoot, isOffline, say, SetupError } from './project.mjs';
import { holdingSetUpLock } from './set-up-lock.mjs';

/**
 * A list of packages in `test/python/`, each an environment of its own. LlamaIndex wants openai 2, everybody else openai 3;
 * schemathesis is a program that the others have nothing to do with.
 * @typedef {'requirements' | 'llama-index' | 'schemathesis'} PythonPackages
 */

const missing =
  'The tests run Python programs as users do, and need Python 3.10 or newer with its venv module. Install it ' +
  '(Debian and Ubuntu: apt-get install python3 python3-venv) and run the same command again.';

/** All of them, so that what is missing is said before anything else has run. */
export async function ensurePythonVenvs() {
  await ensurePythonVenv('requirements');
  await ensurePythonVenv('llama-index');
  await ensurePythonVenv('schemathesis');
}

/**
 * A Python of our own with the libraries the tests use, made once and kept in `.cache/` until their list changes.
 * @param {PythonPackages} [name]
 * @returns {Promise<string>} path of its interpreter
 * @throws {SetupError}
 */
export async function ensurePythonVenv(name = 'requirements') {
  const venv = {
    folder: join(cacheFolder, `python-${name}`),
    listFile: inRoot('test', 'python', `${name}.txt`),
    list: await readFile(inRoot('test', 'python', `${name}.txt`), 'utf8'),
  };
  if (await isMade(venv)) return interpreter(venv);
  return holdingSetUpLock(async () => {
    if (!(await isMade(venv))) await make(venv);
    return interpreter(venv);
  });
}

/** @typedef {{ folder: string, listFile: string, list: string }} Venv `list` is the text of `listFile`. */

/** @param {Venv} venv */
async function make(venv) {
  if (isOffline()) {
    throw new SetupError(
      'The Python libraries of the tests are not here, and INGLENOOK_OFFLINE=1 forbids to fetch them.',
    );
  }
  const python =
    (await findPython()) ?? ((await installWithApt(['python3', 'python3-venv'])) ? await findPython() : null);
  if (python === null) throw new SetupError(missing);
  say('Setting up: Python libraries for the tests.');
  await rm(venv.folder, { recursive: true, force: true });
  await mustRun(python, ['-m', 'venv', venv.folder]);
  // Only wheels: nothing is built here, and no package runs a script while it is installed.
  const pip = ['-m', 'pip', 'install', '--disable-pip-version-check', '--quiet', '--no-compile'];
  const options = ['--require-hashes', '--only-binary=:all:', '--timeout', '15', '--retries', '2'];
  await mustRun([interpreter(venv)], [...pip, ...options, '-r', venv.listFile]);
  // Written last: a folder without it is one that was never finished.
  await writeFile(doneFile(venv), venv.list);
}

/** @param {Venv} venv */
async function isMade(venv) {
  const done = await readFile(doneFile(venv), 'utf8').catch(() => null);
  // The system's Python may have been replaced since; then the links in the folder lead nowhere.
  return done === venv.list && (await run(interpreter(venv), ['--version'])).code === 0;
}

/** @param {Venv} venv */
function doneFile({ folder }) {
  return join(folder, 'inglenook-requirements.txt');
}

/** @param {Venv} venv */
function interpreter({ folder }) {
  return process.platform === 'win32' ? join(folder, 'Scripts', 'python.exe') : join(folder, 'bin', 'python');
}

/** @returns {Promise<readonly string[] | null>} a Python that is new enough and can make a venv with pip in it */
async function findPython() {
  const check = 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 10))';
  for (const candidate of [['python3'], ['python'], ['py', '-3']]) {
    const [program = '', ...args] = candidate;
    if ((await run(program, [...args, '-c', check])).code === 0) return candidate;
  }
  return null;
}

/**
 * @param {readonly string[]} command
 * @param {readonly string[]} args
 */
async function mustRun([program = '', ...before], args) {
  const { code, output } = await run(program, [...before, ...args]);
  if (code === 0) return;
  throw new SetupError(`Setting up Python for the tests failed:\n${output.trim()}`);
}
