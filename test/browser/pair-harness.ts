import { once } from 'node:events';
import { connect, createServer, type AddressInfo } from 'node:net';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { expect, onTestFinished, vi } from 'vitest';
import { createdPairing, pairingList } from '../../server/wire/pairing.ts';
import type { CreatedPairing, PairingRecord } from '../../server/wire/pairing.ts';
import { startComposed, type ComposedServer } from '../fakes/composed.ts';

/** The two devices of the first day: a phone that scans, a computer to work on. */
export const phone = {
  viewport: { width: 390, height: 844 },
  isMobile: true,
  hasTouch: true,
  userAgent:
    'Mozilla/5.0 (Linux; Android 14; Pixel 8 Build/UQ1A) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 Chrome/140.0.0.0 Mobile Safari/537.36',
} as const;
export const computer = { viewport: { width: 1280, height: 860 } } as const;

export type Office = {
  readonly server: ComposedServer;
  readonly invite: (request?: Readonly<Record<string, unknown>>) => Promise<CreatedPairing>;
  /** The owner sees the device that asks. */
  readonly whoAsks: (id: string) => Promise<PairingRecord>;
  readonly decide: (id: string, verdict: 'approve' | 'deny') => Promise<void>;
};

/** The real server with the built pages, and the owner at the admin API. */
export async function openTheOffice(options: Parameters<typeof startComposed>[0] = {}): Promise<Office> {
  const server = await startComposed(options);
  const find = async (id: string): Promise<PairingRecord | undefined> =>
    pairingList.parse(await server.admin('GET', '/pairings')).find((pairing) => pairing.id === id);
  return {
    server,
    invite: async (request = {}) => createdPairing.parse(await server.admin('POST', '/pairings', request)),
    whoAsks: (id) =>
      vi.waitUntil(
        async () => {
          const pairing = await find(id);
          return pairing?.state === 'waiting' && pairing;
        },
        { timeout: 10_000, interval: 50 },
      ),
    decide: async (id, verdict) => void (await server.admin('POST', `/pairings/${id}/${verdict}`)),
  };
}

export type VisitOptions = BrowserContextOptions & {
  /** Runs in the page before anything else. */
  readonly initScript?: string;
  /** What the browser itself reports as an error although the test wants it, such as a 410. */
  readonly expectedErrors?: RegExp;
};

/** A page in a browser of its own. Errors in its console fail the test. */
export async function visit(browser: Browser, url: string, options: VisitOptions = {}): Promise<Page> {
  const { initScript, expectedErrors, ...rest } = options;
  const context = await browser.newContext({ locale: 'en-GB', reducedMotion: 'reduce', ...rest });
  if (initScript !== undefined) await context.addInitScript(initScript);
  const page = await context.newPage();
  const errors: string[] = [];
  page.on('pageerror', (error) => errors.push(String(error)));
  page.on('console', (message) => {
    if (message.type() === 'error' && !expectedErrors?.test(message.text())) errors.push(message.text());
  });
  onTestFinished(async () => {
    await context.close();
    expect(errors, 'errors in the browser’s console').toEqual([]);
  });
  await page.goto(url);
  return page;
}

export const title = (page: Page, name: string): Promise<void> =>
  page.getByRole('heading', { level: 1, name, exact: true }).waitFor();

export const press = (page: Page, name: string | RegExp): Promise<void> =>
  page.getByRole('button', { name }).click();

/** What is in the clipboard: pasted, since a page without a secure context may not read it. */
export async function paste(page: Page): Promise<string> {
  await page.evaluate(
    `document.body.append(Object.assign(document.createElement('textarea'), { id: 'paste' }))`,
  );
  await page.locator('#paste').focus();
  await page.keyboard.press('ControlOrMeta+V');
  const text = await page.locator('#paste').inputValue();
  await page.evaluate(`document.querySelector('#paste').remove()`);
  return text;
}

/** A way to the server on which every byte that the browser sends is kept. */
export async function openTappedLine(
  url: string,
): Promise<{ readonly url: string; readonly sent: () => string }> {
  const chunks: Buffer[] = [];
  const line = createServer((near) => {
    const far = connect(Number(new URL(url).port), '127.0.0.1');
    near.on('data', (chunk) => chunks.push(chunk));
    near.pipe(far).pipe(near);
    near.on('error', () => far.destroy());
    far.on('error', () => near.destroy());
  });
  line.listen(0, '127.0.0.1');
  await once(line, 'listening');
  onTestFinished(() => void line.close());
  return {
    url: `http://127.0.0.1:${(line.address() as AddressInfo).port}`,
    sent: () => Buffer.concat(chunks).toString('utf8'),
  };
}
