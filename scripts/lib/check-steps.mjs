import { inRoot } from './project.mjs';

/** @typedef {import('./steps.mjs').Step} Step */

/**
 * A tool by its file, since node_modules/.bin holds shell scripts on Windows.
 * @param {string} path inside node_modules
 */
export function tool(path) {
  return inRoot('node_modules', ...path.split('/'));
}

const vitest = tool('vitest/vitest.mjs');

/**
 * The reporter prints what failed and nothing else, since that is what somebody reads of a log.
 * @param {'unit' | 'slow' | 'model' | 'python' | 'clients' | 'ollama' | 'packaging' | 'browser'} project
 */
export function vitestArgs(project) {
  return [vitest, 'run', '--config', 'test/vitest.config.ts', '--reporter', 'agent', '--project', project];
}

/**
 * What `npm run check` holds the code to; the longest first, so that two processors are done together.
 * @type {readonly Step[]}
 */
export const checkSteps = [
  { name: 'unit tests, layers', args: vitestArgs('unit') },
  { name: 'lint', args: [tool('oxlint/bin/oxlint'), '--type-aware', '--deny-warnings'] },
  {
    name: 'types: server, electron, tests, scripts',
    args: [tool('typescript/bin/tsc'), '-p', 'tsconfig.json'],
  },
  { name: 'types: console', args: [tool('typescript/bin/tsc'), '-p', 'renderer/tsconfig.json'] },
  { name: 'dead code', args: [tool('knip/bin/knip.js'), '--no-progress'] },
  { name: 'format', args: [tool('oxfmt/bin/oxfmt'), '--check'] },
];

/** One after the other: both change files. */
export const fixSteps = [
  { name: 'lint --fix', args: [tool('oxlint/bin/oxlint'), '--type-aware', '--deny-warnings', '--fix'] },
  { name: 'format', args: [tool('oxfmt/bin/oxfmt')] },
];
