// npm run shots: the README's pictures, docs/images/*.webp, of the real server and console with demonstration data.
import { failWith, inRoot } from './lib/project.mjs';
import { supervise } from './lib/supervise.mjs';
import { setUpForTests } from './setup.mjs';

/** With it this file runs a second time, under the project's own Node, which reads TypeScript. */
const takeFlag = '--take';

try {
  if (process.argv.includes(takeFlag)) {
    const { takePictures } = await import('../test/browser/pictures/take-pictures.ts');
    await takePictures(inRoot('docs', 'images'));
    process.disconnect?.();
  } else {
    const { node, chromium } = await setUpForTests();
    process.env['INGLENOOK_CHROMIUM'] = chromium;
    process.exitCode = await supervise(node, [inRoot('scripts', 'shots.mjs'), takeFlag]);
  }
} catch (error) {
  failWith(error);
}
