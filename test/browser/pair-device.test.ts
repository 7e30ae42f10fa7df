import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { codeProblem, formatCode } from '../../renderer/pair/code.ts';
import { launchChromium } from './chromium.ts';
import {
  computer,
  openTappedLine,
  openTheOffice,
  paste,
  phone,
  press,
  title,
  visit,
} from './pair-harness.ts';

let browser: Browser;
beforeAll(async () => {
  browser = await launchChromium();
});
afterAll(() => browser.close());

describe('on this device', () => {
  it('leads from the link to settings that work, with the key shown once', async () => {
    const office = await openTheOffice();
    const { id, url } = await office.invite({ person: 'Anna', device: 'laptop' });
    const page = await visit(browser, url, phone);
    await page.getByRole('heading', { level: 1, name: /^Pair with Inglenook on .+\?$/ }).waitFor();
    await page.getByText('For Anna’s laptop').waitFor();
    await page.getByText('Not encrypted').waitFor();

    await press(page, /^On this device/);
    await title(page, 'Name this device');
    expect(await page.getByLabel('Device name').inputValue()).toBe('laptop');
    await page.getByLabel('Device name').fill('Pixel');
    await press(page, 'Ask to be let in');
    await title(page, 'Compare with the owner’s screen');
    const { join } = await office.whoAsks(id);
    expect(join).toMatchObject({ device: 'Pixel', via: 'ticket' });
    await page.getByText(join?.matchCode ?? 'no match code', { exact: true }).waitFor();

    await office.decide(id, 'approve');
    await title(page, 'You are in');
    await page.getByText('Test model, not for work: so far').waitFor();
    await page.getByText('The key has no end date').waitFor();
    await page.getByText('Another tool').click();
    const settings = await readFields(page);
    const answer = await fetch(`${settings['Base URL']}/chat/completions`, {
      method: 'POST',
      headers: { authorization: `Bearer ${settings['Key']}`, 'content-type': 'application/json' },
      body: JSON.stringify({ model: settings['Model'], messages: [{ role: 'user', content: 'Hello' }] }),
    });
    expect([answer.status, await answer.text()]).toEqual([
      200,
      expect.stringContaining('Hello from the fake.'),
    ]);

    await press(page, 'Done, take the key off this page');
    await title(page, 'All set');
    expect(await page.content()).not.toContain(settings['Key']);
  });

  it('shows when the key ends, and each tool’s steps', async () => {
    const office = await openTheOffice();
    const expiresAt = '2031-05-09T16:00:00.000Z';
    const { url } = await office.invite({ autoApprove: true, expiresAt });
    const page = await visit(browser, url, { ...computer, timezoneId: 'Europe/Berlin' });
    await press(page, /^On this device/);
    await press(page, 'Ask to be let in');
    await title(page, 'You are in');
    await page.getByText(/The key works until Friday,? 9 May 2031 at 18:00\./).waitFor();
    const tools = await page.getByRole('radio').count();
    expect(tools).toBeGreaterThan(5);
    await page.getByRole('radio', { name: /^Continue/ }).focus();
    for (let index = 1; index < tools; index++) {
      await page.keyboard.press('ArrowRight');
      const details = page.getByRole('region').filter({ has: page.getByRole('heading', { level: 2 }) });
      expect((await details.innerText()).length).toBeGreaterThan(50);
    }
    // Each sentence was found: none of them shows its key instead.
    expect(await page.locator('#card').innerText()).not.toMatch(/connect\.\w+\.|\{\{/);
  });

  it('does not call a real model a test model', async () => {
    const office = await openTheOffice();
    const { url } = await office.invite({ autoApprove: true });
    const page = await visit(browser, url, phone);
    await page.route('**/pair/redeem', async (route) => {
      const response = await route.fetch();
      await route.fulfill({ response, json: { ...(await response.json()), isTestModel: false } });
    });
    await press(page, /^On this device/);
    await press(page, 'Ask to be let in');
    await title(page, 'You are in');
    expect(await page.getByText('Test model, not for work: so far').count()).toBe(0);
  });

  it('suggests a name that says what the device is', async () => {
    const office = await openTheOffice();
    const suggestions = await Promise.all(
      [
        'Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 Mobile/15E148',
        'Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 Chrome/140.0.0.0 Mobile Safari/537.36',
        phone.userAgent,
        'Mozilla/5.0 (Android 14; Mobile; rv:140.0) Gecko/140.0 Firefox/140.0',
        'Mozilla/5.0 (Linux; Android 13; SM-X710 Build/TP1A; wv) AppleWebKit/537.36 Version/4.0 Chrome/140.0',
        'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/140.0.0.0 Safari/537.36',
        'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 Version/18.0 Safari/605.1.15',
        'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0',
      ].map(async (userAgent) => {
        const page = await visit(browser, `${office.server.address}/pair`, { userAgent });
        return page.getByLabel('Device name').inputValue();
      }),
    );
    expect(suggestions).toEqual([
      'iPhone',
      'Android phone',
      'Pixel 8',
      'Android phone',
      'SM-X710',
      'Windows PC',
      'Mac',
      'Linux computer',
    ]);
  });

  it('asks before it is left with the key on it, and not after that', async () => {
    const office = await openTheOffice();
    const { url } = await office.invite({ autoApprove: true });
    const page = await visit(browser, url, computer);
    await press(page, /^On this device/);
    await press(page, 'Ask to be let in');
    await title(page, 'You are in');
    const asked = page.waitForEvent('dialog');
    const reload = page.reload().catch(() => null);
    const dialog = await asked;
    expect(dialog.type()).toBe('beforeunload');
    await dialog.dismiss();
    await title(page, 'You are in');
    await press(page, 'Done, take the key off this page');
    await page.reload();
    await reload;
    await page.getByText('The key was shown once and is no longer here').waitFor();
  });
});

describe('the ticket', () => {
  it('leaves the address bar at once and is in no request line, header or storage', async () => {
    const office = await openTheOffice();
    const { id, url, ticket } = await office.invite({ person: 'Anna' });
    const line = await openTappedLine(office.server.address);
    const page = await visit(browser, `${line.url}/pair#t=${ticket}`, phone);
    await press(page, /^On this device/);
    expect(page.url()).toBe(`${line.url}/pair`);
    expect(new URL(url).hash).toContain(ticket);
    await press(page, 'Ask to be let in');
    await office.whoAsks(id);
    await office.decide(id, 'approve');
    await title(page, 'You are in');
    const withTicket = line
      .sent()
      .split('\r\n')
      .filter((text) => text.includes(ticket));
    expect(withTicket.length).toBeGreaterThan(0);
    expect(withTicket.filter((text) => !text.startsWith('{"ticket":'))).toEqual([]);
    const kept = await page.evaluate(
      'JSON.stringify([{ ...localStorage }, { ...sessionStorage }, history.state])',
    );
    expect(kept).not.toContain(ticket);
  });

  it('of a second scan in the same tab is taken up', async () => {
    const office = await openTheOffice();
    const first = await office.invite({ person: 'Anna' });
    const second = await office.invite({ person: 'Bob' });
    const page = await visit(browser, first.url, phone);
    await page.getByText('For Anna').waitFor();
    await page.goto(second.url);
    await page.getByText('For Bob').waitFor();
    expect(page.url()).toBe(`${office.server.address}/pair`);
  });
});

describe('copying', () => {
  /** What http to another computer is without: the tests' own address is a secure context all the same. */
  const withoutSecureContext = `
    delete Navigator.prototype.clipboard;
    Object.defineProperty(Crypto.prototype, 'subtle', { get: () => undefined });
    Object.defineProperty(globalThis, 'isSecureContext', { get: () => false });`;

  async function settingsPage(initScript: string): Promise<Page> {
    const office = await openTheOffice();
    const { url } = await office.invite({ autoApprove: true });
    const page = await visit(browser, url, { ...phone, initScript });
    await press(page, /^On this device/);
    await press(page, 'Ask to be let in');
    await title(page, 'You are in');
    return page;
  }

  it('works without a secure context', async () => {
    const page = await settingsPage(withoutSecureContext);
    const shown = await page.locator('pre').first().innerText();
    expect(shown).toMatch(/sk-ink_\w+/);
    await page.getByRole('button', { name: /^Copy/ }).first().click();
    await page.getByRole('button', { name: 'Copied' }).waitFor();
    expect((await paste(page)).trim()).toBe(shown.trim());
  });

  it('leaves the text selected and says so where nothing works', async () => {
    const page = await settingsPage(`${withoutSecureContext} Document.prototype.execCommand = () => false;`);
    await page.getByRole('button', { name: /^Copy/ }).first().click();
    await page.getByText('Selected. Press and hold the text, then choose Copy.').waitFor();
    const shown = await page.locator('pre').first().innerText();
    expect(String(await page.evaluate('getSelection().toString()')).trim()).toBe(shown.trim());

    await page.getByText('Another tool').click();
    await press(page, 'Copy: Key');
    await page.getByText('Selected. Press and hold').last().waitFor();
    const selected = await page.evaluate(
      'const { value, selectionStart, selectionEnd } = document.activeElement; value.slice(selectionStart, selectionEnd)',
    );
    expect(selected).toBe((await readFields(page))['Key']);
  });
});

describe('a code', () => {
  it.each([
    ['bcdfghjk', 'BCDF-GHJK'],
    ['bcdf', 'BCDF'],
    ['bcdfg', 'BCDF-G'],
    [' BCDF - GHJK ', 'BCDF-GHJK'],
    ['BCDF‑GHJK', 'BCDF-GHJK'],
    ['BCDFGHJKLM', 'BCDF-GHJK'],
    ['', ''],
  ])('typed as %j becomes %j', (typed, formatted) => {
    expect(formatCode(typed)).toBe(formatted);
  });

  it('is looked at before anybody is asked, since a wrong guess counts', () => {
    expect(['', 'BCDF', 'BCDF-GHJA', 'BCDF-GHJ1', 'BCDF-GHJK'].map(codeProblem)).toEqual([
      'missing',
      'incomplete',
      'unknownLetters',
      'unknownLetters',
      null,
    ]);
  });
});

/** The fields of “Another tool”, by their labels. */
async function readFields(page: Page): Promise<Record<string, string>> {
  const labels = ['Base URL', 'Key', 'Model'];
  const values = await Promise.all(
    labels.map((label) => page.getByLabel(label, { exact: true }).inputValue()),
  );
  return Object.fromEntries(labels.map((label, index) => [label, values[index] ?? '']));
}
