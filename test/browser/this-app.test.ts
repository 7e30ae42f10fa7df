import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { AppBridge, ShellInfo, ShellPreferences } from '../../electron/shared/channels.ts';
import { violations } from './axe.ts';
import { startConsole, type ConsoleUnderTest } from './harness.ts';

let server: ConsoleUnderTest;
beforeAll(async () => {
  server = await startConsole({ models: ['fake-model'] });
});
afterAll(() => server.stop());

const info: ShellInfo = {
  version: '0.1.0',
  platform: 'linux',
  isPackaged: true,
  secrets: 'keychain',
  hasTray: true,
  canLaunchAtLogin: true,
};
const preferences: ShellPreferences = {
  launchAtLogin: false,
  closeToTray: true,
  keepAwake: true,
  useKeychain: true,
};

declare global {
  // oxlint-disable-next-line no-var -- how a property of the global object is declared
  var inglenook: AppBridge | undefined;
  // oxlint-disable-next-line no-var
  var askedOfApp: unknown[];
}

/** What the shell's preload script puts into the page; it writes down what it is asked. */
function bridge(known: Partial<ShellInfo> = {}): string {
  return `
    globalThis.askedOfApp = [];
    let preferences = ${JSON.stringify(preferences)};
    const note = (...args) => void askedOfApp.push(args);
    globalThis.inglenook = {
      info: async () => (${JSON.stringify({ ...info, ...known })}),
      preferences: async () => preferences,
      setPreferences: async (change) => (note('set', change), (preferences = { ...preferences, ...change })),
      pickPath: async (kind) => (note('pick', kind), kind === 'folder' ? '/srv/models' : null),
      open: async (target) => note('open', target),
      restartServer: async () => note('restart'),
    };`;
}
const asked = (page: Page): Promise<unknown[]> => page.evaluate(() => globalThis.askedOfApp);

it('in a browser there is nothing about the app, and no choosing of files by the system', async () => {
  const page = await server.open('/console/settings');
  await page.getByRole('link', { name: 'Audit' }).waitFor();
  expect(await page.getByRole('link', { name: 'This app' }).count()).toBe(0);
  await page.goto(`${server.url}/console/settings/app`);
  await page.getByRole('heading', { level: 1 }).waitFor();
  expect(await page.getByRole('region', { name: 'This app' }).count()).toBe(0);
  await page.goto(`${server.url}/console/models/get`);
  await page.getByLabel('Path of a folder on this computer').waitFor();
  expect(await page.getByRole('button', { name: 'Choose …' }).count()).toBe(0);
});

it('in the app the owner sees and changes how it starts, closes and keeps secrets', async () => {
  const page = await server.open('/console/settings', { initScript: bridge() });
  await page.getByRole('link', { name: 'This app' }).click();
  const panel = page.getByRole('region', { name: 'This app' });
  await panel.getByText('The server’s secret is sealed by this computer’s keychain.').waitFor();
  await panel.getByText(/Version 0\.1\.0/).waitFor();
  await panel.getByLabel('Start with this computer').click();
  await panel.getByLabel('Keep this computer awake while the office may use it').click();
  await expect
    .poll(() => asked(page))
    .toEqual([
      ['set', { launchAtLogin: true }],
      ['set', { keepAwake: false }],
    ]);
  expect(await panel.getByLabel('Start with this computer').isChecked()).toBe(true);
  expect(await panel.getByLabel('Keep this computer awake while the office may use it').isChecked()).toBe(
    false,
  );
  await page.getByRole('button', { name: 'Open logs folder' }).click();
  await page.getByRole('button', { name: 'Restart server' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Restart now' }).click();
  await expect.poll(() => asked(page)).toHaveLength(4);
  expect((await asked(page)).slice(2)).toEqual([['open', 'logs'], ['restart']]);
  await page.getByRole('dialog').waitFor({ state: 'detached' });
  expect(await violations(page)).toEqual([]);
});

it('is honest where there is no keychain, no tray and no installed app', async () => {
  const known = { secrets: 'none', hasTray: false, canLaunchAtLogin: false } as const;
  const page = await server.open('/console/settings/app', { initScript: bridge(known), locale: 'de-DE' });
  const panel = page.getByRole('region', { name: 'Diese App' });
  await panel.getByText(/Dieser Schreibtisch hat keinen Schlüsselbund/).waitFor();
  expect(await panel.getByLabel('Mit diesem Rechner starten').isDisabled()).toBe(true);
  await panel.getByText(/bleibt ein geschlossenes Fenster in der Leiste/).waitFor();
  expect(await panel.getByLabel(/Geheimnis des Servers/).count()).toBe(0);
  expect(await violations(page)).toEqual([]);
});

it('a folder is chosen by the system’s own dialog', async () => {
  const page = await server.open('/console/models/get', { initScript: bridge() });
  await page.getByRole('button', { name: 'Choose …' }).click();
  await expect.poll(() => page.getByPlaceholder('/srv/models').inputValue()).toBe('/srv/models');
  expect(await asked(page)).toEqual([['pick', 'folder']]);
});

it('a link of the app signs in without a password, and only once', async () => {
  await server.open('/console/');
  const link = server.ticketUrl();
  const page = await server.open(link, { signedIn: false });
  await page.waitForURL(`${server.url}/console/`);
  await page.getByRole('navigation').first().waitFor();
  const late = await server.open(link, { signedIn: false, expectedErrors: /401/ });
  await late.getByRole('paragraph').filter({ hasText: 'This link has been used' }).waitFor();
  expect(new URL(late.url()).hash).toBe('');
  await late.getByLabel('Password', { exact: true }).waitFor();
});
