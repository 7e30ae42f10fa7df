// npm run shots [-- NAME …]: the README's pictures, docs/images/*.webp, of the real server and console with demonstration
// data; all of them, or those named.
import { failWith, inRoot } from './lib/project.mjs';
import { supervise } from './lib/supervise.mjs';
import { setUpForTests } from './setup.mjs';

/** With it this file runs a second time, under the project's own Node, which reads TypeScript. */
const takeFlag = '--take';

try {
  if (process.argv.includes(takeFlag)) {
    const { takePictures } = await import('../test/browser/pictures/take-pictures.ts');
    const names = process.argv.slice(2).filter((argument) => argument !== takeFlag);
    await takePictures(inRoot('docs', 'images'), names);
    process.disconnect?.();
  } else {
    const { node, chromium } = await setUpForTests();
    process.env['INGLENOOK_CHROMIUM'] = chromium;
    process.exitCode = await supervise(node, [
      inRoot('scripts', 'shots.mjs'),
      takeFlag,
      ...process.argv.slice(2),
    ]);
  }
} catch (error) {
  failWith(error);
}
