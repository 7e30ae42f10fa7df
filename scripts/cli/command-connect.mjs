import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { inRoot } from '../lib/project.mjs';
import { Refused } from './failures.mjs';

/** @type {Record<string, import('./commands.mjs').Command>} */
export const connectCommands = {
  connect: {
    summary: 'Set up the AI tools of this computer for an Inglenook of the office; undo takes it back.',
    shape: { arguments: ['[ADDRESS|undo]'], flags: { tools: 'A,B', yes: '', 'dry-run': '' } },
    run: () => runTool([]),
    runWords: runTool,
  },
};

/**
 * The very file that the server hands to teammates, which reads its words by itself.
 * @param {string[]} words
 * @returns {Promise<number>}
 */
async function runTool(words) {
  const tool = inRoot('dist', 'renderer', 'connect.mjs');
  if (!existsSync(tool)) {
    throw new Refused('This tool has not been built yet. Run npm run build, or npm start once.');
  }
  const child = spawn(process.execPath, [tool, ...words], { stdio: 'inherit' });
  const [code] = /** @type {[number | null]} */ (await once(child, 'exit'));
  return code ?? 1;
}
