import type { Page } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { lanState } from '../../server/wire/lan.ts';
import { startConsole, type ConsoleUnderTest } from './harness.ts';
import { askFromElsewhere, canPlayOffice, chatFromElsewhere, redeem } from './office-network.ts';
import { networks, playNetwork } from './office-network.ts';
import { readShownQr } from './shown-qr.ts';

describe.runIf(canPlayOffice)('letting the office in', () => {
  const network = playNetwork(networks.wifi);
  let server: ConsoleUnderTest;
  beforeAll(async () => {
    server = await startConsole({}, network);
  });
  afterAll(() => server.stop());
  beforeEach(async () => {
    network.now = networks.wifi;
    await server.admin('PUT', '/lan', { on: false });
  });

  const officeAddress = async (): Promise<string> =>
    lanState.parse(await server.admin('GET', '/lan')).address ?? '';
  const officeSwitch = (page: Page) => page.getByRole('switch', { name: 'Let my office in' });

  it('opens by one switch, shows the address as text and QR code, and says that it is not encrypted', async () => {
    const page = await server.open('/console/');
    await page.getByText('Only programs on this computer can reach Inglenook.').waitFor();
    await officeSwitch(page).press('Space');
    await page.getByText('Waiting for the first request from another device').waitFor();
    const address = await officeAddress();
    expect(address).toMatch(/^http:\/\/127\.0\.0\.2:\d+$/);
    expect(await page.getByLabel('Address in the office', { exact: true }).inputValue()).toBe(address);
    expect(await readShownQr(page, `QR code of ${address}`)).toBe(address);
    await page.getByText('Scan this with a phone on the office Wi-Fi').waitFor();
    await page.getByText('Not encrypted on your network').waitFor();
    expect(await page.getByLabel('Address for tools', { exact: true }).inputValue()).toBe(`${address}/v1`);
  });

  it('turns green only when another device has come, and closes again', async () => {
    const page = await server.open('/console/');
    await officeSwitch(page).press('Space');
    await page.getByText('Waiting for the first request').waitFor();
    const address = await officeAddress();

    // This computer to itself proves nothing: it never goes through the firewall.
    expect((await fetch(`${address}/healthz`)).status).toBe(200);
    const { key } = await server.createKey({ name: 'on this computer' });
    await (await server.chat(key)).text();
    await page.getByRole('row', { name: /on this computer/ }).waitFor();
    expect(await page.getByText('The office gets through').count()).toBe(0);

    await askFromElsewhere({ address });
    await page.getByText('The office gets through: a request came from 127.0.0.3.').waitFor();
    await officeSwitch(page).press('Space');
    await page.getByText('Only programs on this computer can reach Inglenook.').waitFor();
    await expect(fetch(`${address}/healthz`)).rejects.toThrow('fetch failed');
    expect(await page.getByText('Not encrypted on your network').count()).toBe(0);
  });

  it('is one line for who comes when the office gets through already, and opens again', async () => {
    await server.admin('PUT', '/lan', { on: true });
    const address = await officeAddress();
    await askFromElsewhere({ address });
    const page = await server.open('/console/');
    await page.getByText('The office gets through: a request came from 127.0.0.3.').waitFor();
    expect(await page.getByLabel('Address in the office', { exact: true }).inputValue()).toBe(address);
    expect(await officeSwitch(page).count()).toBe(0);
    await page.getByRole('button', { name: 'QR code and settings' }).click();
    await officeSwitch(page).waitFor();
    expect(await readShownQr(page, `QR code of ${address}`)).toBe(address);
    await page.getByRole('button', { name: 'Fold' }).click();
    await officeSwitch(page).waitFor({ state: 'detached' });
  });

  it('is on at once where the page is opened later, and told by another console', async () => {
    const first = await server.open('/console/');
    await officeSwitch(first).waitFor();
    await server.admin('PUT', '/lan', { on: true });
    await first.getByText('Waiting for the first request').waitFor();
    const second = await server.open('/console/');
    expect(await officeSwitch(second).isChecked()).toBe(true);
  });

  it.each([
    ['Windows', 'Mozilla/5.0 (Windows NT 10.0; Win64; x64) Chrome/140.0.0.0', /Windows Firewall/],
    ['macOS', 'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) Chrome/140.0.0.0', /System Settings/],
    ['Linux', 'Mozilla/5.0 (X11; Linux x86_64) Chrome/140.0.0.0', /sudo ufw allow \d+\/tcp/],
  ])(
    'names the likely causes after a minute without a request, on %s',
    async (_name, userAgent, firewall) => {
      const page = await server.open('/console/', { userAgent });
      await officeSwitch(page).press('Space');
      await page.getByText('Waiting for the first request').waitFor();
      network.pass(60_000);
      const causes = page.getByRole('status').filter({ hasText: 'nothing has come from another device' });
      const sentences = await causes.getByRole('listitem').allInnerTexts();
      expect(sentences).toHaveLength(3);
      expect(sentences[0]).toMatch(/firewall of this computer keeps port \d+ closed/);
      expect(sentences[0]).toMatch(firewall);
      expect(sentences[1]).toMatch(/guest Wi-Fi/);
      expect(sentences[2]).toMatch(/subnet/);

      await askFromElsewhere({ address: await officeAddress() });
      await page.getByText('The office gets through').waitFor();
      expect(await causes.count()).toBe(0);
    },
  );

  it('says when there is no network, and opens by itself when there is one', async () => {
    network.now = networks.none;
    const page = await server.open('/console/');
    await officeSwitch(page).press('Space');
    await page.getByText('This computer is in no network').waitFor();
    expect(await page.getByText('The office gets through').count()).toBe(0);
    network.now = networks.wifi;
    network.pass(5_000);
    await page.getByText('Waiting for the first request').waitFor();
  });

  it('lets the owner choose among several addresses and says what each is', async () => {
    network.now = networks.many;
    const page = await server.open('/console/');
    await officeSwitch(page).press('Space');
    await page.getByRole('button', { name: 'More options' }).click();
    const choice = page.getByLabel('Address of this computer');
    expect(await choice.locator('option').allInnerTexts()).toEqual([
      '127.0.0.2 · wlan0',
      '127.0.0.4 · eth0',
      '10.8.0.6 · tun0 (VPN, leads out of the office)',
      '172.17.0.1 · docker0 (virtual, leads only to programs on this computer)',
    ]);
    await choice.selectOption('127.0.0.4');
    const field = page.getByLabel('Address in the office', { exact: true });
    await expect.poll(() => field.inputValue()).toMatch(/^http:\/\/127\.0\.0\.4:/);
    expect(await choice.inputValue()).toBe('127.0.0.4');
  });

  it('lists who was last seen on an old address, with a new link each, and lets the old key go', async () => {
    await server.admin('PUT', '/lan', { on: true });
    const { key, id } = await server.createKey({
      name: 'Jonas, design room',
      person: 'Jonas',
      device: 'iMac',
    });
    expect(await chatFromElsewhere(await officeAddress(), key)).toBe(200);
    const page = await server.open('/console/');
    await page.getByText('The office gets through').waitFor();
    expect(await page.getByText('The address has changed').count()).toBe(0);

    network.now = networks.cable;
    network.pass(5_000);
    const moved = page.getByRole('region', { name: 'The address has changed' });
    await moved
      .getByText(/It was http:\/\/127\.0\.0\.2:\d+ and is now http:\/\/127\.0\.0\.4:\d+\./)
      .waitFor();
    await moved.getByText('last seen at 127.0.0.2').waitFor();
    await moved.getByRole('button', { name: 'New link for Jonas, design room' }).click();

    const dialog = page.getByRole('dialog', { name: 'Invitation for Jonas, design room' });
    const link = new URL(await dialog.getByLabel('Or send this link', { exact: true }).inputValue());
    expect(link.hostname).toBe('127.0.0.4');
    const ticket = new URLSearchParams(link.hash.slice(1)).get('t') ?? '';
    expect((await redeem(link.origin, { ticket, device: 'iMac' })).status).toBe(202);
    await dialog.getByRole('button', { name: /^Allow/ }).click();
    await dialog.getByText('Allowed.').waitFor();
    expect((await redeem(link.origin, { ticket, device: 'iMac' })).status).toBe(200);
    await dialog.getByText(/^The old key sk-ink_….* works until /).waitFor();
    await dialog.getByRole('button', { name: 'End the old key now' }).click();
    await dialog.getByRole('button', { name: 'End the old key now' }).waitFor({ state: 'detached' });
    expect(await server.admin('GET', `/keys/${id}`)).toMatchObject({ status: 'active', formerKeys: [] });
    expect(await chatFromElsewhere(await officeAddress(), key)).toBe(401);
    await dialog.getByRole('button', { name: 'Done' }).click();
    await moved.getByText('No device in use has an old one.').waitFor();
  });
});
