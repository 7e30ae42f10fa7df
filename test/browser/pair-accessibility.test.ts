import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { violations } from './axe.ts';
import { launchChromium } from './chromium.ts';
import { computer, openTheOffice, phone, visit } from './pair-harness.ts';

let browser: Browser;
beforeAll(async () => {
  browser = await launchChromium();
});
afterAll(() => browser.close());

const narrow = { ...phone, viewport: { width: 320, height: 640 } } as const;
type Theme = 'light' | 'dark';
const bothThemes: readonly Theme[] = ['light', 'dark'];

/** Nothing runs out of the page sideways, axe finds nothing in either theme, and there is one heading of its level. */
async function examine(page: Page, screen: string, themes: readonly Theme[] = bothThemes): Promise<void> {
  for (const colorScheme of themes) {
    await page.emulateMedia({ colorScheme });
    await page.locator(`html[data-mantine-color-scheme=${colorScheme}]`).waitFor();
    expect(await violations(page), `${screen}, ${colorScheme}`).toEqual([]);
  }
  expect(await page.getByRole('heading', { level: 1 }).count(), screen).toBe(1);
  const width: unknown = await page.evaluate('document.documentElement.scrollWidth - innerWidth');
  expect(width, `${screen}: wider than the window`).toBeLessThanOrEqual(0);
}

describe.each([
  ['a phone', phone, 'en-GB', bothThemes],
  // Of its colours nothing is new.
  ['the narrowest phone in German', narrow, 'de-DE', ['light']],
  ['a computer', computer, 'en-GB', bothThemes],
] as const)('on %s', (_name, device, locale, themes) => {
  const options = { ...device, locale, expectedErrors: /status of (410|421|429)/ };

  it('every screen of a link has no violation', async () => {
    const office = await openTheOffice();
    const { id, url, code } = await office.invite({ person: 'Anna', device: 'laptop' });
    const page = await visit(browser, url, options);
    await page.locator('.choice').first().waitFor();
    await examine(page, 'where', themes);
    await page.locator('.choice').nth(1).click();
    await page.getByText(code, { exact: true }).waitFor();
    await examine(page, 'elsewhere', themes);
    await page.locator('.actions button').click();
    await page.locator('.choice').first().click();
    await page.locator('#device').fill('');
    await page.locator('button[type=submit]').click();
    await examine(page, 'device', themes);
    await page.locator('#device').fill('Laptop');
    await page.locator('button[type=submit]').click();
    await page.locator('.match-code').waitFor();
    await examine(page, 'waiting', themes);
    await office.whoAsks(id);
    await office.decide(id, 'approve');
    await page.locator('.tiles').waitFor();
    await examine(page, 'ready with a guide', themes);
    await page.locator('.tile').last().click();
    await examine(page, 'ready with single fields', themes);
    await page.locator('.ending button').last().click();
    await examine(page, 'done', themes);
  });

  it('nor has any screen without one', async () => {
    const office = await openTheOffice();
    const page = await visit(browser, `${office.server.address}/pair`, options);
    await page.locator('#code').fill('BCDF');
    await page.locator('button[type=submit]').click();
    await examine(page, 'code', themes);
    await page.locator('#code').fill('BBBBCCCC');
    await page.locator('button[type=submit]').click();
    await page.locator('#code').waitFor({ state: 'detached' });
    await page.locator('.actions button').waitFor();
    await examine(page, 'gone', themes);
  });

  it('nor have those that a link seldom leads to', async () => {
    const office = await openTheOffice();
    const { url } = await office.invite({ person: 'Anna' });
    const page = await visit(browser, `${office.server.address}/pair`, options);
    const answers = { paused: [429, 'too_many_attempts'], refused: [421, 'misdirected_request'] } as const;
    for (const [screen, [status, code]] of Object.entries(answers)) {
      await page.route('**/pair/look', (route) =>
        route.fulfill({
          status,
          headers: { 'retry-after': '480' },
          json: { error: { message: 'Not so.', code } },
        }),
      );
      await page.goto(url);
      await page.locator(screen === 'paused' ? '.waiting' : '.quote').waitFor();
      await examine(page, screen, themes);
      await page.unroute('**/pair/look');
      await page.goto('about:blank');
    }
    await page.goto(url);
    await page.locator('.choice').nth(1).click();
    await page.route('**/pair/look', async (route) => {
      const response = await route.fetch();
      await route.fulfill({ response, json: { ...(await response.json()), state: 'joined' } });
    });
    await page.locator('.joined').waitFor();
    await examine(page, 'joined', themes);
  });
});

it('moves the focus to each new heading and can be walked by keyboard alone', async () => {
  const office = await openTheOffice();
  const { url } = await office.invite({ autoApprove: true });
  const page = await visit(browser, url, computer);
  const focused = (): Promise<unknown> => page.evaluate('document.activeElement.textContent');
  await page.getByRole('button', { name: /^On this device/ }).focus();
  await page.keyboard.press('Enter');
  expect(await focused()).toBe('Name this device');
  await page.keyboard.press('Tab');
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { level: 1, name: 'You are in' }).waitFor();
  expect(await focused()).toBe('You are in');
  await page.keyboard.press('Tab');
  await page.keyboard.press('ArrowDown');
  await page.getByRole('heading', { level: 2, name: 'Cline' }).waitFor();
});

it('follows the browser’s language and changes it without losing what is on the screen', async () => {
  const office = await openTheOffice();
  const page = await visit(browser, `${office.server.address}/pair`, { ...computer, locale: 'de-DE' });
  await page.getByRole('heading', { level: 1, name: 'Diesen Rechner koppeln' }).waitFor();
  await page.getByLabel('Code').fill('bcdf');
  await page.getByLabel('Gerätename').fill('Tisch');
  await page.getByRole('button', { name: 'English' }).click();
  await page.getByRole('heading', { level: 1, name: 'Pair this computer' }).waitFor();
  expect(await page.title()).toBe('Pair this computer – Inglenook');
  expect(await page.evaluate('document.documentElement.lang')).toBe('en');
  const kept = [page.getByLabel('Code').inputValue(), page.getByLabel('Device name').inputValue()];
  expect(await Promise.all(kept)).toEqual(['BCDF', 'Tisch']);
  await page.reload();
  await page.getByRole('heading', { level: 1, name: 'Pair this computer' }).waitFor();
});

it('says where to open it when its script cannot run', async () => {
  const office = await openTheOffice();
  const page = await visit(browser, `${office.server.address}/pair`, { ...phone, javaScriptEnabled: false });
  await page.getByText('Open the link in your device’s own browser').waitFor();
});
