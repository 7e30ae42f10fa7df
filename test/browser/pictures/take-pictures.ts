import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { Writable } from 'node:stream';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { compose } from '../../../server/compose.ts';
import { systemClock } from '../../../server/core/clock.ts';
import { launchChromium } from '../chromium.ts';
import { askFromElsewhere, canPlayOffice, networks } from '../office-network.ts';
import { phone as phoneScreen } from '../pair-harness.ts';
import {
  createDemoEngine,
  pictured,
  picturedNowMs,
  picturedZone,
  playedQuestion,
  seedOffice,
  startTwoAnswers,
} from './demo-data.ts';
import { disguise, refuseUndisguised } from './disguise.ts';
import { openSource } from './half-way.ts';
import { showSideBySide } from './side-by-side.ts';

const rootDir = resolve(import.meta.dirname, '..', '..', '..');
const password = 'only for the pictures';
/** So that the address in the pictures is the usual one where that port is free. */
const usualPort = 11_500;
const webpQuality = 82;
const schemes = ['light', 'dark'] as const;
type Scheme = (typeof schemes)[number];

type Picture = {
  readonly name: string;
  readonly path: string;
  /** Of the window; 900 unless told otherwise. */
  readonly height?: number;
  readonly prepare?: (page: Page) => Promise<void>;
};

const pictures: readonly Picture[] = [
  {
    name: 'home',
    path: '/console/',
    height: 1186,
    // As after a week: what was left of the set-up is done.
    prepare: async (page) => {
      const hide = page.getByRole('button', { name: 'Hide this list' });
      await hide.click();
      await hide.waitFor({ state: 'detached' });
    },
  },
  { name: 'wizard', path: '/console/setup/model' },
  { name: 'models', path: '/console/models' },
  { name: 'discover', path: '/console/models/get', height: 1180, prepare: waitForSpeed },
  { name: 'people', path: '/console/people' },
  {
    name: 'usage',
    path: '/console/usage?period=30d',
    // The charts' program comes when it is needed.
    prepare: async (page) => {
      for (const chart of await page.locator('figure').all()) {
        await chart
          .locator('.recharts-surface :is(.recharts-bar-rectangle, .recharts-curve)')
          .first()
          .waitFor({ state: 'attached' });
      }
    },
  },
  { name: 'settings', path: '/console/settings/privacy' },
  {
    name: 'request',
    path: '/console/log',
    prepare: async (page) => {
      await page
        .getByRole('button', { name: /show details/ })
        .nth(2)
        .click();
      await page.getByRole('dialog').getByText('Outcome', { exact: true }).waitFor();
    },
  },
  {
    name: 'playground',
    path: '/console/playground',
    height: 1000,
    prepare: async (page) => {
      await page.getByLabel('Question', { exact: true }).fill(playedQuestion);
      await page.getByRole('button', { name: 'Ask', exact: true }).click();
      await page
        .getByText(/tokens\/s/)
        .first()
        .waitFor();
    },
  },
  {
    name: 'connect',
    path: '/console/connect',
    height: 1136,
    prepare: (page) => page.getByText('Does not work').first().waitFor(),
  },
];

/** A download says how fast it comes once it has come for a moment. */
async function waitForSpeed(page: Page): Promise<void> {
  await page.getByText('Downloading').first().waitFor();
  await page.waitForTimeout(2_500);
}

/** What takes and keeps each picture, and where the invented office is. */
type Studio = {
  readonly address: string;
  readonly browser: Browser;
  readonly keep: (name: string, bytes: Buffer) => Promise<void>;
};

const ownPage = 'me';
const firstDay = 'first-day';

/**
 * Writes each picture in light and dark, as `NAME-light.webp` and `NAME-dark.webp`.
 * @param only their names; all where it is empty
 */
export async function takePictures(outDir: string, only: readonly string[] = []): Promise<void> {
  const known = [...pictures.map(({ name }) => name), firstDay, ownPage];
  const unknown = only.filter((name) => !known.includes(name));
  if (unknown.length > 0) throw new Error(`There are the pictures ${known.join(', ')}; not ${unknown[0]}.`);
  const isWanted = (name: string): boolean => only.length === 0 || only.includes(name);
  if (!canPlayOffice)
    throw new Error('The pictures need a Linux computer, whose 127.0.0.2 plays the office.');
  // The days of the charts are the server's.
  process.env['TZ'] = picturedZone;
  const dataDir = await mkdtemp(join(tmpdir(), 'inglenook-pictures-'));
  const source = await openSource();
  const { key } = seedOffice(dataDir, source.origin);
  const server = await startServer(dataDir, usualPort).catch(() => startServer(dataDir, 0));
  const browser = await launchChromium();
  const keep = async (name: string, bytes: Buffer): Promise<void> => {
    await writeFile(join(outDir, `${name}.webp`), bytes);
    process.stdout.write(`${name}.webp ${Math.ceil(bytes.byteLength / 1000)} kB\n`);
  };
  try {
    await mkdir(outDir, { recursive: true });
    const running = await startTwoAnswers(server.address, key);
    await askFromElsewhere({ address: `http://127.0.0.2:${server.port}` });
    const studio = { address: server.address, browser, keep };
    const page = await signIn(browser, server.setupLink ?? '');
    for (const picture of pictures) if (isWanted(picture.name)) await takeOfConsole(studio, page, picture);
    if (isWanted(firstDay)) await takeFirstDay(studio, page);
    if (isWanted(ownPage)) await takeOwnPage(studio, `http://127.0.0.2:${server.port}/me`, key);
    if (running.some(({ bodyUsed }) => bodyUsed)) throw new Error('The running answers have ended.');
  } finally {
    await browser.close();
    await server.stop(0);
    source.close();
    await rm(dataDir, { recursive: true, force: true });
  }
}

async function takeOfConsole({ address, keep }: Studio, page: Page, picture: Picture): Promise<void> {
  await page.setViewportSize({ width: 1440, height: picture.height ?? 900 });
  await page.goto(`${address}${picture.path}`);
  await settle(page);
  await picture.prepare?.(page);
  for (const scheme of schemes) await keep(`${picture.name}-${scheme}`, await photographIn(page, scheme));
}

/** The invitation on the owner's screen and the phone that has scanned it, in one. */
async function takeFirstDay({ address, browser, keep }: Studio, page: Page): Promise<void> {
  await page.setViewportSize({ width: 1160, height: 740 });
  await page.goto(`${address}/console/people`);
  await settle(page);
  // The invitation has been on the screen for a moment.
  await page.clock.setFixedTime(picturedNowMs + 19_000);
  await page.getByRole('button', { name: 'Add a person' }).click();
  await page.getByLabel('Name', { exact: true }).fill('Mira');
  await page.getByRole('button', { name: 'Make the invitation' }).click();
  await page.getByText('Waiting for the device…').waitFor();
  const link = await page.getByLabel('Or send this link', { exact: true }).inputValue();
  const { port, hash } = new URL(link);

  const phone = await openContext(browser, { ...phoneScreen, deviceScaleFactor: 2 });
  const onPhone = await phone.newPage();
  await onPhone.clock.setFixedTime(picturedNowMs + 19_000);
  await onPhone.goto(`http://127.0.0.2:${port}/pair${hash}`);
  await onPhone.getByRole('heading', { name: 'Where do you work?' }).waitFor();
  const table = await openContext(browser, {
    viewport: { width: 1600, height: 860 },
    deviceScaleFactor: 1.5,
  });
  const onTable = await table.newPage();

  for (const scheme of schemes) {
    const desktop = await photographIn(page, scheme);
    const pairing = await photographIn(onPhone, scheme);
    await showSideBySide(onTable, { desktop, phone: pairing, scheme });
    await keep(`first-day-${scheme}`, await photograph(onTable));
  }
}

/** What a teammate sees, with the key of the first of the invented devices. */
async function takeOwnPage({ browser, keep }: Studio, address: string, key: string): Promise<void> {
  const context = await openContext(browser, {
    viewport: { width: 1160, height: 1180 },
    deviceScaleFactor: 2,
  });
  const page = await context.newPage();
  await page.clock.setFixedTime(picturedNowMs);
  await page.goto(address);
  await page.locator('#key').fill(key);
  await page.getByRole('button', { name: 'Open' }).click();
  await page.getByText(/^Begins anew on /).waitFor();
  await hideKey(page);
  for (const scheme of schemes) await keep(`${ownPage}-${scheme}`, await photographIn(page, scheme));
  await context.close();
}

/** Its page writes the key into the tools' settings; no whole key shall be in a picture. */
async function hideKey(page: Page): Promise<void> {
  const settings = page.getByRole('region', { name: 'Settings for your tools' });
  await settings.getByRole('radio').first().waitFor();
  await page.evaluate(`
    const hidden = (text) => text.replaceAll(/sk-ink_\\w{38}/g, 'sk-ink_…');
    const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    while (texts.nextNode()) texts.currentNode.data = hidden(texts.currentNode.data);
    for (const field of document.querySelectorAll('input, textarea')) field.value = hidden(field.value);
  `);
}

function startServer(dataDir: string, port: number): ReturnType<typeof compose> {
  return compose(
    {
      rootDir,
      ...pictured,
      releasedOn: '2026-11-23',
      edition: null,
      starterDir: join(rootDir, 'resources', 'models'),
      dataDir,
      port,
      lan: true,
      modelsDir: null,
      ollamaDir: null,
      ollama: { host: '127.0.0.1:9', searchPath: [], environment: {} },
      // Downloads come from this computer; nothing else is asked for.
      offline: false,
    },
    {
      createEngine: createDemoEngine,
      readNetwork: async () => networks.wifi,
      clock: { ...systemClock, nowMs: () => picturedNowMs },
      cheapPasswords: true,
      stderr: new Writable({ write: (_chunk, _encoding, done) => done() }),
    },
  );
}

async function openContext(
  browser: Browser,
  screen: Parameters<Browser['newContext']>[0],
): Promise<BrowserContext> {
  const context = await browser.newContext({
    locale: 'en-GB',
    timezoneId: picturedZone,
    reducedMotion: 'reduce',
    ...screen,
  });
  await disguise(context);
  return context;
}

async function signIn(browser: Browser, setupLink: string): Promise<Page> {
  const context = await openContext(browser, {
    viewport: { width: 1440, height: 900 },
    deviceScaleFactor: 2,
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
  await page.locator('[aria-busy=true]').first().waitFor({ state: 'detached' });
  await page.evaluate('document.fonts.ready.then(() => true)');
}

async function photographIn(page: Page, colorScheme: Scheme): Promise<Buffer> {
  await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
  // The console sets its scheme itself; the pairing page leaves it to the style sheet.
  const html = page.locator(
    `html:is([data-mantine-color-scheme=${colorScheme}], :not([data-mantine-color-scheme]))`,
  );
  await html.waitFor({ state: 'attached' });
  await refuseUndisguised(page);
  return photograph(page);
}

/** As WebP, a fraction of a PNG's size; Playwright's own method cannot, the browser can. */
async function photograph(page: Page): Promise<Buffer> {
  const session = await page.context().newCDPSession(page);
  const { data } = await session.send('Page.captureScreenshot', { format: 'webp', quality: webpQuality });
  await session.detach();
  return Buffer.from(data, 'base64');
}
