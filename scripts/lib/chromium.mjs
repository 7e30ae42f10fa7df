import { existsSync } from 'node:fs';
import { installWithApt } from './apt.mjs';
import { run } from './process.mjs';
import { inRoot, isOffline, say, SetupError } from './project.mjs';

const installed = [
  // Debian's Chromium without what a window needs: it starts sooner and asks less of the computer.
  'chromium-headless-shell',
  'chromium',
  'chromium-browser',
  'google-chrome',
  'google-chrome-stable',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
  'C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe',
  'C:\\Program Files (x86)\\Microsoft\\Edge\\Application\\msedge.exe',
];

/**
 * A Chromium for the tests of the console: the one named by INGLENOOK_CHROMIUM, the system's, Debian's package
 * where this may be installed, else the one playwright-core brings.
 * @param {string} node
 * @returns {Promise<string>} its path
 * @throws {SetupError}
 */
export async function ensureChromium(node) {
  const named = process.env['INGLENOOK_CHROMIUM'];
  if (named !== undefined) {
    if (await starts(named)) return named;
    throw new SetupError(`INGLENOOK_CHROMIUM names ${named}, which does not start. Correct it or unset it.`);
  }
  const present = (await firstThatStarts(installed)) ?? (await playwrightChromium(node));
  if (present !== null) return present;
  if (isOffline()) throw new SetupError(`${missing} INGLENOOK_OFFLINE=1 is set, so none was fetched.`);
  const fetched =
    ((await installPackage()) ? await firstThatStarts(installed) : null) ??
    (await installWithPlaywright(node));
  if (fetched !== null) return fetched;
  throw new SetupError(missing);
}

const missing =
  'The tests of the console need Chromium, and none could be found or installed. Install Chromium or Chrome and ' +
  'run the same command again, or name one with INGLENOOK_CHROMIUM=/path/to/chromium.';

/** Older systems have only the whole of it. */
async function installPackage() {
  return (await installWithApt(['chromium-headless-shell'])) || (await installWithApt(['chromium']));
}

/** @param {readonly string[]} candidates */
async function firstThatStarts(candidates) {
  for (const candidate of candidates) {
    if (await starts(candidate)) return candidate;
  }
  return null;
}

/**
 * Ubuntu's `chromium-browser` may be a mere pointer to a snap; only one that answers counts.
 * @param {string} program
 */
async function starts(program) {
  // Chrome for Windows has no --version; there its file must do.
  if (process.platform === 'win32') return existsSync(program);
  return (await run(program, ['--version'])).code === 0;
}

/** @param {string} node */
async function installWithPlaywright(node) {
  say('Setting up: installing Chromium with playwright-core.');
  const { code, output } = await run(node, [
    inRoot('node_modules', 'playwright-core', 'cli.js'),
    'install',
    'chromium',
  ]);
  if (code !== 0) say(output.trim());
  return playwrightChromium(node);
}

/** @param {string} node */
async function playwrightChromium(node) {
  const ask = `import { chromium } from 'playwright-core'; process.stdout.write(chromium.executablePath());`;
  const { code, output } = await run(node, ['--input-type=module', '--eval', ask]);
  return code === 0 && existsSync(output) && (await starts(output)) ? output : null;
}
