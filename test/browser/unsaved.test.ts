import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { violations } from './axe.ts';
import { startConsole, type ConsoleUnderTest } from './harness.ts';

let server: ConsoleUnderTest;
beforeAll(async () => {
  server = await startConsole();
});
afterAll(() => server.stop());

it('asks before a link within the console is followed, and follows it when the owner says so', async () => {
  const page = await server.open('/console/settings/routing');
  await page.getByRole('switch', { name: /^Keep answers in memory/ }).press('Space');
  await page.getByRole('link', { name: 'Home', exact: true }).first().click();
  const dialog = page.getByRole('dialog', { name: 'Leave without saving?' });
  await dialog.waitFor();
  expect(await violations(page)).toEqual([]);
  await page.keyboard.press('Escape');
  await dialog.waitFor({ state: 'detached' });
  expect(new URL(page.url()).pathname).toBe('/console/settings/routing');
  await page.getByRole('link', { name: 'Home', exact: true }).first().click();
  await dialog.getByRole('button', { name: 'Leave without saving' }).click();
  await page.getByRole('heading', { level: 1, name: 'Home' }).waitFor();
  // What is gone cannot be lost again.
  await page.getByRole('link', { name: 'Settings', exact: true }).first().click();
  await page.getByRole('heading', { level: 1, name: 'Settings' }).waitFor();
});

it('asks before the browser’s own way back is gone', async () => {
  const page = await server.open('/console/settings');
  await page.getByRole('link', { name: 'Names and routing' }).click();
  const keep = page.getByRole('switch', { name: /^Keep answers in memory/ });
  await keep.press('Space');
  await page.goBack();
  const dialog = page.getByRole('dialog', { name: 'Leave without saving?' });
  await dialog.getByRole('button', { name: 'Stay here' }).click();
  expect(new URL(page.url()).pathname).toBe('/console/settings/routing');
  expect(await keep.isChecked()).toBe(true);
});

it('lets the browser ask before the tab is closed or loaded anew, and only then', async () => {
  const page = await server.open('/console/settings');
  const asked: string[] = [];
  page.on('dialog', (dialog) => {
    asked.push(dialog.type());
    void dialog.accept();
  });
  await page.reload();
  expect(asked).toEqual([]);
  await page.getByLabel('Name of the office’s server').pressSequentially('Hearth');
  await page.reload();
  expect(asked).toEqual(['beforeunload']);
});

type Form = { readonly path: string; readonly change: (page: Page) => Promise<void> };
const forms: Readonly<Record<string, Form>> = {
  'the password': {
    path: '/console/settings/security',
    change: (page) => page.getByLabel('New password', { exact: true }).fill('a longer password'),
  },
  'a certificate': {
    path: '/console/settings/network',
    async change(page) {
      await page.getByRole('button', { name: 'Give a certificate' }).click();
      await page.getByRole('dialog').getByRole('textbox').first().fill('/etc/chain.pem');
    },
  },
  'the daily backup': {
    path: '/console/settings/backup',
    async change(page) {
      await page.getByRole('button', { name: 'Set it up' }).click();
      await page.getByRole('dialog').getByLabel('Folder').fill('/media/backup');
    },
  },
  'a device’s limits': {
    path: '/console/people',
    async change(page) {
      await page.getByRole('button', { name: 'Limits of Anna’s laptop' }).click();
      await page
        .getByRole('dialog')
        .getByRole('switch', { name: /^Paused/ })
        .press('Space');
    },
  },
};

it.each(Object.keys(forms))('asks before %s is lost, and no more when nothing is', async (name) => {
  const { path = '', change = async () => {} } = forms[name] ?? {};
  if (name === 'a device’s limits') await server.createKey({ name: 'Anna’s laptop' });
  const page = await server.open(path);
  await change(page);
  const asked: string[] = [];
  page.on('dialog', (dialog) => {
    asked.push(dialog.type());
    void dialog.accept();
  });
  await page.reload();
  await page.getByRole('heading', { level: 1 }).waitFor();
  await page.reload();
  expect(asked).toEqual(['beforeunload']);
});
