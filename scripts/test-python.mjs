// npm run test:python: the libraries of Python against the running server; a part of npm test.
import { vitestArgs } from './lib/check-steps.mjs';
import { endChildrenOnSignal } from './lib/process.mjs';
import { failWith } from './lib/project.mjs';
import { ensurePythonVenvs } from './lib/python-venv.mjs';
import { runSteps } from './lib/steps.mjs';
import { setUp } from './setup.mjs';

try {
  const node = await setUp({ needsModel: true });
  endChildrenOnSignal();
  await ensurePythonVenvs();
  const isGood = await runSteps(node, [
    { name: 'tests of the Python libraries', args: vitestArgs('python') },
  ]);
  process.exitCode = isGood ? 0 : 1;
} catch (error) {
  failWith(error);
}
