// npm run test:clients: the tools of the Connect page that exist as packages, for real, headless. Fetches two gigabytes
// the first time, which is why it is no part of npm test.
import { vitestArgs } from './lib/check-steps.mjs';
import { ensureClientPackages } from './lib/client-packages.mjs';
import { endChildrenOnSignal } from './lib/process.mjs';
import { failWith } from './lib/project.mjs';
import { ensurePythonVenv } from './lib/python-venv.mjs';
import { runSteps } from './lib/steps.mjs';
import { setUp } from './setup.mjs';

try {
  const node = await setUp({ needsModel: true });
  endChildrenOnSignal();
  await ensureClientPackages();
  await ensurePythonVenv('requirements');
  await ensurePythonVenv('aider');
  await ensurePythonVenv('open-webui');
  const isGood = await runSteps(node, [{ name: 'tests of real clients', args: vitestArgs('clients') }]);
  process.exitCode = isGood ? 0 : 1;
} catch (error) {
  failWith(error);
}
