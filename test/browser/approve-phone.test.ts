import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { lanState } from '../../server/wire/lan.ts';
import { pairingList } from '../../server/wire/pairing.ts';
import { violations } from './axe.ts';
import { createCodeClock } from './code-clock.ts';
import { ownersPassword, startConsole, type ConsoleUnderTest } from './harness.ts';
import { canPlayOffice, deskName, networks, phoneOf, playNetwork, redeem } from './office-network.ts';
import { phone, visit } from './pair-harness.ts';

/** It has not installed our authority. */
const options = { ...phone, ignoreHTTPSErrors: true, expectedErrors: /40[13]/ } as const;

const { clock, nextCode } = createCodeClock();

describe.runIf(canPlayOffice)('the owner’s phone', () => {
  let server: ConsoleUnderTest;
  let plain = '';
  let secure = '';
  let desk = '';
  let secret = '';
  let browser: Browser;
  beforeAll(async () => {
    server = await startConsole({}, { ...playNetwork(networks.wifi), clock });
    await server.admin('PUT', '/lan', { on: true });
    plain = lanState.parse(await server.admin('GET', '/lan')).address ?? '';
    secure = plain.replace('http:', 'https:');
    desk = `${deskName}:${new URL(plain).port}`;
    await server.admin('PUT', '/https', { officeDomain: 'office.example', publicNames: [deskName] });
    browser = await phoneOf(plain);
  });
  afterAll(async () => {
    await browser.close();
    await server.stop();
  });

  async function signIn(page: Page): Promise<void> {
    await page.getByLabel('Password', { exact: true }).fill(ownersPassword);
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByLabel('Code of your authenticator app').fill(nextCode(secret));
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { level: 1, name: 'Home' }).waitFor();
  }

  it('is shown the way only while the console is open to the network', async () => {
    const page = await server.open('/console/people');
    await page.getByRole('button', { name: 'Add a person' }).first().click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Name', { exact: true }).fill('Anna');
    await page.keyboard.press('Enter');
    await dialog.getByText('Waiting for the device…').waitFor();
    expect(await dialog.getByText('Approve from your phone').count()).toBe(0);
    await server.admin('PUT', '/https', { networkConsole: true });
    await page.reload();
    await page.getByRole('button', { name: 'Add a person' }).first().click();
    await dialog.getByLabel('Name', { exact: true }).fill('Bo');
    await page.keyboard.press('Enter');
    await dialog.getByText(`Approve from your phone: ${secure}/console/approve`).waitFor();
  });

  it('signs in with the second step, compares the digits and lets in', async () => {
    await server.admin('PUT', '/https', { networkConsole: true });
    secret = await switchOnSecondStep(server);
    const page = await visit(browser, `https://${desk}/console/approve`, options);
    await signIn(page);
    await page.goto(`https://${desk}/console/approve`);
    await page.getByText('Nobody asks just now.').waitFor();

    const { ticket } = (await server.admin('POST', '/pairings', { person: 'Anna', device: 'laptop' })) as {
      ticket: string;
    };
    expect((await redeem(plain, { ticket, device: 'Firefox' })).status).toBe(202);
    const banner = page.getByRole('alert').filter({ hasText: 'Anna’s laptop asks to join from 127.0.0.3.' });
    const asking = pairingList
      .parse(await server.admin('GET', '/pairings'))
      .find(({ state }) => state === 'waiting');
    const digits = banner.getByText(asking?.join?.matchCode ?? 'none', { exact: true });
    await digits.waitFor();
    // In sight without scrolling, large, and the buttons as large as a thumb.
    expect((await digits.boundingBox())?.height).toBeGreaterThanOrEqual(24);
    for (const name of ['Allow Anna’s laptop', 'Deny Anna’s laptop']) {
      const box = await banner.getByRole('button', { name }).boundingBox();
      expect(box?.height).toBeGreaterThanOrEqual(44);
      expect((box?.y ?? 9_999) + (box?.height ?? 0)).toBeLessThan(phone.viewport.height);
    }
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme });
      await page.locator(`html[data-mantine-color-scheme=${colorScheme}]`).waitFor();
      expect(await violations(page), colorScheme).toEqual([]);
    }
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(phone.viewport.width);
    await banner.getByRole('button', { name: 'Allow Anna’s laptop' }).click();
    await banner.waitFor({ state: 'detached' });
    expect((await redeem(plain, { ticket, device: 'Firefox' })).status).toBe(200);
  });

  it('is led from http to https, and turned away while the console is not open to the network', async () => {
    await server.admin('PUT', '/https', { networkConsole: true });
    const page = await visit(browser, `http://${desk}/console/approve`, options);
    await page.getByLabel('Password', { exact: true }).waitFor();
    expect(new URL(page.url()).protocol).toBe('https:');
    await server.admin('PUT', '/https', { networkConsole: false });
    const other = await visit(browser, `https://${desk}/console/approve`, options);
    await other.getByText(/answer only on the computer that Inglenook runs on/).waitFor();
  });
});

/** As a page signed in on this computer does it. */
async function switchOnSecondStep(server: ConsoleUnderTest): Promise<string> {
  const page = await server.open('/console/settings/security');
  await page.getByRole('button', { name: 'Set up the second step' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('Present password').fill(ownersPassword);
  await dialog.getByRole('button', { name: 'Next' }).click();
  const secret = await dialog.getByRole('textbox', { name: 'Or type this secret into the app' }).inputValue();
  await dialog.getByLabel('Code that the app shows').fill(nextCode(secret));
  await dialog.getByRole('button', { name: 'Switch on' }).click();
  await dialog.getByRole('button', { name: 'I have stored them' }).click();
  return secret;
}
