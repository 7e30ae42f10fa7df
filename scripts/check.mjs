import { checkSteps, fixSteps } from './lib/check-steps.mjs';
import { endChildrenOnSignal } from './lib/process.mjs';
import { failWith } from './lib/project.mjs';
import { runSteps } from './lib/steps.mjs';
import { setUp } from './setup.mjs';

try {
  const node = await setUp({ needsConsole: false });
  endChildrenOnSignal();
  const isFixing = process.argv.includes('--fix');
  const isGood = await (isFixing ? runSteps(node, fixSteps, { together: 1 }) : runSteps(node, checkSteps));
  process.exitCode = isGood ? 0 : 1;
} catch (error) {
  failWith(error);
}
