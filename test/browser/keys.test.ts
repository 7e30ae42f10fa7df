import type { Page } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { startConsole, type ConsoleUnderTest } from './harness.ts';

let server: ConsoleUnderTest;
let page: Page;
beforeAll(async () => {
  server = await startConsole();
  await server.createKey({ name: 'Anna’s laptop', person: 'Anna' });
});
afterAll(() => server.stop());
beforeEach(async () => {
  page = await server.open('/console/');
  await at('Home');
});

const at = (name: string) => page.getByRole('heading', { level: 1, name }).waitFor();
const dialog = (name: string) => page.getByRole('dialog', { name });
/** Typed before it is there, letters would be the page’s. */
async function openPalette(key = 'Control+k'): Promise<void> {
  await page.keyboard.press(key);
  const field = dialog('Find').getByLabel('Where to, or what to do?');
  await expect.poll(() => field.and(page.locator(':focus')).count()).toBe(1);
}

describe('keys', () => {
  it('g and a letter lead to a page; g and another, or a letter alone, to none', async () => {
    for (const [key, name] of [
      ['m', 'Models'],
      ['p', 'People & devices'],
      ['u', 'Usage'],
      ['h', 'Home'],
    ] as const) {
      await page.keyboard.press('g');
      await page.keyboard.press(key);
      await at(name);
    }
    await page.keyboard.press('g');
    await page.keyboard.press('x');
    await page.keyboard.press('m');
    expect(new URL(page.url()).pathname).toBe('/console/');
  });

  it('? shows them all; Escape closes it and gives the focus back to where it was', async () => {
    const opener = page.getByRole('link', { name: 'Whole log' });
    await opener.focus();
    await page.keyboard.press('?');
    await dialog('Keys').getByText('Find a page, a device or something to do').waitFor();
    // Behind an open dialog nothing else answers to them.
    await page.keyboard.press('g');
    await page.keyboard.press('m');
    await page.keyboard.press('Escape');
    await dialog('Keys').waitFor({ state: 'detached' });
    await at('Home');
    await expect.poll(() => opener.and(page.locator(':focus')).count()).toBe(1);
  });

  it('/ goes to the page’s own search, and to the palette where there is none', async () => {
    await page.keyboard.press('/');
    await dialog('Find').waitFor();
    await page.keyboard.press('Escape');
    await page.goto(`${server.url}/console/connect`);
    await page.getByRole('searchbox').waitFor();
    await page.keyboard.press('/');
    await expect.poll(() => page.getByRole('searchbox').and(page.locator(':focus')).count()).toBe(1);
    expect(await page.getByRole('searchbox').inputValue()).toBe('');
  });

  it('are letters while one types', async () => {
    await page.goto(`${server.url}/console/connect`);
    await page.getByRole('searchbox').pressSequentially('g/m?');
    expect(await page.getByRole('searchbox').inputValue()).toBe('g/m?');
    expect(await page.getByRole('dialog').count()).toBe(0);
  });

  it('can be switched off, which this browser remembers, and on again from the menu', async () => {
    await page.keyboard.press('?');
    await dialog('Keys').getByRole('switch', { name: 'Use these keys' }).press('Space');
    await page.keyboard.press('Escape');
    await dialog('Keys').waitFor({ state: 'detached' });
    await page.reload();
    await at('Home');
    for (const key of ['?', '/', 'Control+k', 'g', 'm']) await page.keyboard.press(key);
    expect([await page.getByRole('dialog').count(), new URL(page.url()).pathname]).toEqual([0, '/console/']);
    await page.getByRole('button', { name: 'Theme, language, sign out' }).click();
    await page.getByRole('button', { name: 'Keys', exact: true }).click();
    await dialog('Keys').getByRole('switch', { name: 'Use these keys' }).press('Space');
    await page.keyboard.press('Escape');
    await dialog('Keys').waitFor({ state: 'detached' });
    await page.keyboard.press('?');
    await dialog('Keys').waitFor();
  });
});

describe('the palette', () => {
  it.each(['Control+k', 'Meta+k'])('opens by %s, also while one types, and leads to a page', async (key) => {
    await page.goto(`${server.url}/console/connect`);
    await page.getByRole('searchbox').focus();
    await openPalette(key);
    await page.keyboard.type('audit');
    await page.getByRole('option', { name: 'Settings: audit' }).waitFor();
    await page.keyboard.press('Enter');
    await page.waitForURL('**/console/settings/audit');
    await dialog('Find').waitFor({ state: 'detached' });
  });

  it('finds a device’s requests, moves by arrows, and says when there is nothing', async () => {
    await openPalette();
    await page.keyboard.type('anna');
    await page.getByRole('option', { name: 'Requests of Anna’s laptop' }).waitFor();
    await page.keyboard.press('Enter');
    await page.waitForURL(/\/console\/log\?key=/);
    await dialog('Find').waitFor({ state: 'detached' });
    // A page that has come takes the focus to its heading.
    await page.getByRole('heading', { level: 1 }).and(page.locator(':focus')).waitFor();
    await openPalette();
    await page.keyboard.type('no such thing');
    await page.getByText('Nothing is called “no such thing”.').waitFor();
    for (let i = 0; i < 'no such thing'.length; i += 1) await page.keyboard.press('Backspace');
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Enter');
    await dialog('Find').waitFor({ state: 'detached' });
    expect(new URL(page.url()).pathname).toMatch(/^\/console\/models/);
  });

  it('does what can be done as well', async () => {
    await openPalette();
    await page.keyboard.type('add a person');
    await page.keyboard.press('Enter');
    await page.getByRole('dialog').getByLabel('Name', { exact: true }).waitFor();
  });
});

describe('on a phone', () => {
  it('the bar has four entries, and “More” leads to all others', async () => {
    const phone = await server.open('/console/', {
      viewport: { width: 390, height: 844 },
      hasTouch: true,
      isMobile: true,
    });
    const bar = phone.getByRole('navigation', { name: 'Pages' });
    await bar.getByRole('button', { name: 'More' }).waitFor();
    expect(await bar.getByRole('link').allInnerTexts()).toEqual(['Home', 'People', 'Usage']);
    await bar.getByRole('button', { name: 'More' }).click();
    const menu = phone.getByRole('dialog', { name: 'More' });
    await menu.waitFor();
    expect(await menu.getByRole('link').allInnerTexts()).toEqual([
      'Models',
      'Playground',
      'Connect',
      'Settings',
      'Health: all well',
    ]);
    await menu.getByRole('link', { name: 'Models' }).click();
    await phone.getByRole('heading', { level: 1, name: 'Models' }).waitFor();
    await menu.waitFor({ state: 'detached' });
  });
});
