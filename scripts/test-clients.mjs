// npm run test:clients: Continue, Codex and OpenCode for real, headless. Fetches half a gigabyte the first time, which
// is why it is no part of npm test.
import { vitestArgs } from './lib/check-steps.mjs';
import { ensureClientPackages } from './lib/client-packages.mjs';
import { endChildrenOnSignal } from './lib/process.mjs';
import { failWith } from './lib/project.mjs';
import { runSteps } from './lib/steps.mjs';
import { setUp } from './setup.mjs';

try {
  const node = await setUp({ needsModel: true });
  endChildrenOnSignal();
  await ensureClientPackages();
  const isGood = await runSteps(node, [{ name: 'tests of real clients', args: vitestArgs('clients') }]);
  process.exitCode = isGood ? 0 : 1;
} catch (error) {
  failWith(error);
}
