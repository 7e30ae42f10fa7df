// npm run build: dist/server (runs under plain Node), dist/electron and dist/renderer.
import { cpSync, renameSync, rmSync } from 'node:fs';
import { extname, join } from 'node:path';
import { tool } from './lib/check-steps.mjs';
import { buildConsole, isConsoleBuilt } from './lib/console-build.mjs';
import { filesUnder } from './lib/files.mjs';
import { endChildrenOnSignal, run } from './lib/process.mjs';
import { failWith, inRoot, say, SetupError } from './lib/project.mjs';
import { setUp } from './setup.mjs';

try {
  const node = await setUp({ needsConsole: false });
  endChildrenOnSignal();
  await Promise.all([compile(node), isConsoleBuilt() ? null : buildConsole(node)]);
  say('Built: dist/server/main.js, dist/electron/main.js, dist/renderer/.');
} catch (error) {
  failWith(error);
}

/**
 * The compiler removes nothing, so old files would outlive their sources: it writes into a folder of its own.
 * @param {string} node
 */
async function compile(node) {
  const fresh = inRoot('dist', 'code.new');
  rmSync(fresh, { recursive: true, force: true });
  const compiler = [
    tool('typescript/bin/tsc'),
    '-p',
    inRoot('scripts', 'tsconfig.build.json'),
    '--outDir',
    fresh,
  ];
  const { code, output } = await run(node, compiler);
  if (code !== 0) throw new SetupError(`The server could not be compiled:\n${output.trim()}`);
  copyData(inRoot('server'), join(fresh, 'server'));
  for (const name of ['server', 'electron']) {
    rmSync(inRoot('dist', name), { recursive: true, force: true });
    renameSync(join(fresh, name), inRoot('dist', name));
  }
  rmSync(fresh, { recursive: true, force: true });
}

/**
 * Migrations and whatever else lies beside the code that reads it.
 * @param {string} from
 * @param {string} to
 */
function copyData(from, to) {
  for (const file of filesUnder(from)) {
    if (extname(file) !== '.ts') cpSync(join(from, file), join(to, file));
  }
}
