import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openBreakableLine } from './breakable-line.ts';
import { launchChromium } from './chromium.ts';
import { computer, openTheOffice, phone, press, title, visit } from './pair-harness.ts';

let browser: Browser;
beforeAll(async () => {
  browser = await launchChromium();
});
afterAll(() => browser.close());

/** Chromium tells its console of every answer that is none. */
const refused = { expectedErrors: /status of (410|429)/ };
const cut = { expectedErrors: /net::ERR_/ };
const cannotBeUsed = 'This link or code cannot be used';

async function askHere(page: Page): Promise<void> {
  await press(page, /^On this device/);
  await press(page, 'Ask to be let in');
}

describe('the same calm sentence', () => {
  it('for a device that is refused', async () => {
    const office = await openTheOffice();
    const { id, url } = await office.invite();
    const page = await visit(browser, url, { ...phone, ...refused });
    await askHere(page);
    await office.whoAsks(id);
    await office.decide(id, 'deny');
    await title(page, cannotBeUsed);
  });

  it('for a link that has expired, before it is opened and while its code is shown', async () => {
    let nowMs = Date.now();
    const office = await openTheOffice({ clock: { nowMs: () => nowMs, monotonicMs: () => nowMs } });
    const { url } = await office.invite();
    const page = await visit(browser, url, { ...phone, ...refused });
    await press(page, /^On another computer/);
    await title(page, 'Go to your computer');
    nowMs += 11 * 60_000;
    await title(page, cannotBeUsed);
    const late = await visit(browser, url, { ...phone, ...refused });
    await title(late, cannotBeUsed);
  });

  it('for a link that was used, one that is damaged, and a code nobody has given out', async () => {
    const office = await openTheOffice();
    const { url, ticket } = await office.invite({ autoApprove: true });
    const first = await visit(browser, url, phone);
    await askHere(first);
    await title(first, 'You are in');

    const again = await visit(browser, url, { ...phone, ...refused });
    await title(again, cannotBeUsed);
    const damaged = await visit(browser, url.replace(ticket, ticket.slice(1)), { ...phone, ...refused });
    await title(damaged, cannotBeUsed);
    await press(damaged, 'Type a code');
    await damaged.getByLabel('Code').fill('BBBBCCCC');
    await press(damaged, 'Ask to be let in');
    await title(damaged, cannotBeUsed);
    // What was typed is still there to be corrected.
    await press(damaged, 'Type a code');
    expect(await damaged.getByLabel('Code').inputValue()).toBe('BBBB-CCCC');
  });

  it('for the second of two who show the same ticket', async () => {
    const office = await openTheOffice();
    const { id, url } = await office.invite();
    const first = await visit(browser, url, phone);
    const second = await visit(browser, url, { ...phone, ...refused });
    await press(first, /^On this device/);
    await press(second, /^On this device/);
    await second.getByLabel('Device name').fill('somebody else');
    await press(first, 'Ask to be let in');
    await title(first, 'Compare with the owner’s screen');
    await press(second, 'Ask to be let in');
    await title(second, cannotBeUsed);
    await office.decide(id, 'approve');
    await title(first, 'You are in');
  });
});

it('says how long to wait after too many wrong codes, and goes on by itself', async () => {
  let nowMs = Date.now();
  const office = await openTheOffice({ clock: { nowMs: () => nowMs, monotonicMs: () => nowMs } });
  const page = await visit(browser, `${office.server.address}/pair`, { ...computer, ...refused });
  for (let guess = 0; guess < 5; guess++) {
    await page.getByLabel('Code').fill('BBBBCCCC');
    await press(page, 'Ask to be let in');
    await title(page, cannotBeUsed);
    await press(page, 'Type a code');
  }
  nowMs += 4 * 60_000;
  const { code } = await office.invite();
  await page.getByLabel('Code').fill(code);
  await press(page, 'Ask to be let in');
  await title(page, 'Please wait a little');
  await page.getByText('Too many wrong codes came from this device’s address.').waitFor();
  await page.getByText('in 6 minutes.').waitFor();
  nowMs += 6 * 60_000 - 5_000;
  await wake(page);
  await page.getByText('in 5 seconds.').waitFor();
  nowMs += 6_000;
  await wake(page);
  await title(page, 'Compare with the owner’s screen');
});

it('keeps trying while the server cannot be reached, and says so', async () => {
  const office = await openTheOffice();
  const { id, ticket } = await office.invite();
  const line = await openBreakableLine(office.server.address);
  const page = await visit(browser, `${line.url}/pair#t=${ticket}`, { ...phone, ...cut });
  await press(page, /^On this device/);
  await line.cut();
  await press(page, 'Ask to be let in');
  await page.getByText('The server cannot be reached just now.').waitFor();
  await line.mend();
  await title(page, 'Compare with the owner’s screen');
  await page.getByText('The server cannot be reached just now.').waitFor({ state: 'detached' });
  await line.cut();
  await page.getByText('The server cannot be reached just now.').waitFor();
  await office.decide(id, 'approve');
  await line.mend();
  await title(page, 'You are in');
});

it('takes the sign-in page of a guest network for no answer', async () => {
  const office = await openTheOffice();
  const { url } = await office.invite();
  const page = await visit(browser, `${office.server.address}/pair`, phone);
  await page.route('**/pair/look', (route) =>
    route.fulfill({ contentType: 'text/html', body: '<h1>Welcome, please sign in</h1>' }),
  );
  await page.goto(url);
  await page.getByText('The server cannot be reached just now.').waitFor();
  await page.unroute('**/pair/look');
  await page.getByText('Where do you work?').waitFor();
});

describe('loaded again in the middle', () => {
  it('a link’s page goes on after one more scan under the same name', async () => {
    const office = await openTheOffice();
    const { id, url } = await office.invite();
    const page = await visit(browser, url, phone);
    await press(page, /^On this device/);
    await page.getByLabel('Device name').fill('Annas <b>Handy</b>');
    await press(page, 'Ask to be let in');
    const { join } = await office.whoAsks(id);
    await page.reload();
    await page.getByText('Scan the QR code or open the link once more').waitFor();
    await page.goto(url);
    await page.getByText('A device is asking with this invitation already.').waitFor();
    await press(page, /^On this device/);
    expect(await page.getByLabel('Device name').inputValue()).toBe('Annas <b>Handy</b>');
    await press(page, 'Ask to be let in');
    await page.getByText(join?.matchCode ?? 'no match code', { exact: true }).waitFor();
    await office.decide(id, 'approve');
    await title(page, 'You are in');
  });

  it('a computer’s page goes on with the same code and name', async () => {
    const office = await openTheOffice();
    const { id, code } = await office.invite();
    const page = await visit(browser, `${office.server.address}/pair`, computer);
    await page.getByLabel('Code').fill(code);
    await page.getByLabel('Device name').fill('Desk');
    await press(page, 'Ask to be let in');
    await office.whoAsks(id);
    await page.reload();
    await page.getByText('Type the same code and keep the device name').waitFor();
    await page.getByLabel('Code').fill(code);
    expect(await page.getByLabel('Device name').inputValue()).toBe('Desk');
    await press(page, 'Ask to be let in');
    await title(page, 'Compare with the owner’s screen');
    await office.decide(id, 'approve');
    await title(page, 'You are in');
  });
});

it('shows a device name that the server cannot read in its field again', async () => {
  const office = await openTheOffice();
  const { url } = await office.invite();
  const page = await visit(browser, url, { ...phone, expectedErrors: /status of 400/ });
  await press(page, /^On this device/);
  // Passes for a name here, but has nothing that can be seen.
  await page.getByLabel('Device name').fill('\u2066\u2069');
  await press(page, 'Ask to be let in');
  await page.getByText('Give the device a name that can be read.').waitFor();
  await page.getByLabel('Device name').fill('laptop');
  await press(page, 'Ask to be let in');
  await title(page, 'Compare with the owner’s screen');
});

/** As when somebody takes the phone out of the pocket again. */
async function wake(page: Page): Promise<void> {
  await page.evaluate(`dispatchEvent(new Event('online'))`);
}
