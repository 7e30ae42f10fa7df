// npm run test:ollama: the real Ollama with the starter model. Builds it from its Go module the first time, which takes a
// quarter of an hour, unless INGLENOOK_TEST_OLLAMA names a program that is here; that is why it is no part of npm test.
import { vitestArgs } from './lib/check-steps.mjs';
import { ensureOllama } from './lib/ollama-program.mjs';
import { endChildrenOnSignal } from './lib/process.mjs';
import { failWith } from './lib/project.mjs';
import { fetchStarterModel, hasStarterModel } from './lib/starter-model.mjs';
import { runSteps } from './lib/steps.mjs';
import { setUp } from './setup.mjs';

try {
  const node = await setUp({ needsConsole: false });
  endChildrenOnSignal();
  if (!hasStarterModel()) await fetchStarterModel({ isRequired: true });
  process.env['INGLENOOK_TEST_OLLAMA'] = await ensureOllama();
  const isGood = await runSteps(node, [{ name: 'tests of the real Ollama', args: vitestArgs('ollama') }]);
  process.exitCode = isGood ? 0 : 1;
} catch (error) {
  failWith(error);
}
