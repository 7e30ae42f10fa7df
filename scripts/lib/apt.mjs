import { existsSync } from 'node:fs';
import { mkdir, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { run } from './process.mjs';
import { isOffline, say } from './project.mjs';

const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
/** What Debian asks before a package starts its service; 101 forbids it (invoke-rc.d(8), deb-systemd-invoke(1p)). */
const policyFile = '/usr/sbin/policy-rc.d';

/**
 * Installs Debian packages where that may be done: as root, with apt-get, and online. Services in them are not started:
 * only tests want them, and start them for themselves.
 * @param {readonly string[]} packages
 * @returns {Promise<boolean>} whether they are there now
 */
export async function installWithApt(packages) {
  if (!mayUseApt()) return false;
  say(`Setting up: installing ${packages.join(', ')} with apt-get.`);
  await run('apt-get', ['update', '-q'], { env });
  const isOurPolicy = await forbidServices();
  try {
    const install = ['install', '-y', '-q', '--no-install-recommends', ...packages];
    return (await run('apt-get', install, { env })).code === 0;
  } finally {
    if (isOurPolicy) await rm(policyFile, { force: true });
  }
}

/**
 * Fetches Debian packages and only unpacks them below `folder`: nothing is installed, started or enabled. For programs
 * that need nothing but common libraries. Either all of them are there afterwards, or none.
 * @param {readonly string[]} packages
 * @param {string} folder
 * @returns {Promise<boolean>} whether they are there now
 */
export async function unpackWithApt(packages, folder) {
  if (!mayUseApt()) return false;
  say(`Setting up: fetching ${packages.join(', ')} with apt-get.`);
  const unfinished = `${folder}.unfinished`;
  await rm(unfinished, { recursive: true, force: true });
  await mkdir(join(unfinished, 'root'), { recursive: true });
  await run('apt-get', ['update', '-q'], { env });
  const fetched = await run('apt-get', ['download', '-q', ...packages], { env, cwd: unfinished });
  let isWhole = fetched.code === 0;
  for (const file of await readdir(unfinished)) {
    if (!file.endsWith('.deb')) continue;
    const { code } = await run('dpkg-deb', ['--extract', join(unfinished, file), join(unfinished, 'root')]);
    isWhole &&= code === 0;
  }
  if (isWhole) {
    await rm(folder, { recursive: true, force: true });
    await rename(join(unfinished, 'root'), folder);
  }
  await rm(unfinished, { recursive: true, force: true });
  return isWhole;
}

function mayUseApt() {
  return process.getuid?.() === 0 && !isOffline() && existsSync('/usr/bin/apt-get');
}

/** @returns {Promise<boolean>} false where the computer has a policy of its own, which stays */
async function forbidServices() {
  try {
    await writeFile(policyFile, '#!/bin/sh\nexit 101\n', { mode: 0o755, flag: 'wx' });
    return true;
  } catch {
    return false;
  }
}
