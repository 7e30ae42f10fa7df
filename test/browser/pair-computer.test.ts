import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { launchChromium } from './chromium.ts';
import { computer, openTappedLine, openTheOffice, phone, press, title, visit } from './pair-harness.ts';

let browser: Browser;
beforeAll(async () => {
  browser = await launchChromium();
});
afterAll(() => browser.close());

describe('on another computer', () => {
  it('shows address and code, gives the phone no key, and turns green when the computer is in', async () => {
    const office = await openTheOffice();
    const { id, url, code, shortAddress } = await office.invite({ person: 'Anna' });
    const scanning = await visit(browser, url, phone);
    const heard: Promise<string>[] = [];
    scanning.on('response', (response) => {
      if (response.request().method() === 'POST') heard.push(response.text().catch(() => ''));
    });
    await press(scanning, /^On another computer/);
    await title(scanning, 'Go to your computer');
    await scanning.getByText(code, { exact: true }).waitFor();
    expect(await scanning.locator('.address').innerText()).toBe(shortAddress);

    const working = await visit(browser, `http://${shortAddress}`, computer);
    await title(working, 'Pair this computer');
    // The cursor is where the code belongs; in lower case and without its dash.
    await working.keyboard.type(code.replace('-', '').toLowerCase());
    expect(await working.getByLabel('Code').inputValue()).toBe(code);
    await working.getByLabel('Device name').fill('Desk');
    await working.keyboard.press('Enter');
    await title(working, 'Compare with the owner’s screen');
    const { join } = await office.whoAsks(id);
    expect(join).toMatchObject({ device: 'Desk', via: 'code' });
    await working.getByText(join?.matchCode ?? 'no match code', { exact: true }).waitFor();
    await scanning.getByText('A computer is asking.').last().waitFor();

    await office.decide(id, 'approve');
    await title(working, 'You are in');
    await title(scanning, 'The computer has joined');
    const answers = await Promise.all(heard);
    expect(answers.length).toBeGreaterThan(1);
    expect(answers.filter((text) => text.includes('sk-ink_'))).toEqual([]);
    expect(await scanning.content()).not.toContain('sk-ink_');
  });

  it('lets the mind be changed while no computer has come', async () => {
    const office = await openTheOffice();
    const { url } = await office.invite({ autoApprove: true });
    const page = await visit(browser, url, phone);
    await press(page, /^On another computer/);
    await press(page, 'I work on this device after all');
    await press(page, /^On this device/);
    await press(page, 'Back');
    await press(page, /^On this device/);
    await press(page, 'Ask to be let in');
    await title(page, 'You are in');
  });
});

describe('typing the code', () => {
  it('keeps the caret where it was while the dash comes and goes', async () => {
    const office = await openTheOffice();
    const page = await visit(browser, `${office.server.address}/pair`, computer);
    const code = page.getByLabel('Code');
    const caret = (): Promise<unknown> =>
      page.evaluate('[document.activeElement.value, document.activeElement.selectionStart]');
    await code.pressSequentially('bcdfg');
    expect(await caret()).toEqual(['BCDF-G', 6]);
    await page.keyboard.press('ArrowLeft');
    await page.keyboard.press('Backspace');
    await page.keyboard.press('Backspace');
    expect(await caret()).toEqual(['BCDG', 3]);
    await page.keyboard.type('hj');
    expect(await caret()).toEqual(['BCDH-JG', 6]);
  });

  it('complains about what can be seen to be wrong without asking the server', async () => {
    const office = await openTheOffice();
    const line = await openTappedLine(office.server.address);
    const page = await visit(browser, `${line.url}/pair`, computer);
    await page.getByLabel('Device name').fill('   ');
    await press(page, 'Ask to be let in');
    await page.getByText('Type the code of your invitation.', { exact: true }).waitFor();
    await page.getByText('Give the device a name.', { exact: true }).waitFor();
    expect(await page.evaluate('document.activeElement.id')).toBe('code');
    await page.keyboard.type('bcdf');
    await press(page, 'Ask to be let in');
    await page.getByText('The code has 8 letters.').waitFor();
    await page.getByLabel('Code').fill('ABCD-EFGH');
    await press(page, 'Ask to be let in');
    await page.getByText('no vowels, no Y and no digits').waitFor();
    expect(line.sent()).not.toContain('POST');
  });
});
