import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { installWithApt } from './apt.mjs';
import { run } from './process.mjs';
import { cacheFolder, isOffline, say, SetupError } from './project.mjs';
import { holdingSetUpLock } from './set-up-lock.mjs';

/** The vendor's own library, which the Python snippets of the Connect page are run with. */
const requirements = ['openai==3.54.0'];
const folder = join(cacheFolder, 'python-venv');
const doneFile = join(folder, 'inglenook-requirements.txt');

const missing =
  'The tests run Python programs as users do, and need Python 3.10 or newer with its venv module. Install it ' +
  '(Debian and Ubuntu: apt-get install python3 python3-venv) and run the same command again.';

/**
 * A Python of our own with the libraries the tests use, made once and kept in `.cache/`.
 * @returns {Promise<string>} path of its interpreter
 * @throws {SetupError}
 */
export async function ensurePythonVenv() {
  if (await isMade()) return interpreter();
  return holdingSetUpLock(async () => {
    if (!(await isMade())) await make();
    return interpreter();
  });
}

async function make() {
  if (isOffline()) {
    throw new SetupError(
      'The Python libraries of the tests are not here, and INGLENOOK_OFFLINE=1 forbids to fetch them.',
    );
  }
  const python =
    (await findPython()) ?? ((await installWithApt(['python3', 'python3-venv'])) ? await findPython() : null);
  if (python === null) throw new SetupError(missing);
  say('Setting up: Python libraries for the tests.');
  await rm(folder, { recursive: true, force: true });
  await mustRun(python, ['-m', 'venv', folder]);
  const pip = [
    '-m',
    'pip',
    'install',
    '--disable-pip-version-check',
    '--quiet',
    '--timeout',
    '15',
    '--retries',
    '2',
  ];
  await mustRun([interpreter()], [...pip, ...requirements]);
  // Written last: a folder without it is one that was never finished.
  await writeFile(doneFile, requirements.join('\n'));
}

async function isMade() {
  const done = await readFile(doneFile, 'utf8').catch(() => null);
  // The system's Python may have been replaced since; then the links in the folder lead nowhere.
  return done === requirements.join('\n') && (await run(interpreter(), ['--version'])).code === 0;
}

function interpreter() {
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
