import { realpathSync } from 'node:fs';
import { run } from './process.mjs';
import { root, say } from './project.mjs';

/**
 * Points git to the tracked hooks, in a checkout of our own only (not inside somebody else's repository), and never
 * over hooks that the person has set. Says so and goes on when git will not.
 */
export async function useTrackedHooks() {
  const top = await run('git', ['rev-parse', '--show-toplevel']);
  if (top.code !== 0 || realpathSync(top.output.trim()) !== realpathSync(root)) return;
  const present = await run('git', ['config', '--get', 'core.hooksPath']);
  if (present.output.trim() !== '') return;
  const { code, output } = await run('git', ['config', 'core.hooksPath', '.githooks']);
  if (code !== 0) say(`git hooks were not set up: ${output.trim()}`);
}
