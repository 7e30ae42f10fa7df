import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startFullConsole } from './full-console.ts';
import type { ConsoleUnderTest } from './harness.ts';
import { monthClockScript } from './month-of-requests.ts';

let server: ConsoleUnderTest;
beforeAll(async () => {
  server = await startFullConsole();
});
afterAll(() => server.stop());

/** The words of the buttons that do not have the room for them: in their own box, or in the button's. */
const cutButtons = `[...document.querySelectorAll('.mantine-Button-label')].flatMap((label) => {
  const button = label.closest('button, a');
  const [words, room] = [label.getBoundingClientRect(), button.getBoundingClientRect()];
  const isOut =
    words.left < room.left - 1 || words.right > room.right + 1 ||
    words.top < room.top - 1 || words.bottom > room.bottom + 1;
  return isOut || label.scrollWidth > label.clientWidth ? [label.textContent] : [];
})`;

/** From the narrowest phone up, in the language with the longest words: nothing may run out of the page sideways. */
describe('in German', () => {
  const paths = [
    '/console/',
    '/console/models',
    '/console/models/get',
    '/console/models/downloads',
    '/console/models/names',
    '/console/models/engines',
    '/console/health',
    '/console/people',
    '/console/approve',
    '/console/log',
    '/console/log?period=custom&status=refused&client=c',
    '/console/usage/live',
    '/console/usage?period=30d&split=model&as=table',
    '/console/playground',
    '/console/connect',
    '/console/connect/continue',
    '/console/connect/cursor',
    '/console/usage?period=30d',
    '/console/usage?period=custom&as=table',
    '/console/settings',
    '/console/settings/routing',
    '/console/settings/hours',
    '/console/settings/privacy',
    '/console/settings/network',
    '/console/settings/security',
    '/console/settings/backup',
    '/console/settings/exports',
    '/console/settings/audit',
  ];
  it.each(paths)('%s fits at 320, 390, 700 and 1024 px', async (path) => {
    const page = await server.open(path, {
      viewport: { width: 320, height: 700 },
      locale: 'de-DE',
      initScript: monthClockScript,
    });
    await page.getByRole('heading', { level: 1 }).waitFor();
    await page.getByText('bittet um Einlass von').waitFor();
    await expect.poll(() => page.locator('[aria-busy=true]').count()).toBe(0);
    for (const width of [320, 390, 700, 1024]) {
      await page.setViewportSize({ width, height: 700 });
      await expect.poll(() => page.evaluate('document.documentElement.scrollWidth')).toBe(width);
      expect(await page.evaluate(cutButtons)).toEqual([]);
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

it('has the time of a request in short, on one line of a phone', async () => {
  const page = await server.open('/console/log?period=30d', {
    viewport: { width: 390, height: 844 },
    locale: 'de-DE',
    initScript: monthClockScript,
  });
  const times = page.locator('tbody td:first-child button');
  await times.first().waitFor();
  for (const time of await times.all()) {
    expect(await time.innerText()).toMatch(
      /^(\d\d:\d\d:\d\d|\d{1,2}\.\d{1,2}\. \d\d:\d\d)\s*: Einzelheiten zeigen$/,
    );
    expect((await time.boundingBox())?.height).toBeLessThan(30);
  }
});
