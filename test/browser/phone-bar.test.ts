import { afterAll, beforeAll, expect, it } from 'vitest';
import { startConsole, type ConsoleUnderTest } from './harness.ts';

let server: ConsoleUnderTest;
beforeAll(async () => {
  server = await startConsole();
});
afterAll(() => server.stop());

const paths =
  '/ /models /models/get /models/engines /people /usage /log /usage/live /connect /health /playground /settings ' +
  '/settings/privacy /settings/network /settings/security /settings/routing /settings/backup /settings/exports /settings/audit';

it.each(paths.split(' '))('the bar at the bottom of a phone hides no end of %s', async (path) => {
  const page = await server.open(`/console${path}`, {
    viewport: { width: 390, height: 844 },
    hasTouch: true,
    isMobile: true,
  });
  await page.getByRole('heading', { level: 1 }).waitFor();
  /** How far the last thing of the page reaches below the bar's upper edge when one has scrolled to the end. */
  const hidden = (): Promise<number> =>
    page.evaluate(`(() => {
      scrollTo(0, document.documentElement.scrollHeight);
      const ends = [...document.querySelectorAll('main *')]
        .map((element) => element.getBoundingClientRect())
        .filter(({ width, height }) => width > 1 && height > 1)
        .map(({ bottom }) => bottom);
      return Math.max(...ends) - document.querySelector('nav').getBoundingClientRect().top;
    })()`);
  await expect.poll(hidden).toBeLessThanOrEqual(0);
});
