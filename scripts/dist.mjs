// npm run dist: builds, then makes this system's installers in release/, with their sizes and checksums.
// --edition standard|cuda answers the one question; whatever else is given goes to electron-builder.
import { createInterface } from 'node:readline/promises';
import { endChildrenOnSignal, run } from './lib/process.mjs';
import { tool } from './lib/check-steps.mjs';
import { describeInstallers, writeChecksums } from './lib/dist-files.mjs';
import { builderArguments, builderEnvironment, isSigned, takeEdition } from './lib/dist-target.mjs';
import { failWith, inRoot, say, SetupError } from './lib/project.mjs';
import { setUp } from './setup.mjs';

try {
  const { edition: asked, rest } = takeEdition(process.argv.slice(2));
  const node = await setUp({ needsModel: true });
  const edition = asked ?? (await askEdition());
  endChildrenOnSignal();
  const built = await run(node, [inRoot('scripts', 'build.mjs')]);
  if (built.code !== 0) throw new SetupError(built.output.trim());
  const builder = [tool('electron-builder/cli.js'), ...builderArguments(edition), ...rest];
  const env = { ...process.env, ...builderEnvironment(edition) };
  const startMs = Date.now();
  const { code } = await run(node, builder, { env, show: true });
  if (code !== 0) {
    throw new SetupError(
      'The installers were not made; electron-builder’s own words are above. It fetches Electron and its tools from ' +
        'the internet the first time. Without them, `npm run dist -- --dir` may still pack a plain folder.',
    );
  }
  await report(startMs);
} catch (error) {
  failWith(error);
}

/**
 * The one question. A wrong answer costs speed or disk, nothing else: either edition runs everywhere, and says at its first
 * start if the other would be better.
 * @returns {Promise<import('./lib/dist-target.mjs').Edition>}
 */
async function askEdition() {
  if (process.platform === 'darwin') return 'standard';
  if (!process.stdin.isTTY) {
    say('Making the Standard edition; --edition cuda makes the one for NVIDIA cards.');
    return 'standard';
  }
  const line = createInterface({ input: process.stdin, output: process.stderr });
  try {
    const answer = await line.question(
      'Is it for computers with an NVIDIA card? The CUDA edition is faster there, and some 350 MB larger. [y/N] ',
    );
    return /^(?:y|yes|j|ja)$/iu.test(answer.trim()) ? 'cuda' : 'standard';
  } finally {
    line.close();
  }
}

/** @param {number} sinceMs */
async function report(sinceMs) {
  const installers = await describeInstallers(inRoot('release'), sinceMs);
  if (installers.length === 0) return say('Packed into release/; no installer was asked for.');
  await writeChecksums(inRoot('release'));
  say('\nMade in release/:');
  for (const { name, sizeBytes } of installers)
    say(`  ${(sizeBytes / 1e6).toFixed(0).padStart(5)} MB  ${name}`);
  say('Their SHA-256 is in release/SHA256SUMS.txt.');
  if (!isSigned()) {
    say(
      'They are not signed: Windows and macOS warn whoever opens them. README, “Installers”, shows the warnings and how to sign.',
    );
  }
}
