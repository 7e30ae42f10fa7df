import { existsSync } from 'node:fs';
import { run } from './process.mjs';
import { isOffline, say } from './project.mjs';

/**
 * Installs Debian packages where that may be done: as root, with apt-get, and online.
 * @param {readonly string[]} packages
 * @returns {Promise<boolean>} whether they are there now
 */
export async function installWithApt(packages) {
  const isRoot = process.getuid?.() === 0;
  if (!isRoot || isOffline() || !existsSync('/usr/bin/apt-get')) return false;
  say(`Setting up: installing ${packages.join(', ')} with apt-get.`);
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  await run('apt-get', ['update', '-q'], { env });
  const { code } = await run('apt-get', ['install', '-y', '-q', '--no-install-recommends', ...packages], {
    env,
  });
  return code === 0;
}
