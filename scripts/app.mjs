// npm run app: builds, then opens the window. The first time, the electron package fetches its program.
import { endChildrenOnSignal, run } from './lib/process.mjs';
import { tool } from './lib/check-steps.mjs';
import { failWith, inRoot, isOffline, say, SetupError } from './lib/project.mjs';
import { supervise } from './lib/supervise.mjs';
import { setUp } from './setup.mjs';

try {
  const node = await setUp();
  const ignoreSignals = endChildrenOnSignal();
  const built = await run(node, [inRoot('scripts', 'build.mjs')]);
  if (built.code !== 0) throw new SetupError(built.output.trim());
  if (!(await hasElectron(node))) await fetchElectron(node);
  ignoreSignals();
  process.exitCode = await supervise(node, [tool('electron/cli.js'), inRoot(), ...process.argv.slice(2)]);
} catch (error) {
  failWith(error);
}

/**
 * The package's own index tells where its program is, and would fetch it unasked; its note of the place does not.
 * @param {string} node
 */
async function hasElectron(node) {
  const look = `const fs = require('node:fs'), path = require('node:path');
    const folder = path.dirname(require.resolve('electron/package.json'));
    const at = process.env.ELECTRON_OVERRIDE_DIST_PATH ?? path.join(folder, 'dist');
    process.exit(fs.existsSync(path.join(folder, 'path.txt')) && fs.existsSync(at) ? 0 : 1);`;
  return (await run(node, ['--input-type=commonjs', '--eval', look])).code === 0;
}

/** @param {string} node */
async function fetchElectron(node) {
  const instead = 'The console works without it in any browser: npm start, then open the address it prints.';
  if (isOffline()) {
    throw new SetupError(
      `The window needs Electron’s program, and INGLENOOK_OFFLINE=1 forbids fetching it.\n${instead}`,
    );
  }
  say('Setting up: fetching Electron’s program (about 110 MB).');
  const { code } = await run(node, [tool('electron/install.js')], { show: true });
  if (code !== 0)
    throw new SetupError(`Electron’s program could not be fetched; its own words are above.\n${instead}`);
}
