// The owner's browser: Chromium, signed in to the console, with what it takes to look at its time.
import { fileURLToPath } from 'node:url';
import { launchChromium } from '../../../test/browser/chromium.ts';

/** Another world than ours: the page's. */
const watchPaints = fileURLToPath(new URL('in-page.js', import.meta.url));
const password = 'a warm place by the fire';

/** @typedef {Awaited<ReturnType<typeof openScreen>>} Screen */

/** @param {{ address: string, setupLink: string | null }} server one without a password yet */
export async function openScreen({ address, setupLink }) {
  if (setupLink === null) throw new Error('The server of the benchmark has a password already.');
  const browser = await launchChromium();
  try {
    const context = await browser.newContext({ locale: 'en-GB', viewport: { width: 1440, height: 900 } });
    const page = await context.newPage();
    await page.addInitScript({ path: watchPaints });
    await page.goto(setupLink);
    await page.getByLabel('New password').fill(password);
    await page.getByRole('button', { name: 'Set password and open the console' }).click();
    await page.waitForURL(`${address}/console/`);
    const session = await browser.newBrowserCDPSession();
    return {
      page,
      version: browser.version(),
      /**
       * CPU time in milliseconds since they started: of the processes that run pages, and of the browser's others, which
       * put its picture together.
       */
      async cpu() {
        const { processInfo } = await session.send('SystemInfo.getProcessInfo');
        const sum = (/** @type {boolean} */ isRenderer) =>
          processInfo
            .filter(({ type }) => (type === 'renderer') === isRenderer)
            .reduce((all, { cpuTime }) => all + cpuTime * 1000, 0);
        return { rendererMs: sum(true), othersMs: sum(false) };
      },
      close: () => browser.close(),
    };
  } catch (error) {
    await browser.close();
    throw error;
  }
}
