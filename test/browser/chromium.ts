import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { chromium, type Browser } from 'playwright-core';

/** Where systems keep a Chromium; `npm test` names the one it found or installed by INGLENOOK_CHROMIUM. */
const usualPlaces = [
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  'C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe',
];

const flags = [
  // The tests run as root in containers, where Chromium's sandbox cannot; they open only our own pages.
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

type Launch = {
  readonly args?: readonly string[];
  readonly env?: Readonly<Record<string, string | undefined>>;
};

/** A headless Chromium for the console's tests and pictures. */
export async function launchChromium({ args = [], env }: Launch = {}): Promise<Browser> {
  const named = process.env['INGLENOOK_CHROMIUM'];
  const executablePath = named === undefined ? usualPlaces.find((path) => existsSync(path)) : whole(named);
  if (executablePath === undefined) {
    throw new Error('No Chromium was found. Run npm test, or name one with INGLENOOK_CHROMIUM.');
  }
  return chromium.launch({
    executablePath,
    headless: true,
    args: [...flags, ...args],
    ...(env === undefined ? {} : { env }),
  });
}

/** `chromium` alone is a name to be looked up in PATH; Playwright wants the whole path. */
function whole(name: string): string {
  if (/[\\/]/.test(name)) return name;
  const places = (process.env['PATH'] ?? '').split(delimiter).map((folder) => join(folder, name));
  return places.find((path) => existsSync(path)) ?? name;
}
