import { AxeBuilder } from '@axe-core/playwright';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startConsole, type ConsoleUnderTest } from './harness.ts';

let server: ConsoleUnderTest;
beforeAll(async () => {
  server = await startConsole({ models: ['fake-model', 'broken-model', 'big-model'] });
  const { key } = await server.createKey({ name: 'Anna’s laptop', person: 'Anna', models: ['fake-model'] });
  await server.createKey({ name: 'Guest', expiresAt: '2999-01-01T00:00:00Z' });
  await (await server.chat(key)).text();
  await (await server.chat('sk-ink_wrong')).text();
  server.engine.show('broken-model', { state: 'failed', reason: 'The file is damaged. Copy it again.' });
  server.engine.show('big-model', { state: 'loading', progressPercent: 42, source: 'added' });
});
afterAll(() => server.stop());

type Step = (page: Page) => Promise<void>;
const click =
  (name: string): Step =>
  (page) =>
    page.getByRole('button', { name }).first().click();

/** Every page and every dialog, with how it is opened. */
const views: readonly { name: string; path: string; signedIn?: boolean; steps?: readonly Step[] }[] = [
  { name: 'sign-in', path: '/console/sign-in', signedIn: false },
  { name: 'set-up with a used link', path: '/console/setup#used', signedIn: false },
  { name: 'Home', path: '/console/' },
  { name: 'Models', path: '/console/models' },
  { name: 'add a model', path: '/console/models', steps: [click('Add model')] },
  { name: 'remove a model', path: '/console/models', steps: [click('Remove big-model')] },
  { name: 'Keys', path: '/console/keys' },
  { name: 'create a key', path: '/console/keys', steps: [click('Create key'), click('More options')] },
  { name: 'revoke a key', path: '/console/keys', steps: [click('Revoke Guest')] },
  { name: 'Log', path: '/console/log' },
  { name: 'request details', path: '/console/log', steps: [click('show details')] },
  { name: 'preferences', path: '/console/log', steps: [click('Theme, language, sign out')] },
  { name: 'nothing found', path: '/console/nothing-here' },
];

const screens = [
  { viewport: { width: 1440, height: 900 } },
  // Taller than a phone: what the bar at the bottom covers until one scrolls would count as too small to be hit.
  { viewport: { width: 390, height: 2400 }, hasTouch: true, isMobile: true },
] as const;

describe.each(screens)('at $viewport.width px', (screen) => {
  it.each(views)('$name has no violation, light or dark', async ({ path, signedIn = true, steps = [] }) => {
    const page = await server.open(path, { ...screen, signedIn });
    await page.getByRole('heading', { level: 1 }).waitFor();
    await expect.poll(() => page.locator('[aria-busy=true]').count()).toBe(0);
    for (const step of steps) await step(page);
    if (steps.length > 0) await page.locator('[role=dialog]').first().waitFor();
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme });
      await page.locator(`html[data-mantine-color-scheme=${colorScheme}]`).waitFor();
      expect(await violations(page), colorScheme).toEqual([]);
    }
    expect(await page.getByRole('heading', { level: 1, includeHidden: true }).count()).toBe(1);
  });
});

const tags = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];

async function violations(page: Page): Promise<unknown[]> {
  const result = await new AxeBuilder({ page }).withTags(tags).analyze();
  return result.violations.map(({ id, nodes }) => ({ id, where: nodes.map(({ html }) => html) }));
}

/** From the narrowest phone up, in the language with the longest words: nothing may run out of the page sideways. */
describe.each([320, 700, 1024])('in German at %i px', (width) => {
  const paths = ['/console/', '/console/models', '/console/keys', '/console/log'];
  it.each(paths)('%s fits', async (path) => {
    const page = await server.open(path, { viewport: { width, height: 700 }, locale: 'de-DE' });
    await page.getByRole('heading', { level: 1 }).waitFor();
    await page.getByText('fake-model').first().waitFor({ state: 'attached' });
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(width);
  });
});

it('gives fingers 44 pixels', async () => {
  const page = await server.open('/console/keys', {
    viewport: { width: 390, height: 844 },
    hasTouch: true,
    isMobile: true,
  });
  const buttons = page.getByRole('button');
  await page
    .getByRole('button', { name: /^Revoke/ })
    .first()
    .waitFor();
  const sizes = await Promise.all((await buttons.all()).map((button) => button.boundingBox()));
  const links = await Promise.all((await page.locator('nav a').all()).map((link) => link.boundingBox()));
  expect(sizes.length).toBeGreaterThan(2);
  for (const size of [...sizes, ...links]) expect(size?.height).toBeGreaterThanOrEqual(44);
});
