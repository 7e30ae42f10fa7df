// npm run dist: builds, then makes this system's installers in release/. Arguments go to electron-builder.
import { endChildrenOnSignal, run } from './lib/process.mjs';
import { tool } from './lib/check-steps.mjs';
import { failWith, inRoot, SetupError } from './lib/project.mjs';
import { setUp } from './setup.mjs';

try {
  const node = await setUp({ needsModel: true });
  endChildrenOnSignal();
  const built = await run(node, [inRoot('scripts', 'build.mjs')]);
  if (built.code !== 0) throw new SetupError(built.output.trim());
  // Nothing is published: installers are handed on by the person who made them.
  const builder = [tool('electron-builder/cli.js'), '--config', 'electron-builder.yml', '--publish', 'never'];
  const { code } = await run(node, [...builder, ...process.argv.slice(2)], { show: true });
  if (code !== 0) {
    throw new SetupError(
      'The installers were not made; electron-builder’s own words are above. It fetches Electron and its tools from ' +
        'the internet the first time. Without them, `npm run dist -- --dir` may still pack a plain folder.',
    );
  }
} catch (error) {
  failWith(error);
}
