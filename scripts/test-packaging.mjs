// npm run test:packaging: what installers and npm's package hold, and whether what was packed serves. Part of npm test.
import { vitestArgs } from './lib/check-steps.mjs';
import { endChildrenOnSignal, run } from './lib/process.mjs';
import { failWith, inRoot, SetupError } from './lib/project.mjs';
import { setUp } from './setup.mjs';

try {
  const node = await setUp({ needsModel: true });
  endChildrenOnSignal();
  const built = await run(node, [inRoot('scripts', 'build.mjs')]);
  if (built.code !== 0) throw new SetupError(built.output.trim());
  process.exitCode = (await run(node, vitestArgs('packaging'), { show: true })).code;
} catch (error) {
  failWith(error);
}
