import type { Locator, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { systemClock } from '../../server/core/clock.ts';
import { createdPairing, pairingList, type CreatedPairing } from '../../server/wire/pairing.ts';
import { keyList } from '../../server/wire/admin.ts';
import { lanState } from '../../server/wire/lan.ts';
import { startConsole, type ConsoleUnderTest } from './harness.ts';
import { canPlayOffice, chatFromElsewhere, networks, playNetwork, redeem } from './office-network.ts';
import { readShownQr } from './shown-qr.ts';

const minuteMs = 60_000;

describe.runIf(canPlayOffice)('adding a person', () => {
  let server: ConsoleUnderTest;
  let address = '';
  /** How far the server's clock is ahead. */
  let aheadMs = 0;
  beforeAll(async () => {
    const clock = {
      nowMs: () => systemClock.nowMs() + aheadMs,
      monotonicMs: () => systemClock.monotonicMs() + aheadMs,
    };
    server = await startConsole({}, { ...playNetwork(networks.wifi), clock });
    await server.admin('PUT', '/lan', { on: true });
    address = lanState.parse(await server.admin('GET', '/lan')).address ?? '';
  });
  afterAll(() => server.stop());
  afterEach(async () => {
    for (const { id, state } of pairingList.parse(await server.admin('GET', '/pairings'))) {
      if (state === 'open' || state === 'waiting') await server.admin('DELETE', `/pairings/${id}`);
    }
  });

  const dialogOf = (page: Page): Locator => page.getByRole('dialog');

  /** The form with one typed word, and what it leads to. */
  async function invite(page: Page, name: string): Promise<Locator> {
    await page.getByRole('button', { name: 'Add a person' }).first().click();
    await dialogOf(page).getByLabel('Name', { exact: true }).fill(name);
    await dialogOf(page).getByRole('button', { name: 'Make the invitation' }).click();
    const dialog = page.getByRole('dialog', { name: `Invitation for ${name}` });
    await dialog.getByText('Waiting for the device…').waitFor();
    return dialog;
  }
  const codeIn = (dialog: Locator): Promise<string> => dialog.getByText(/^[A-Z]{4}-[A-Z]{4}$/).innerText();
  const create = async (request: unknown): Promise<CreatedPairing> =>
    createdPairing.parse(await server.admin('POST', '/pairings', request));

  it('goes from a name to the first request in one dialog', async () => {
    const page = await server.open('/console/people');
    const dialog = await invite(page, 'Anna');
    const link = await dialog.getByLabel('Or send this link', { exact: true }).inputValue();
    expect(await readShownQr(page, 'QR code of the invitation')).toBe(link);
    expect(link).toMatch(new RegExp(`^${address}/pair#t=[\\w-]{22}`));
    await dialog.getByText(`${new URL(address).host}/pair`, { exact: true }).waitFor();
    await dialog.getByText(/^Expires in (10:00|9:\d\d)$/).waitFor();
    // Escape must not lose what is shown once.
    await page.keyboard.press('Escape');

    const code = await codeIn(dialog);
    const device = 'Firefox on Windows';
    expect((await redeem(address, { code: code.toLowerCase(), device })).status).toBe(202);
    await dialog.getByText('Anna’s Firefox on Windows asks to join from 127.0.0.3.').waitFor();
    const { join } = pairingList.parse(await server.admin('GET', '/pairings'))[0] ?? {};
    expect(await dialog.getByRole('alert').innerText()).toMatch(
      new RegExp(`Do both screens show ${join?.matchCode}\\?\\s+curl · by typed code`),
    );
    expect(await page.getByText('asks to join from').count()).toBe(1);
    expect(await page.getByRole('img', { name: 'QR code of the invitation' }).count()).toBe(0);
    expect(await dialog.getByText(code).count()).toBe(0);

    await dialog.getByRole('button', { name: 'Allow Anna’s Firefox on Windows' }).click();
    await dialog.getByText('Allowed. The device is fetching its key…').waitFor();
    const { status, key } = await redeem(address, { code, device });
    expect(status).toBe(200);
    await dialog.getByText('Anna’s Firefox on Windows is connected.').waitFor();
    expect(await chatFromElsewhere(address, key ?? '')).toBe(200);
    await dialog.getByText('First request seen from Anna’s Firefox on Windows.').waitFor();

    await dialog.getByRole('button', { name: 'Done' }).click();
    const anna = page
      .getByRole('rowgroup')
      .filter({ has: page.getByRole('rowheader', { name: 'Anna', exact: true }) });
    expect((await anna.innerText()).replaceAll(/\s+/g, ' ')).toMatch(
      /^Anna Anna’s Firefox on Windows Not encrypted Continue · Teammate · sk-ink_\S+ now from 127\.0\.0\.3 No budget 17 tokens today Never Active Limits$/,
    );
  });

  it('asks on every page who may join, and denies', async () => {
    const { ticket } = await create({ person: 'Jonas', device: 'phone' });
    const page = await server.open('/console/log');
    await page.getByRole('heading', { level: 1, name: 'Log' }).waitFor();
    expect((await redeem(address, { ticket, device: 'Pixel 9' })).status).toBe(202);
    const banner = page.getByRole('alert').filter({ hasText: 'Jonas’s phone asks to join from 127.0.0.3.' });
    await banner.getByText('calls itself “Pixel 9” · curl · by QR code or link').waitFor();
    await page.getByRole('link', { name: 'Models', exact: true }).first().click();
    await page.getByRole('heading', { level: 1, name: 'Models' }).waitFor();
    await banner.getByRole('button', { name: 'Deny Jonas’s phone' }).click();
    await banner.waitFor({ state: 'detached' });
    expect((await redeem(address, { ticket, device: 'Pixel 9' })).status).toBe(410);
  });

  it('misses nothing that happens while the page is being loaded', async () => {
    const { ticket } = await create({ person: 'Kim', device: 'laptop' });
    const page = await server.open('/console/log');
    const redeemed = Promise.withResolvers<void>();
    const begun = Promise.withResolvers<void>();
    // The first answer is on its way when the device asks, and arrives after the word that something has changed.
    await page.route(
      '**/api/pairings',
      async (route) => {
        const answer = await route.fetch();
        begun.resolve();
        await redeemed.promise;
        await route.fulfill({ response: answer });
      },
      { times: 1 },
    );
    const listens = page.waitForResponse('**/api/events');
    await page.reload();
    await Promise.all([begun.promise, listens]);
    expect((await redeem(address, { ticket, device: 'laptop' })).status).toBe(202);
    // What comes by the stream comes in order: with this row the page has heard of the device as well.
    await server.chat('sk-ink_wrong');
    await page
      .getByRole('row', { name: /Refused/ })
      .first()
      .waitFor();
    redeemed.resolve();
    await page.getByText('Kim’s laptop asks to join').waitFor();
  });

  it('blurs the QR code after a minute, until it is wanted again', async () => {
    const page = await server.open('/console/people');
    await page.clock.install();
    const dialog = await invite(page, 'Mira');
    await page.clock.fastForward(minuteMs - 2_000);
    expect(await dialog.getByRole('button', { name: 'Show the QR code' }).count()).toBe(0);
    await page.clock.fastForward(2_000);
    await dialog.getByRole('img', { name: /blurred/ }).waitFor();
    const filter = await page.evaluate(
      "getComputedStyle(document.querySelector('[role=dialog] img')).filter",
    );
    expect(filter).toMatch(/^blur/);
    await dialog.getByRole('button', { name: 'Show the QR code' }).click();
    await dialog.getByRole('img', { name: 'QR code of the invitation' }).waitFor();
  });

  it('counts down, says when an invitation has expired, and makes the next one', async () => {
    const page = await server.open('/console/people');
    await page.clock.install();
    const dialog = await invite(page, 'Mira');
    const code = await codeIn(dialog);
    await page.clock.fastForward(3 * minuteMs);
    await dialog.getByText(/^Expires in [67]:\d\d$/).waitFor();
    aheadMs += 10 * minuteMs;
    await page.clock.fastForward(7 * minuteMs + 1_000);
    await dialog.getByText('The invitation has expired before a device was let in.').waitFor();
    aheadMs -= 10 * minuteMs;
    await dialog.getByRole('button', { name: 'New invitation' }).click();
    await dialog.getByText('Waiting for the device…').waitFor();
    expect(await codeIn(dialog)).not.toBe(code);
  });

  it('warns when somebody else tries the same invitation, before and after', async () => {
    const page = await server.open('/console/people');
    const dialog = await invite(page, 'Pia');
    const code = await codeIn(dialog);
    await redeem(address, { code, device: 'laptop' });
    await dialog.getByText('asks to join').waitFor();
    expect((await redeem(address, { code, device: 'another' }, '127.0.0.66')).status).toBe(410);
    await dialog.getByText('The same invitation was also tried from 127.0.0.66. Deny if').waitFor();
    await dialog.getByRole('button', { name: /^Allow/ }).click();
    await dialog.getByText('Allowed.').waitFor();
    await redeem(address, { code, device: 'laptop' });
    await dialog.getByText('After it was used, the same invitation was tried once more').waitFor();
    await dialog.getByRole('button', { name: 'Done' }).click();
    const list = page.getByRole('region', { name: 'Invitations' });
    await list.getByText(/After it was used.* from 127\.0\.0\.66\. If the device/).waitFor();
  });

  it('says that somebody was guessing codes when all invitations are closed for it', async () => {
    const page = await server.open('/console/people');
    const dialog = await invite(page, 'Lena');
    for (let guess = 0; guess < 20; guess += 1) {
      const ip = `127.0.1.${1 + Math.floor(guess / 5)}`;
      expect((await redeem(address, { code: 'BBBB-BBBB', device: 'x' }, ip)).status).toBe(410);
    }
    await dialog.getByText('Somebody was guessing codes, so all open invitations were closed.').waitFor();
    await dialog.getByRole('button', { name: 'Close' }).last().click();
    const list = page.getByRole('region', { name: 'Invitations' });
    await list.getByText('Somebody was guessing codes').waitFor();
  });

  it('lists open invitations and takes them back, from the dialog and from the list', async () => {
    const page = await server.open('/console/people');
    const dialog = await invite(page, 'Tom');
    await dialog.getByRole('button', { name: 'Take back' }).click();
    await dialog.waitFor({ state: 'detached' });
    const { ticket } = await create({ person: 'Ute', device: 'tablet' });
    const list = page.getByRole('region', { name: 'Invitations' });
    const ute = list.getByRole('listitem').filter({ hasText: 'Ute’s tablet' });
    await ute.getByText(/^Not used yet\. Expires in (10:00|9:\d\d)\.$/).waitFor();
    expect(await list.getByText('Tom').count()).toBe(0);
    await ute.getByRole('button', { name: 'Take back the invitation for Ute’s tablet' }).click();
    await ute.waitFor({ state: 'detached' });
    expect((await redeem(address, { ticket, device: 'tablet' })).status).toBe(410);
  });

  it('gives a guest until Friday evening, and keeps team and models', async () => {
    const page = await server.open('/console/people');
    await page.getByRole('button', { name: 'Add a person' }).click();
    const form = dialogOf(page);
    await form.getByRole('button', { name: 'Make the invitation' }).click();
    await form.getByText('Enter a name.').waitFor();
    await form.getByLabel('Name', { exact: true }).fill('Visitor');
    await form.getByLabel('Device (optional)').fill('tablet');
    await form.getByText('Guest', { exact: true }).click();
    await form.getByText('For a visitor; ends on Friday at 18:00.').waitFor();
    await form.getByText('20 requests a minute, 1 at a time, 50,000 tokens a day').first().waitFor();
    await form.getByRole('button', { name: 'More options' }).click();
    expect(await form.getByLabel('Expires').locator('option:checked').innerText()).toBe('On Friday at 18:00');
    await form.getByLabel('Team', { exact: true }).fill('Sales');
    await form.getByLabel('office', { exact: true }).check();
    await form.getByRole('button', { name: 'Make the invitation' }).click();
    const dialog = page.getByRole('dialog', { name: 'Invitation for Visitor’s tablet' });
    const code = await codeIn(dialog);
    await redeem(address, { code, device: 'Safari on iPad' });
    await dialog.getByRole('button', { name: /^Allow/ }).click();
    await dialog.getByText('Allowed.').waitFor();
    await redeem(address, { code, device: 'Safari on iPad' });
    await dialog.getByText('Visitor’s tablet is connected.').waitFor();
    const [key] = keyList.parse(await server.admin('GET', '/keys'));
    expect(key).toMatchObject({
      person: 'Visitor',
      device: 'tablet',
      team: 'Sales',
      models: ['office'],
      priority: 'low',
      limits: { budgets: [{ unit: 'tokens', amount: 50_000, period: 'day' }] },
    });
    const ends = new Date(key?.expiresAt ?? '');
    expect([ends.getDay(), ends.getHours(), ends.getMinutes()]).toEqual([5, 18, 0]);
  });

  it('invites a script by its name alone, and offers the switch while the office is not let in', async () => {
    await server.admin('PUT', '/lan', { on: false });
    const page = await server.open('/console/people');
    await page.getByRole('button', { name: 'Add a person' }).click();
    const form = dialogOf(page);
    await form.getByText('what you hand out now works on this computer only').waitFor();
    await form.getByRole('button', { name: 'Let my office in' }).click();
    await form.getByText('what you hand out now').waitFor({ state: 'detached' });
    await form.getByText('Script', { exact: true }).click();
    expect(await form.getByLabel('Device (optional)').count()).toBe(0);
    await form.getByLabel('Name of the script').fill('Nightly report');
    await form.getByRole('button', { name: 'Make the invitation' }).click();
    await page.getByRole('dialog', { name: 'Invitation for Nightly report' }).waitFor();
    const [pairing] = pairingList.parse(await server.admin('GET', '/pairings'));
    expect(pairing).toMatchObject({ person: null, device: 'Nightly report', preset: 'script' });
  });

  it('shows the server’s reason when no more invitations can be made', async () => {
    for (let count = 0; count < 5; count += 1) await create({ person: `Person ${count}` });
    const page = await server.open('/console/people', { expectedErrors: /409/ });
    await page.getByRole('button', { name: 'Add a person' }).click();
    await dialogOf(page).getByLabel('Name', { exact: true }).fill('One more');
    await page.keyboard.press('Enter');
    await dialogOf(page)
      .getByRole('alert')
      .getByText(/5 invitations are open already/)
      .first()
      .waitFor();
  });
});
