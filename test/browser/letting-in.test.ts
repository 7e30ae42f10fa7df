import type { Locator, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { keyList, keyRecord, type KeyRecord } from '../../server/wire/admin.ts';
import { pairingList, ticketList } from '../../server/wire/pairing.ts';
import { violations } from './axe.ts';
import { startConsole, type ConsoleUnderTest } from './harness.ts';
import { readShownQr } from './shown-qr.ts';

let server: ConsoleUnderTest;
beforeAll(async () => {
  server = await startConsole();
});
afterAll(() => server.stop());

const stored = async (name: string): Promise<KeyRecord> =>
  keyRecord.parse(await server.admin('GET', `/keys/${encodeURIComponent(name)}`));
const status = async (key: string): Promise<number> => (await server.chat(key)).status;

async function choose(page: Page, name: string, item: string): Promise<void> {
  await page.getByRole('button', { name: `More for ${name}`, exact: true }).click();
  await page.getByRole('dialog').getByRole('button', { name: item }).click();
}

const redeem = (ticket: string, device: string): Promise<Response> =>
  fetch(`${server.url}/pair/redeem`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ ticket, device }),
  });

describe('replacing a key', () => {
  it('shows the new one once; the old one goes on until its time, or until it is ended', async () => {
    const { key: old } = await server.createKey({ name: 'Anna’s laptop', person: 'Anna', device: 'laptop' });
    const page = await server.open('/console/people');
    await choose(page, 'Anna’s laptop', 'Replace key…');
    const dialog = page.getByRole('dialog', { name: 'Replace the key of Anna’s laptop' });
    expect(await dialog.getByLabel('The old key goes on for').locator('option:checked').innerText()).toBe(
      '24 hours',
    );
    await dialog.getByLabel('The old key goes on for').selectOption('7 days');
    await dialog.getByRole('button', { name: 'Show the new key here' }).click();
    const fresh = await dialog.getByRole('textbox', { name: 'Key', exact: true }).inputValue();
    await dialog.getByText(`The old key sk-ink_…${old.slice(-4)} works until `).waitFor();
    await page.keyboard.press('Escape');
    await dialog.getByRole('button', { name: 'I have copied it' }).click();
    expect([await status(old), await status(fresh)]).toEqual([200, 200]);
    const row = page.getByRole('row').filter({ hasText: 'Anna’s laptop' });
    await row.getByText(new RegExp(`sk-ink_…${old.slice(-4)} works until .* Last used`)).waitFor();
    const [former] = (await stored('Anna’s laptop')).formerKeys;
    expect(Math.round((Date.parse(former?.endsAt ?? '') - Date.now()) / 3_600_000)).toBe(7 * 24);

    await choose(page, 'Anna’s laptop', 'End the old key now');
    await row.getByText('works until').waitFor({ state: 'detached' });
    expect([await status(old), await status(fresh)]).toEqual([401, 200]);
  });

  it('warns before it ends the old one at once', async () => {
    const { key: old } = await server.createKey({ name: 'Leaked' });
    const page = await server.open('/console/people');
    await choose(page, 'Leaked', 'Replace key…');
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('The old key goes on for').selectOption('Not at all: it ends now');
    await dialog.getByText('Tools that use the old key stop working at once').waitFor();
    await dialog.getByRole('button', { name: 'Show the new key here' }).click();
    await dialog.getByText('The old key has ended.').waitFor();
    expect(await status(old)).toBe(401);
  });

  it('lets the device fetch it by an invitation, and says when it has been used', async () => {
    const { key: old, id } = await server.createKey({ name: 'Phone', person: 'Bo', device: 'phone' });
    expect(await status(old)).toBe(200);
    const page = await server.open('/console/people');
    await choose(page, 'Phone', 'Replace key…');
    await page.getByRole('dialog').getByRole('button', { name: 'By QR code or link' }).click();
    const dialog = page.getByRole('dialog', { name: 'Invitation for Phone' });
    const link = await readShownQr(page, 'QR code of the invitation');
    const ticket = new URLSearchParams(new URL(link).hash.slice(1)).get('t') ?? '';
    expect((await redeem(ticket, 'phone')).status).toBe(202);
    await dialog.getByRole('button', { name: /^Allow/ }).click();
    await dialog.getByText('Allowed.').waitFor();
    const { key: fresh } = (await (await redeem(ticket, 'phone')).json()) as { key: string };
    // Its old key was used before; that is no first request of the new one.
    await dialog.getByText('Phone is connected. Waiting for its first request…').waitFor();
    expect(await status(fresh)).toBe(200);
    await dialog.getByText('First request seen from Phone.').waitFor();
    await dialog.getByRole('button', { name: 'End the old key now' }).click();
    await dialog.getByRole('button', { name: 'End the old key now' }).waitFor({ state: 'detached' });
    expect([await status(old), await status(fresh)]).toEqual([401, 200]);
    expect(await stored('Phone')).toMatchObject({ id, status: 'active' });
  });
});

describe('a ticket for machines', () => {
  it('is made with a warning, shown once, counted, and revoked with its keys', async () => {
    const page = await server.open('/console/people');
    await page.getByRole('button', { name: 'Ticket for machines' }).click();
    const form = page.getByRole('dialog', { name: 'Make the ticket' });
    await form.getByText('gets in without you being asked').waitFor();
    await form.getByRole('button', { name: 'Make the ticket' }).click();
    await form.getByText('Give the ticket a name.').waitFor();
    await form.getByLabel('Name', { exact: true }).fill('Build machines');
    await form.getByLabel('How many machines').fill('2');
    await form.getByLabel('May be used for').selectOption('7 days');
    await form.getByLabel('Only from', { exact: true }).fill('127.0.0.0/8');
    await form.getByRole('button', { name: 'What each machine may use' }).click();
    await form.getByRole('button', { name: 'Limits and addresses' }).click();
    await form.getByLabel('Requests a minute', { exact: true }).fill('7');
    await form.getByRole('button', { name: 'Make the ticket' }).click();

    const dialog = page.getByRole('dialog', { name: 'Ticket “Build machines”' });
    await dialog.getByText(/it lets in 2 machines, without you being asked\.$/).waitFor();
    const ticket = await dialog.getByRole('textbox', { name: 'Ticket', exact: true }).inputValue();
    expect(await dialog.getByRole('region', { name: 'Command' }).innerText()).toContain(ticket);
    await dialog.getByRole('button', { name: 'I have copied it' }).click();
    expect(await page.content()).not.toContain(ticket);

    expect((await redeem(ticket, 'runner-1')).status).toBe(200);
    const panel = page.getByRole('region', { name: 'Tickets for machines' });
    await panel.getByText(/^1 of 2 used · until .* · from 127\.0\.0\.0\/8 · last used/).waitFor();
    expect(await stored('runner-1')).toMatchObject({
      preset: 'script',
      limits: { requestsPerMinute: 7, maxParallel: 2 },
    });
    await panel.getByRole('button', { name: 'Revoke the ticket Build machines' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Revoke ticket and key' }).click();
    await panel.waitFor({ state: 'detached' });
    expect(ticketList.parse(await server.admin('GET', '/tickets'))).toMatchObject([
      { state: 'revoked', keyIds: [] },
    ]);
    expect((await stored('runner-1')).status).toBe('revoked');
    expect((await redeem(ticket, 'runner-2')).status).toBe(410);
  });
});

describe('a guest', () => {
  /** The invitation's dialog for a guest whose limits were changed before. */
  async function inviteGuest(page: Page): Promise<Locator> {
    await page.getByRole('button', { name: 'Add a person' }).click();
    const form = page.getByRole('dialog');
    await form.getByText('Guest', { exact: true }).click();
    await form.getByLabel('Name', { exact: true }).fill('Visitor');
    await form.getByRole('button', { name: 'More options' }).click();
    await form.getByRole('button', { name: 'Limits and addresses' }).click();
    expect(await form.getByLabel('Requests a minute', { exact: true }).inputValue()).toBe('20');
    await form.getByLabel('Amount of budget 1').fill('0');
    await form.getByRole('button', { name: 'Make the invitation' }).click();
    await form
      .getByText(/whole number/i)
      .first()
      .waitFor();
    await form.getByLabel('Amount of budget 1').fill('9,000');
    await form.getByLabel('The invitation lasts').selectOption('3 days');
    await form.getByRole('button', { name: 'Make the invitation' }).click();
    const dialog = page.getByRole('dialog', { name: 'Invitation for Visitor' });
    await dialog.getByText('Waiting for the device…').waitFor();
    return dialog;
  }

  it('has what the owner set beforehand, and a card in two languages without a key', async () => {
    const page = await server.open('/console/people', {
      initScript: 'window.print = () => { window.printed = (window.printed ?? 0) + 1; };',
    });
    const dialog = await inviteGuest(page);
    await dialog.getByText(/^Expires in 7[12] h/).waitFor();
    const link = await dialog.getByLabel('Or send this link', { exact: true }).inputValue();
    const code = await dialog.getByText(/^[A-Z]{4}-[A-Z]{4}$/).innerText();
    await dialog.getByRole('button', { name: 'Print as a card' }).click();
    expect(await page.evaluate('window.printed')).toBe(1);

    await page.emulateMedia({ media: 'print', colorScheme: 'dark' });
    const text = (await page.locator('body').innerText()).replaceAll(/\s+/g, ' ');
    expect(text).toContain('Use the office’s own AI');
    expect(text).toContain('Die KI dieses Büros nutzen');
    expect(text).toContain(`${new URL(server.url).host}/pair`);
    expect(text).toContain(code);
    expect(text).toMatch(/Your access ends on .* Ihr Zugang endet am /);
    expect(text).not.toMatch(/sk-ink_|Take back|People & devices/);
    const sheet = page.locator('[data-print-sheet]');
    expect(await sheet.getByRole('img').isVisible()).toBe(true);
    expect(await readShownQr(page, /QR code/)).toBe(link);
    expect(await page.evaluate("getComputedStyle(document.querySelector('[data-print-sheet]')).color")).toBe(
      'rgb(0, 0, 0)',
    );
    expect(await violations(page, '[data-print-sheet]')).toEqual([]);
    expect(pagesOf(await page.pdf({ format: 'A4' }))).toBe(1);
    await page.emulateMedia({ media: 'screen' });
    expect(await sheet.isVisible()).toBe(false);

    const ticket = new URLSearchParams(new URL(link).hash.slice(1)).get('t') ?? '';
    expect((await redeem(ticket, 'tablet')).status).toBe(202);
    const [pairing] = pairingList.parse(await server.admin('GET', '/pairings'));
    await server.admin('POST', `/pairings/${pairing?.id}/approve`);
    expect((await redeem(ticket, 'tablet')).status).toBe(200);
    const key = keyList.parse(await server.admin('GET', '/keys')).find(({ person }) => person === 'Visitor');
    expect(key).toMatchObject({
      priority: 'low',
      limits: { requestsPerMinute: 20, budgets: [{ unit: 'tokens', amount: 9_000, period: 'day' }] },
    });
    await page.locator('[data-print-sheet]').waitFor({ state: 'detached' });
  });

  it('leaves other pages of the console to print as themselves', async () => {
    const page = await server.open('/console/people');
    await page.getByRole('heading', { level: 1 }).waitFor();
    await page.emulateMedia({ media: 'print' });
    expect(await page.getByRole('heading', { level: 1 }).isVisible()).toBe(true);
  });
});

/** How many pages a PDF of Chromium's says it has. */
function pagesOf(pdf: Buffer): number {
  return Number(/\/Type\s*\/Pages[^>]*?\/Count\s+(\d+)/.exec(pdf.toString('latin1'))?.[1]);
}
