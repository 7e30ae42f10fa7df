import { readFile } from 'node:fs/promises';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { violations as axeViolations } from './axe.ts';
import { createCodeClock } from './code-clock.ts';
import { ownersPassword, startConsole, type ConsoleUnderTest } from './harness.ts';

let server: ConsoleUnderTest;
const { clock, nextCode } = createCodeClock();
beforeAll(async () => {
  server = await startConsole({}, { clock });
});
afterAll(() => server.stop());

/** What the browser has kept from running or loading, as it tells the page. */
const watchPolicy = `
  window.blocked = [];
  document.addEventListener('securitypolicyviolation', (event) =>
    window.blocked.push([event.effectiveDirective, event.blockedURI, event.sample]));
`;
const blocked = (page: Page): Promise<unknown> => page.evaluate('window.blocked');

describe('the content security policy', () => {
  const pages: readonly (readonly [string, (page: Page) => Promise<void>])[] = [
    ['/console/', async () => {}],
    ['/console/models', async (page) => page.getByRole('button', { name: 'Settings of fake-model' }).click()],
    ['/console/models/get', async () => {}],
    [
      '/console/models/names',
      async (page) => page.getByRole('button', { name: 'Add a name' }).first().click(),
    ],
    [
      '/console/models/engines',
      async (page) => page.getByRole('button', { name: 'Add a server' }).first().click(),
    ],
    ['/console/people', async (page) => page.getByRole('button', { name: 'Add a person' }).first().click()],
    ['/console/log', async (page) => page.getByRole('button', { name: 'Theme, language, sign out' }).click()],
    ['/console/connect/continue', async () => {}],
    ['/console/models/downloads', async () => {}],
    ['/console/usage', async () => {}],
    ['/console/health', async () => {}],
    ['/console/settings', async () => {}],
    ['/console/settings/network', async () => {}],
    [
      '/console/settings/security',
      async (page) => page.getByRole('button', { name: 'Make a token' }).click(),
    ],
    ['/console/settings/backup', async (page) => page.getByRole('button', { name: 'Make a backup' }).click()],
    [
      '/console/settings/exports',
      async (page) => page.getByRole('button', { name: 'Add an export' }).click(),
    ],
    ['/console/settings/audit', async () => {}],
    ['/console/nothing-here', async () => {}],
  ];
  it.each(pages)('attack 43: %s runs without anything that it forbids', async (path, act) => {
    const page = await server.open(path, { initScript: watchPolicy });
    await page.getByRole('heading', { level: 1 }).waitFor();
    await expect.poll(() => page.locator('[aria-busy=true]').count(), { timeout: 10_000 }).toBe(0);
    await act(page);
    await page.waitForTimeout(100);
    expect(await blocked(page)).toEqual([]);
  });

  it('attack 43: the page of sign-in, the pairing page and the teammate’s page too', async () => {
    for (const [path, heading] of [
      ['/console/sign-in', 'Sign in'],
      ['/pair#t=unknown', /./],
      ['/me', /./],
    ] as const) {
      const page = await server.open(path, {
        signedIn: false,
        initScript: watchPolicy,
        expectedErrors: /410/,
      });
      await page.getByRole('heading', { level: 1, name: heading }).waitFor();
      expect(await blocked(page)).toEqual([]);
    }
  });

  it('attack 43: keeps scripts, styles and images of others from the page, and the page out of frames', async () => {
    const page = await server.open('/console/', { initScript: watchPolicy, expectedErrors: /./ });
    await page.getByRole('heading', { level: 1 }).waitFor();
    await page.evaluate(`
      const script = document.createElement('script');
      script.textContent = 'window.ran = true';
      const style = document.createElement('style');
      style.textContent = 'body { display: none }';
      const image = new Image();
      image.src = 'http://127.0.0.1:9/leak.png';
      document.body.append(script, style, image);
      fetch('http://127.0.0.1:9/leak').catch(() => {});
    `);
    await expect
      .poll(async () =>
        ((await blocked(page)) as string[][]).map(([directive]) => String(directive)).toSorted(),
      )
      .toEqual(['connect-src', 'img-src', 'script-src-elem', 'style-src-elem']);
    expect(await page.evaluate('window.ran')).toBeUndefined();
    expect(await page.evaluate('getComputedStyle(document.body).display')).not.toBe('none');
    const headers = (await page.goto(`${server.url}/console/`))?.headers() ?? {};
    expect(headers['content-security-policy']).toMatch(/script-src 'self';.*frame-ancestors 'none'/);
    expect(headers['content-security-policy']).not.toMatch(/unsafe/);
    expect(headers['cross-origin-opener-policy']).toBe('same-origin');
    const other = (await page.goto(`${server.url}/console/`))?.headers() ?? {};
    expect(other['content-security-policy']).not.toBe(headers['content-security-policy']);
  });
});

describe('names that somebody else has given', () => {
  it('attack 45: are text wherever they are shown', async () => {
    const name = '<img src=x onerror="window.ran = true">';
    await server.admin('POST', '/keys', { name, person: `${name} person`, team: `${name} team` });
    for (const path of ['/console/people', '/console/', '/console/log', '/console/usage']) {
      const page = await server.open(path);
      await page.getByRole('heading', { level: 1 }).waitFor();
      await expect.poll(() => page.locator('[aria-busy=true]').count(), { timeout: 10_000 }).toBe(0);
      if (path === '/console/people') await page.getByText(name, { exact: true }).first().waitFor();
      expect([path, await page.evaluate('window.ran'), await page.locator('img[src=x]').count()]).toEqual([
        path,
        undefined,
        0,
      ]);
    }
  });
});

/** In this order: what the first test sets up, the others sign in with and switch off. */
describe('the second step', () => {
  let secret = '';
  let recoveryCodes: string[] = [];
  const openSecurity = async (page: Page): Promise<void> => {
    await page.getByRole('button', { name: 'Theme, language, sign out' }).click();
    await page.getByRole('link', { name: 'Security', exact: true }).click();
    await page.locator('main').getByRole('link', { name: 'Security', exact: true }).waitFor();
    expect(new URL(page.url()).pathname).toBe('/console/settings/security');
  };

  it('is set up by password, secret and a code, and gives the recovery codes once, as a file too', async () => {
    const page = await server.open('/console/', { expectedErrors: /401/ });
    await openSecurity(page);
    await page.getByRole('button', { name: 'Set up the second step' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Present password').fill('not the password');
    await dialog.getByRole('button', { name: 'Next' }).click();
    await dialog.getByText('That is not the present password.').waitFor();
    await dialog.getByLabel('Present password').fill(ownersPassword);
    await dialog.getByRole('button', { name: 'Next' }).click();
    await dialog.getByAltText('QR code for the authenticator app').waitFor();
    secret = await dialog.getByRole('textbox', { name: 'Or type this secret into the app' }).inputValue();
    await dialog.getByLabel('Code that the app shows').fill('000000');
    await dialog.getByRole('button', { name: 'Switch on' }).click();
    await dialog.getByText('That code is not right.').waitFor();
    await dialog.getByLabel('Code that the app shows').fill(nextCode(secret));
    await dialog.getByRole('button', { name: 'Switch on' }).click();
    const shown = await dialog.getByRole('region', { name: 'Recovery codes' }).innerText();
    recoveryCodes = shown.trim().split(/\s+/);
    expect(recoveryCodes).toHaveLength(10);
    const saving = page.waitForEvent('download');
    await dialog.getByRole('button', { name: 'Download as a file' }).click();
    expect(await readFile(await (await saving).path(), 'utf8')).toContain(recoveryCodes.join('\n'));
    await dialog.getByRole('button', { name: 'I have stored them' }).click();
    await page.getByText('10 recovery codes left').waitFor();
  });

  it('is asked for at sign-in: a wrong code is said, a recovery code and a code of the app let in', async () => {
    for (const [kind, right] of [
      ['recovery', recoveryCodes[0] ?? ''],
      ['app', nextCode(secret)],
    ] as const) {
      const page = await server.open('/console/sign-in', { signedIn: false, expectedErrors: /401/ });
      await page.getByLabel('Password', { exact: true }).fill(ownersPassword);
      await page.keyboard.press('Enter');
      const field = page.getByLabel('Code of your authenticator app');
      await field.fill('000000');
      await page.keyboard.press('Enter');
      await page.getByText('That code is not right.').waitFor();
      if (kind === 'recovery') {
        await page.getByRole('button', { name: 'Use a recovery code' }).click();
        expect(await axeViolations(page)).toEqual([]);
        await page.getByLabel('Recovery code', { exact: true }).fill(right);
      } else await field.fill(right);
      await page.keyboard.press('Enter');
      await page.getByRole('heading', { level: 1, name: 'Home' }).waitFor();
    }
  });

  it('others who are signed in are listed and ended, and thrown out at once', async () => {
    const other = await server.open('/console/sign-in', { signedIn: false, expectedErrors: /401/ });
    await other.getByLabel('Password', { exact: true }).fill(ownersPassword);
    await other.keyboard.press('Enter');
    await other.getByLabel('Code of your authenticator app').fill(nextCode(secret));
    await other.keyboard.press('Enter');
    await other.getByRole('heading', { level: 1, name: 'Home' }).waitFor();
    const page = await server.open('/console/settings/security');
    await page.getByText('This one', { exact: true }).waitFor();
    await page.getByRole('button', { name: 'End all others' }).click();
    await other.getByRole('heading', { level: 1, name: 'Sign in' }).waitFor();
    await expect.poll(() => page.getByRole('button', { name: 'End all others' }).count()).toBe(0);
  });

  it('a token for a script is made, shown once and revoked', async () => {
    const page = await server.open('/console/settings/security', { expectedErrors: /401/ });
    await page.getByRole('button', { name: 'Make a token' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('What it is for').fill('deploy');
    await dialog.getByLabel('Present password').fill(ownersPassword);
    await dialog.getByRole('button', { name: 'Make a token' }).click();
    const token = await dialog.getByLabel('Token', { exact: true }).inputValue();
    expect(token).toMatch(/^adm-ink_/);
    const asScript = (): Promise<number> =>
      fetch(`${server.url}/api/keys`, { headers: { authorization: `Bearer ${token}` } }).then(
        ({ status }) => status,
      );
    expect(await asScript()).toBe(200);
    await dialog.getByRole('button', { name: 'I have stored it' }).click();
    await page.getByRole('button', { name: 'Revoke deploy' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Revoke token' }).click();
    await page.getByText(/adm-ink_….*revoked/).waitFor();
    expect(await asScript()).toBe(401);
  });

  it.each(['light', 'dark'] as const)('the page is accessible, %s', async (colorScheme) => {
    const page = await server.open('/console/settings/security');
    await page.getByRole('heading', { level: 1 }).waitFor();
    await expect.poll(() => page.locator('[aria-busy=true]').count()).toBe(0);
    await page.emulateMedia({ colorScheme });
    await page.locator(`html[data-mantine-color-scheme=${colorScheme}]`).waitFor();
    expect(await axeViolations(page)).toEqual([]);
  });

  it('fits the narrowest phone in German', async () => {
    const page = await server.open('/console/settings/security', {
      viewport: { width: 320, height: 700 },
      locale: 'de-DE',
    });
    await page.getByRole('heading', { level: 1, name: 'Einstellungen' }).waitFor();
    await expect.poll(() => page.locator('[aria-busy=true]').count()).toBe(0);
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(320);
  });

  it('is switched off by password and a recovery code', async () => {
    const page = await server.open('/console/settings/security');
    await page.getByRole('button', { name: 'Switch off' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Present password').fill(ownersPassword);
    await dialog.getByLabel('Code of the app, or a recovery code').fill(recoveryCodes[1] ?? '');
    await dialog.getByRole('button', { name: 'Switch off' }).click();
    await page.getByRole('button', { name: 'Set up the second step' }).waitFor();
  });

  it('another password ends every session, and the new one signs in', async () => {
    const page = await server.open('/console/settings/security');
    await page.getByLabel('Present password').fill(ownersPassword);
    await page.getByLabel('New password').fill('another warm place');
    await page.getByRole('button', { name: 'Change password' }).click();
    await page.getByRole('heading', { level: 1, name: 'Sign in' }).waitFor();
    await page.getByLabel('Password', { exact: true }).fill('another warm place');
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { level: 1, name: 'Home' }).waitFor();
  });
});

describe('the password once more', () => {
  it('is asked for where it was shown long ago, over what is open, and then that goes on by itself', async () => {
    let laterMs = 0;
    const house = await startConsole(
      {},
      { clock: { nowMs: () => Date.now() + laterMs, monotonicMs: () => performance.now() + laterMs } },
    );
    onTestFinished(() => house.stop());
    const page = await house.open('/console/settings/backup', { expectedErrors: /40[13]/ });
    laterMs = 11 * 60_000;
    await page.getByRole('button', { name: 'Make a backup' }).click();
    const backup = page.getByRole('dialog', { name: 'Make a backup' });
    await backup.getByLabel('Passphrase').fill('an oak beside the brook');
    await backup.getByLabel('The same again').fill('an oak beside the brook');
    const make = backup.getByRole('button', { name: 'Make the backup' });
    await make.click();

    const again = page.getByRole('dialog', { name: 'Your password once more' });
    await again.getByRole('button', { name: 'Cancel' }).click();
    await backup
      .getByRole('alert')
      .getByText(/^This needs the password once more/)
      .first()
      .waitFor();

    await make.click();
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme });
      await page.locator(`html[data-mantine-color-scheme=${colorScheme}]`).waitFor();
      await again.waitFor();
      expect(await axeViolations(page), colorScheme).toEqual([]);
    }
    // It has the focus, so that whoever types need not point.
    await page.keyboard.type('not the password');
    await page.keyboard.press('Enter');
    await again.getByText('That is not the present password.').waitFor();
    await again.getByLabel('Present password').fill(ownersPassword);
    const [download] = await Promise.all([page.waitForEvent('download'), page.keyboard.press('Enter')]);
    expect(download.suggestedFilename()).toMatch(/^inglenook-backup-.*\.age$/);
    await backup.waitFor({ state: 'detached' });

    await page.getByRole('button', { name: 'Make a backup' }).click();
    await backup.getByLabel('Passphrase').fill('an oak beside the brook');
    await backup.getByLabel('The same again').fill('an oak beside the brook');
    await Promise.all([page.waitForEvent('download'), make.click()]);
    expect(await again.count()).toBe(0);
  });
});
