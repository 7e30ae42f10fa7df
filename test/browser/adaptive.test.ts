import type { Locator, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { clippedTexts } from './clipped.ts';
import { startFullConsole } from './full-console.ts';
import type { ConsoleUnderTest, OpenOptions } from './harness.ts';
import { monthClockScript } from './month-of-requests.ts';
import { speakPseudo, untranslated } from './pseudo-locale.ts';

let server: ConsoleUnderTest;
beforeAll(async () => {
  server = await startFullConsole();
});
afterAll(() => server.stop());

const paths = [
  '/console/',
  '/console/models',
  '/console/models/get',
  '/console/models/downloads',
  '/console/models/names',
  '/console/models/engines',
  '/console/people',
  '/console/usage?period=30d',
  '/console/log',
  '/console/playground',
  '/console/connect',
  '/console/settings',
  '/console/settings/routing',
  '/console/settings/network',
  '/console/settings/backup',
] as const;

/** Opened once and led from page to page. */
async function openAt(options: OpenOptions): Promise<(path: string) => Promise<Page>> {
  const page = await server.open('/console/', { initScript: monthClockScript, ...options });
  return async (path) => {
    await page.goto(new URL(path, server.url).href);
    await page.getByRole('heading', { level: 1 }).waitFor();
    await expect.poll(() => page.locator('[aria-busy=true]').count()).toBe(0);
    return page;
  };
}

/** Names and examples that are the same in every language. */
const ownNames = [
  'Inglenook English Deutsch JavaScript node-llama-cpp 3.21.1 qwen3 coder',
  'hf:Qwen/Qwen3-8B-GGUF:Q4_K_M /srv/models /media/backup/inglenook.age office.example.org ai.example.org',
];
/** What the server says of the office: names of people and models, addresses, reasons. */
const lists = [
  '/models',
  '/catalogue',
  '/upstreams',
  '/ollama',
  '/keys',
  '/teams',
  '/pairings',
  '/tickets',
  '/aliases',
  '/unknown-names',
  '/requests?limit=500',
  '/connect',
  '/graphics',
  '/lan',
  '/https',
  '/engine',
];

it('has no sentence that cannot be translated, and none that is cut off at 320 pixels when it is longer', async () => {
  const goTo = await openAt({ viewport: { width: 320, height: 800 } });
  const first = await goTo('/console/');
  await speakPseudo(first);
  const said = JSON.stringify([
    ownNames,
    ...(await Promise.all(lists.map((path) => server.admin('GET', path)))),
  ]);
  const plain: string[] = [];
  const clipped: string[] = [];
  for (const path of paths) {
    const page = await goTo(path);
    plain.push(...(await untranslated(page, said)).map((text) => `${path}: ${text}`));
    clipped.push(...(await clippedTexts(page)).map((text) => `${path}: ${text}`));
    if ((await page.evaluate('document.documentElement.scrollWidth')) !== 320)
      clipped.push(`${path}: scrolls`);
  }
  expect({ plain, clipped }).toEqual({ plain: [], clipped: [] });
});

describe('with colours of the system’s own', () => {
  const options = { forcedColors: 'active', reducedMotion: 'reduce' } as const;

  it('draws what is told apart by a surface, and states by icon and word', async () => {
    const goTo = await openAt({ ...options, timezoneId: 'UTC' });
    const home = await goTo('/console/');
    // Surfaces lose their colours: what is one must be drawn by something else, or keep its own.
    const bars = home
      .getByRole('list')
      .filter({ hasText: / requests? on |: \d+ request/ })
      .last();
    const memory = home.getByRole('figure').filter({ hasText: 'free' }).first();
    const drawn = [home.getByRole('main').locator('p > span').first(), bars, memory.locator('> div')];
    for (const [index, locator] of drawn.entries())
      expect(await coloursIn(locator), `Home, ${index}`).toBeGreaterThan(1);
    const models = await goTo('/console/models');
    for (const word of [/^Ready$/, /^Failed$/, /^Loading/]) {
      const state = models.locator('[data-tone]:has(> svg)').filter({ hasText: word }).first();
      expect(await coloursIn(state.locator('svg')), String(word)).toBeGreaterThan(1);
    }
    const progress = models.getByRole('progressbar').first();
    expect(await coloursIn(progress)).toBeGreaterThan(1);
    const usage = await goTo('/console/usage?period=30d');
    await usage.locator('.recharts-bar-rectangle').first().waitFor();
    expect(await coloursIn(usage.getByRole('figure').first())).toBeGreaterThan(3);
  });

  it('shows where the focus is', async () => {
    const goTo = await openAt(options);
    for (const path of ['/console/', '/console/people', '/console/settings']) {
      const page = await goTo(path);
      for (let stop = 0; stop < 14; stop += 1) {
        await page.keyboard.press('Tab');
        const [style, width] = await page.evaluate<[string, string]>(`(() => {
          // A field's own border may be what shows it, and a hidden input's the mark beside it.
          const focused = document.activeElement;
          const shown = [focused, focused.nextElementSibling, focused.closest('label')].filter((one) => one !== null);
          const outlined = shown.map(getComputedStyle).find(({ outlineStyle }) => outlineStyle !== 'none');
          return [outlined?.outlineStyle ?? 'none', outlined?.outlineWidth ?? '0px'];
        })()`);
        const which = await page.evaluate<string>('document.activeElement.outerHTML.slice(0, 200)');
        expect(style, `${path}: ${which}`).not.toBe('none');
        expect(parseFloat(width)).toBeGreaterThanOrEqual(1);
      }
    }
  });
});

/** How many colours the picture of it has; two where something is drawn on something. */
async function coloursIn(locator: Locator): Promise<number> {
  const png = (await locator.screenshot()).toString('base64');
  return locator.page().evaluate(`(async () => {
    const bytes = Uint8Array.from(atob('${png}'), (letter) => letter.charCodeAt(0));
    const image = await createImageBitmap(new Blob([bytes], { type: 'image/png' }));
    const surface = new OffscreenCanvas(image.width, image.height).getContext('2d');
    surface.drawImage(image, 0, 0);
    const { data } = surface.getImageData(0, 0, image.width, image.height);
    return new Set(new Uint32Array(data.buffer)).size;
  })()`);
}

describe('made larger', () => {
  it('stays in one column at 200 and at 400 percent of a screen of 1280 pixels', async () => {
    const goTo = await openAt({ viewport: { width: 640, height: 512 }, deviceScaleFactor: 2 });
    for (const path of paths) {
      const page = await goTo(path);
      // 400 percent is what WCAG 2.2 means by reflow (1.4.10).
      for (const width of [640, 320]) {
        await page.setViewportSize({ width, height: 512 });
        await expect
          .poll(() => page.evaluate('document.documentElement.scrollWidth'), { message: path })
          .toBe(width);
      }
    }
  });

  it('cuts no text off where only letters are twice as large (WCAG 2.2, 1.4.4)', async () => {
    const goTo = await openAt({ viewport: { width: 1280, height: 1024 } });
    const clipped: string[] = [];
    for (const path of paths) {
      const page = await goTo(path);
      await page.evaluate(`document.documentElement.style.fontSize = '200%'`);
      await page.waitForTimeout(50);
      clipped.push(...(await clippedTexts(page)).map((text) => `${path}: ${text}`));
      if ((await page.evaluate('document.documentElement.scrollWidth')) !== 1280)
        clipped.push(`${path}: scrolls`);
    }
    expect(clipped).toEqual([]);
  });
});

describe('motion', () => {
  /** What moves for longer than an eye can see. */
  const moving = `document.getAnimations().filter(({ effect, playState }) => {
    const { activeDuration } = effect.getComputedTiming();
    return playState === 'running' && activeDuration > 10;
  }).length`;

  it('is there for a model that is being loaded, and nowhere for who wants none', async () => {
    const lively = await openAt({ reducedMotion: 'no-preference' });
    await expect.poll(async () => (await lively('/console/models')).evaluate(moving)).toBeGreaterThan(0);
    const still = await openAt({ reducedMotion: 'reduce' });
    for (const path of paths) expect(await (await still(path)).evaluate(moving), path).toBe(0);
    const page = await still('/console/people');
    await page.getByRole('button', { name: 'Add a person' }).click();
    expect(await page.evaluate(moving)).toBe(0);
  });
});

it('asks for each page of the log once, for details only when they are opened, and has one stream', async () => {
  const page = await server.open('/console/', { initScript: monthClockScript });
  const asked: string[] = [];
  page.on('request', (request) => {
    const { pathname, search } = new URL(request.url());
    if (pathname.startsWith('/api/')) asked.push(pathname + search);
  });
  const streams = (): number => asked.filter((path) => path === '/api/events').length;
  await page.reload();
  await page.getByRole('heading', { level: 1, name: 'Home' }).waitFor();
  await expect.poll(streams).toBe(1);

  asked.length = 0;
  await page.getByRole('link', { name: 'Whole log' }).click();
  const rows = page.locator('tbody tr[data-index]');
  await rows.first().waitFor();
  const lists = (): string[] => asked.filter((path) => /^\/api\/requests\b/.test(path));
  expect(lists()).toEqual([expect.stringMatching(/^\/api\/requests\?.*limit=100$/)]);
  for (let pages = 2; pages <= 4; pages += 1) {
    await page.keyboard.press('End');
    await expect.poll(() => lists().length).toBe(pages);
    await expect.poll(() => page.getByText('Reading').count()).toBe(0);
  }
  // Each of them another page.
  expect(new Set(lists()).size).toBe(4);
  await rows.last().getByRole('button').click();
  await page.getByRole('dialog', { name: 'Request' }).waitFor();
  expect(lists().length).toBe(4);
  await page.keyboard.press('Escape');
  for (const name of ['Models', 'Settings', 'Home'])
    await page.getByRole('link', { name, exact: true }).first().click();
  await page.getByRole('heading', { level: 1, name: 'Home' }).waitFor();
  expect(streams()).toBe(0);
});
