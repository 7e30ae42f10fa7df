// npm test: sets up everything, then proves everything. Long parts come after the quick ones.
import { checkSteps, vitestArgs } from './lib/check-steps.mjs';
import { endChildrenOnSignal } from './lib/process.mjs';
import { failWith, inRoot, say } from './lib/project.mjs';
import { ensurePythonVenvs } from './lib/python-venv.mjs';
import { runSteps } from './lib/steps.mjs';
import { setUpForTests } from './setup.mjs';

try {
  const startMs = performance.now();
  const { node, chromium } = await setUpForTests();
  endChildrenOnSignal();
  await ensurePythonVenvs();
  const env = { INGLENOOK_CHROMIUM: chromium };
  const isCheckGood = await runSteps(node, checkSteps);
  // They start what the build has made; those that fill the machine have it to themselves.
  const isRestGood = [
    await runSteps(
      node,
      [
        { name: 'build', args: [inRoot('scripts', 'build.mjs')] },
        { name: 'slow unit tests', args: vitestArgs('slow') },
        { name: 'tests with the starter model', args: vitestArgs('model'), env },
      ],
      { together: 1 },
    ),
    await runSteps(node, [
      { name: 'tests of the Python libraries', args: vitestArgs('python') },
      { name: 'tests of the installers', args: vitestArgs('packaging') },
    ]),
    await runSteps(node, [{ name: 'tests in Chromium', args: vitestArgs('browser'), env }]),
  ].every(Boolean);
  const isGood = isCheckGood && isRestGood;
  say(
    `${isGood ? 'All good' : 'FAILED: see above'} (${((performance.now() - startMs) / 60_000).toFixed(1)} min)`,
  );
  process.exitCode = isGood ? 0 : 1;
} catch (error) {
  failWith(error);
}
