import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startFullConsole } from './full-console.ts';
import type { ConsoleUnderTest } from './harness.ts';
import { monthClockScript } from './month-of-requests.ts';

let server: ConsoleUnderTest;
beforeAll(async () => {
  server = await startFullConsole();
});
afterAll(() => server.stop());

/** From the narrowest phone up, in the language with the longest words: nothing may run out of the page sideways. */
describe('in German', () => {
  const paths = [
    '/console/',
    '/console/models',
    '/console/models/get',
    '/console/models/downloads',
    '/console/models/names',
    '/console/models/engines',
    '/console/people',
    '/console/approve',
    '/console/log',
    '/console/connect',
    '/console/connect/continue',
    '/console/connect/cursor',
    '/console/usage?period=30d',
    '/console/usage?period=custom&as=table',
    '/console/settings',
    '/console/settings/network',
    '/console/settings/security',
    '/console/settings/backup',
    '/console/settings/exports',
    '/console/settings/audit',
  ];
  it.each(paths)('%s fits at 320, 700 and 1024 px', async (path) => {
    const page = await server.open(path, {
      viewport: { width: 320, height: 700 },
      locale: 'de-DE',
      initScript: monthClockScript,
    });
    await page.getByRole('heading', { level: 1 }).waitFor();
    await page.getByText('bittet um Einlass von').waitFor();
    await expect.poll(() => page.locator('[aria-busy=true]').count()).toBe(0);
    for (const width of [320, 700, 1024]) {
      await page.setViewportSize({ width, height: 700 });
      await expect.poll(() => page.evaluate('document.documentElement.scrollWidth')).toBe(width);
    }
  });
});

it('gives fingers 44 pixels', async () => {
  const page = await server.open('/console/people', {
    viewport: { width: 390, height: 844 },
    hasTouch: true,
    isMobile: true,
  });
  const buttons = page.getByRole('button');
  await page
    .getByRole('button', { name: /^Limits of/ })
    .first()
    .waitFor();
  const sizes = await Promise.all((await buttons.all()).map((button) => button.boundingBox()));
  const links = await Promise.all((await page.locator('nav a').all()).map((link) => link.boundingBox()));
  expect(sizes.length).toBeGreaterThan(2);
  for (const size of [...sizes, ...links]) expect(size?.height).toBeGreaterThanOrEqual(44);
});
