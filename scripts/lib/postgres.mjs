import { existsSync, readdirSync } from 'node:fs';
import { installWithApt } from './apt.mjs';

/** Where Debian puts each version's programs. */
const debianRoot = '/usr/lib/postgresql';

/**
 * Installs PostgreSQL for the tests where that may be done. Elsewhere they look for it on the PATH, and say so when it is
 * not there.
 */
export async function ensurePostgres() {
  if (process.platform !== 'linux' || hasPostgres()) return;
  await installWithApt(['postgresql']);
}

function hasPostgres() {
  if (!existsSync(debianRoot)) return false;
  return readdirSync(debianRoot).some((version) => existsSync(`${debianRoot}/${version}/bin/initdb`));
}
