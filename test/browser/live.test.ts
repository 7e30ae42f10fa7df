import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startConsole, type ConsoleUnderTest } from './harness.ts';

let server: ConsoleUnderTest;
let anna = '';
let jonas = '';
beforeAll(async () => {
  server = await startConsole({ models: ['fake-model', 'other-model'] });
  anna = (await server.createKey({ name: 'Anna’s laptop', person: 'Anna' })).key;
  jonas = (await server.createKey({ name: 'Jonas’ laptop', person: 'Jonas' })).key;
  await (await server.chat(anna)).text();
});
afterAll(() => server.stop());

const rowsOf = (page: Page) => page.getByRole('row').filter({ has: page.getByRole('button') });
const ask = async (key: string, times = 1): Promise<void> => {
  for (let count = 0; count < times; count += 1) await (await server.chat(key)).text();
};

/** Nothing is told of what came before; the stream must be there first. */
async function openLive(search = ''): Promise<Page> {
  const page = await server.open('/console/usage');
  const [stream] = await Promise.all([
    page.waitForResponse('**/api/events'),
    page.goto(`${server.url}/console/usage/live${search}`),
  ]);
  expect(stream.status()).toBe(200);
  await page.getByRole('heading', { level: 1, name: 'Live' }).waitFor();
  return page;
}

it('shows requests as they end, stands still when told to, and then shows what came', async () => {
  const page = await openLive();
  await page.getByText('Waiting for the next request. It appears here as soon as it ends.').waitFor();
  await ask(anna, 2);
  await expect.poll(() => rowsOf(page).count()).toBe(2);
  await page.getByRole('button', { name: 'Pause' }).click();
  await page.getByText('Paused.', { exact: true }).waitFor();
  await ask(anna, 3);
  await page.getByRole('button', { name: 'Go on, 3 new' }).waitFor();
  expect(await rowsOf(page).count()).toBe(2);
  await page.getByRole('button', { name: 'Go on, 3 new' }).click();
  await expect.poll(() => rowsOf(page).count()).toBe(5);
  await page.getByRole('button', { name: 'Pause' }).waitFor();
});

it('stands still by itself while somebody reads further down, and goes on at the top', async () => {
  const page = await openLive();
  await ask(anna, 30);
  await expect.poll(() => rowsOf(page).count()).toBeGreaterThan(15);
  await page.evaluate('scrollTo(0, 400)');
  await page.getByText('Paused while you read.').waitFor();
  await ask(jonas);
  await page.getByRole('button', { name: 'Go on, 1 new' }).waitFor();
  await page.evaluate('scrollTo(0, 0)');
  await page.getByRole('button', { name: 'Pause' }).waitFor();
  await expect.poll(async () => rowsOf(page).first().innerText()).toContain('Jonas’ laptop');
});

it('takes the filter of the address, keeps it from part to part, and opens a request’s details', async () => {
  const page = await openLive('?person=Jonas&period=30d');
  await page.getByText('Waiting for the next request that fits the filter.').waitFor();
  await ask(anna);
  await ask(jonas);
  await expect.poll(() => rowsOf(page).count()).toBe(1);
  await rowsOf(page).first().getByRole('button').click();
  await page.getByRole('dialog', { name: 'Request' }).getByText('Jonas', { exact: true }).waitFor();
  await page.keyboard.press('Escape');
  const parts = page.getByRole('navigation', { name: 'Parts of this page' });
  await parts.getByRole('link', { name: 'Requests' }).click();
  await page.getByRole('heading', { level: 1, name: 'Log' }).waitFor();
  expect(new URL(page.url()).search).toBe('?person=Jonas&period=30d');
  expect(await page.getByRole('search').getByLabel('Person').inputValue()).toBe('Jonas');
  await parts.getByRole('link', { name: 'Overview' }).click();
  await page.getByRole('heading', { level: 1, name: 'Usage' }).waitFor();
  expect(new URL(page.url()).search).toBe('?person=Jonas&period=30d');
});

it('uses the tab’s one stream, and says what came in to who does not see it', async () => {
  const opened =
    'globalThis.streams = 0; const Real = EventSource; globalThis.EventSource = class extends Real { constructor(...parts) { super(...parts); globalThis.streams += 1; } };';
  const page = await server.open('/console/usage/live', { initScript: opened });
  await page.getByRole('heading', { level: 1, name: 'Live' }).waitFor();
  await expect.poll(() => page.evaluate('globalThis.streams')).toBe(1);
  const polite = page.locator('output[aria-live=polite]').filter({ hasText: 'new request' });
  await expect
    .poll(
      async () => {
        await ask(anna);
        return polite.count();
      },
      { timeout: 20_000, interval: 500 },
    )
    .toBe(1);
  await page.getByRole('link', { name: 'Overview' }).click();
  await page.getByRole('heading', { level: 1, name: 'Usage' }).waitFor();
  expect(await page.evaluate('globalThis.streams')).toBe(1);
}, 40_000);
