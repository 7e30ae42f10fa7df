import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { Writable } from 'node:stream';
import type { Browser, Page } from 'playwright-core';
import { compose } from '../../../server/compose.ts';
import { systemClock } from '../../../server/core/clock.ts';
import { launchChromium } from '../chromium.ts';
import { createDemoEngine, picturedNowMs, seedOffice, startTwoAnswers } from './demo-data.ts';

const rootDir = resolve(import.meta.dirname, '..', '..', '..');
const password = 'only for the pictures';
/** So that the address in the pictures is the usual one where that port is free. */
const usualPort = 11_500;
const webpQuality = 82;

type Picture = {
  readonly name: string;
  readonly path: string;
  readonly prepare?: (page: Page) => Promise<void>;
};

const pictures: readonly Picture[] = [
  { name: 'home', path: '/console/' },
  { name: 'models', path: '/console/models' },
  { name: 'keys', path: '/console/keys' },
  { name: 'log', path: '/console/log' },
  {
    name: 'request',
    path: '/console/log',
    prepare: async (page) => {
      await page
        .getByRole('button', { name: /show details/ })
        .nth(2)
        .click();
      await page.getByRole('dialog').waitFor();
    },
  },
];

/** Writes each picture in light and dark, as `NAME-light.webp` and `NAME-dark.webp`. */
export async function takePictures(outDir: string): Promise<void> {
  const dataDir = await mkdtemp(join(tmpdir(), 'inglenook-pictures-'));
  const { key } = seedOffice(dataDir);
  const server = await startServer(dataDir, usualPort).catch(() => startServer(dataDir, 0));
  const browser = await launchChromium();
  try {
    await mkdir(outDir, { recursive: true });
    await startTwoAnswers(server.address, key);
    const page = await signIn(browser, server.setupLink ?? '');
    for (const picture of pictures) {
      await page.goto(`${server.address}${picture.path}`);
      await settle(page);
      await picture.prepare?.(page);
      for (const scheme of ['light', 'dark'] as const) {
        await page.emulateMedia({ colorScheme: scheme, reducedMotion: 'reduce' });
        await page.locator(`html[data-mantine-color-scheme=${scheme}]`).waitFor();
        const file = join(outDir, `${picture.name}-${scheme}.webp`);
        const bytes = await photograph(page);
        await writeFile(file, bytes);
        process.stdout.write(`${picture.name}-${scheme}.webp ${Math.ceil(bytes.byteLength / 1000)} kB\n`);
      }
    }
  } finally {
    await browser.close();
    await server.stop(0);
    await rm(dataDir, { recursive: true, force: true });
  }
}

function startServer(dataDir: string, port: number): ReturnType<typeof compose> {
  return compose(
    { rootDir, version: '0.1.0', dataDir, port, lan: false, modelsDir: null, offline: true },
    {
      createEngine: createDemoEngine,
      clock: { ...systemClock, nowMs: () => picturedNowMs },
      cheapPasswords: true,
      stderr: new Writable({ write: (_chunk, _encoding, done) => done() }),
    },
  );
}

async function signIn(browser: Browser, setupLink: string): Promise<Page> {
  const context = await browser.newContext({
    locale: 'en-GB',
    timezoneId: 'Europe/Berlin',
    viewport: { width: 1440, height: 900 },
    deviceScaleFactor: 2,
    reducedMotion: 'reduce',
  });
  const page = await context.newPage();
  // Not `clock.install`: that stops the timers as well, and with them the query cache.
  await page.clock.setFixedTime(picturedNowMs);
  await page.goto(setupLink);
  await page.getByLabel('New password').fill(password);
  await page.getByRole('button', { name: 'Set password' }).click();
  await page.getByRole('heading', { level: 1, name: 'Home' }).waitFor();
  return page;
}

async function settle(page: Page): Promise<void> {
  await page.getByRole('heading', { level: 1 }).waitFor();
  await page.waitForFunction('document.querySelector("[aria-busy=true]") === null');
  await page.evaluate('document.fonts.ready.then(() => true)');
}

/** As WebP, a fraction of a PNG's size; Playwright's own method cannot, the browser can. */
async function photograph(page: Page): Promise<Buffer> {
  const session = await page.context().newCDPSession(page);
  const { data } = await session.send('Page.captureScreenshot', { format: 'webp', quality: webpQuality });
  await session.detach();
  return Buffer.from(data, 'base64');
}
