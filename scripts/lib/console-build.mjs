import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { consoleSizes, oversize } from './console-size.mjs';
import { filesUnder } from './files.mjs';
import { run } from './process.mjs';
import { inRoot, say, SetupError } from './project.mjs';

const built = inRoot('dist', 'renderer');
const stampFile = join(built, '.stamp');

/** Whether `dist/renderer` was made from what the console's sources are now. */
export function isConsoleBuilt() {
  return existsSync(stampFile) && readFileSync(stampFile, 'utf8') === sourceHash();
}

/**
 * Builds the console beside the old one and exchanges them at the end, so that a failed build leaves a console.
 * @param {string} node
 * @throws {SetupError} with the build's own output, or telling what has become too large for its limit
 */
export async function buildConsole(node) {
  say('Setting up: building the console.');
  const stamp = sourceHash();
  const fresh = `${built}.new`;
  const vite = inRoot('node_modules', 'vite', 'bin', 'vite.js');
  const options = ['--outDir', fresh, '--logLevel', 'warn'];
  for (const words of [
    ['renderer', '--config', 'renderer/vite.config.ts', '--emptyOutDir', ...options],
    // The tool that the server hands to teammates lies beside it.
    ['--config', 'scripts/connect-tool.vite.config.ts', ...options],
  ]) {
    const { code, output } = await run(node, [vite, 'build', ...words]);
    if (code !== 0) throw new SetupError(`The console could not be built:\n${output.trim()}`);
  }
  const tooLarge = oversize(consoleSizes(fresh));
  if (tooLarge.length > 0) throw new SetupError(`The console was not exchanged.\n${tooLarge.join('\n')}`);
  await writeFile(join(fresh, '.stamp'), stamp);
  await rm(built, { recursive: true, force: true });
  await rename(fresh, built);
}

/** Everything the build reads: the console, the teammates' tool, what they share with the server, and the packages' versions. */
function sourceHash() {
  const hash = createHash('sha256').update(readFileSync(inRoot('package-lock.json')));
  for (const folder of [inRoot('renderer'), inRoot('server', 'connect-tool'), inRoot('server', 'wire')]) {
    for (const file of filesUnder(folder)) {
      hash.update(`\0${file.replaceAll('\\', '/')}\0`).update(readFileSync(join(folder, file)));
    }
  }
  return `${hash.digest('hex')}\n`;
}
