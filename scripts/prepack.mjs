// npm runs this before `npm pack`: the package holds what was built, and the starter model, so that it serves at once.
import { endChildrenOnSignal, run } from './lib/process.mjs';
import { failWith, inRoot, SetupError } from './lib/project.mjs';
import { setUp } from './setup.mjs';

try {
  const node = await setUp({ needsModel: true });
  endChildrenOnSignal();
  const { code, output } = await run(node, [inRoot('scripts', 'build.mjs')]);
  if (code !== 0) throw new SetupError(output.trim());
} catch (error) {
  failWith(error);
}
