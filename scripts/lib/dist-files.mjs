import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readdir, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** What people are given. */
const isInstaller = /\.(?:deb|AppImage|exe|dmg|zip|tgz)$/u;

/**
 * @param {string} folder
 * @param {number} [sinceMs] those that were made since then
 * @returns {Promise<{ name: string, sizeBytes: number }[]>} by name
 */
export async function describeInstallers(folder, sinceMs = 0) {
  const found = [];
  for (const name of (await readdir(folder)).toSorted()) {
    const { size, mtimeMs } = await stat(join(folder, name));
    // Some file systems keep whole seconds.
    if (isInstaller.test(name) && mtimeMs >= sinceMs - 2000) found.push({ name, sizeBytes: size });
  }
  return found;
}

/**
 * `SHA256SUMS.txt` of all that lies there, as `sha256sum --check` reads it.
 * @param {string} folder
 */
export async function writeChecksums(folder) {
  const lines = [];
  for (const { name } of await describeInstallers(folder)) {
    lines.push(`${await sha256Of(join(folder, name))}  ${name}\n`);
  }
  await writeFile(join(folder, 'SHA256SUMS.txt'), lines.join(''));
}

/** @param {string} file */
export async function sha256Of(file) {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(file)) hash.update(chunk);
  return hash.digest('hex');
}
