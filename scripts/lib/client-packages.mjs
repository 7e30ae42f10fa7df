import { ensureExtraPackages } from './extra-packages.mjs';

/** The programs of test/clients (two gigabytes). */
export async function ensureClientPackages() {
  await ensureExtraPackages({
    name: 'clients',
    what: 'the clients that are tested (Continue, Cline, Claude Code, Codex, OpenCode, Kilo, Goose)',
    duration: 'a minute',
    // Not `npm ci`: OpenCode names a package for each kind of computer, and the lock file can only hold those that the
    // registry it was made with has. `install` keeps to the lock file and takes the same version of the others.
    command: 'install',
  });
}
