import type { Locator, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it, onTestFinished } from 'vitest';
import { settingRecord } from '../../server/wire/settings.ts';
import { startConsole, type ConsoleUnderTest } from './harness.ts';

let server: ConsoleUnderTest;
beforeAll(async () => {
  server = await startConsole();
});
afterAll(() => server.stop());

const panel = (page: Page, name: string): Locator => page.getByRole('region', { name, exact: true });
const setting = async (name: string) =>
  settingRecord.parse(await server.admin('GET', `/settings/${name}`)).value;

it('gives the office a name, and asks before an unsaved one is left', async () => {
  const page = await server.open('/console/settings');
  const office = panel(page, 'Office');
  const name = office.getByLabel('Name of the office’s server');
  await name.fill('Fireside');
  await page.getByRole('link', { name: 'Privacy and retention' }).click();
  const dialog = page.getByRole('dialog', { name: 'Leave without saving?' });
  await dialog.getByRole('button', { name: 'Stay here' }).click();
  await dialog.waitFor({ state: 'detached' });
  expect(await name.inputValue()).toBe('Fireside');
  await office.getByRole('button', { name: 'Save' }).click();
  await page.getByText('The office’s name has been saved.').waitFor();
  expect(await setting('office.name')).toBe('Fireside');
  // Saved, so that nobody is asked.
  await page.getByRole('link', { name: 'Privacy and retention' }).click();
  await page.waitForURL('**/settings/privacy');
  await server.admin('PUT', '/settings/office.name', { value: null });
});

it('never goes online once the owner says so, and does again when they take it back', async () => {
  const free = await startConsole({}, {}, { offline: false });
  onTestFinished(() => free.stop());
  await free.admin('PUT', '/settings/hub.address', { value: 'http://127.0.0.1:9' });
  const page = await free.open('/console/settings');
  const online = panel(page, 'Going online');
  await online.getByText(/^127\.0\.0\.1:9 does not answer now/).waitFor();
  const never = online.getByRole('switch', { name: /^Never go online/ });
  await never.press('Space');
  await online.getByText(/^Inglenook never goes online: nothing is asked of/).waitFor();
  const isNever = async () => settingRecord.parse(await free.admin('GET', '/settings/online.never')).value;
  expect([await never.isChecked(), await isNever()]).toEqual([true, true]);
  await never.press('Space');
  await online.getByText(/^127\.0\.0\.1:9 does not answer now/).waitFor();
  expect([await never.isChecked(), await isNever()]).toEqual([false, false]);
});

it('says whether it ever goes online, and keeps language and theme in this browser', async () => {
  const page = await server.open('/console/settings');
  await panel(page, 'Going online')
    .getByText(/^Inglenook never goes online: nothing is asked of/)
    .waitFor();
  // It was started so, which cannot be changed from here.
  const never = panel(page, 'Going online').getByRole('switch', { name: /^Never go online/ });
  expect([await never.isChecked(), await never.isDisabled()]).toEqual([true, true]);
  await panel(page, 'This browser').getByText('Deutsch', { exact: true }).click();
  await page.getByRole('heading', { level: 1, name: 'Einstellungen' }).waitFor();
  await panel(page, 'Dieser Browser').getByText('Dunkel', { exact: true }).click();
  await page.locator('html[data-mantine-color-scheme=dark]').waitFor();
});

it('asks other servers again as often as the owner wants', async () => {
  const page = await server.open('/console/settings/routing');
  const again = panel(page, 'When an engine fails').getByLabel('Ask another server again');
  await expect.poll(() => again.inputValue()).toBe('2');
  await again.selectOption({ label: 'Never' });
  await expect.poll(() => setting('routing.retries')).toBe(0);
  await server.admin('PUT', '/settings/routing.retries', { value: 2 });
});

it('keeps answers and shares beginnings only where the owner wants it', async () => {
  const page = await server.open('/console/settings/routing');
  const cache = panel(page, 'Answers that are given again');
  await cache.getByRole('switch', { name: /^Keep answers in memory/ }).press('Space');
  await cache.getByLabel('For so many minutes').fill('30');
  await cache.getByRole('button', { name: 'Save' }).click();
  await page.getByText('The settings have been saved.').waitFor();
  expect([await setting('cache.enabled'), await setting('cache.maxAgeMinutes')]).toEqual([true, 30]);
  await panel(page, 'Beginnings that are computed once').getByRole('switch').press('Space');
  await expect.poll(() => setting('cache.sharePrefixes')).toBe(true);
  await panel(page, 'Names').getByRole('link', { name: 'Open names' }).click();
  await page.waitForURL('**/models/names');
  await server.admin('PUT', '/settings/cache.enabled', { value: false });
  await server.admin('PUT', '/settings/cache.sharePrefixes', { value: false });
});
