import { X509Certificate } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Locator, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { edgeState, type EdgeState } from '../../server/wire/edge.ts';
import { authorityPath, httpsState, type HttpsState } from '../../server/wire/https.ts';
import { lanState } from '../../server/wire/lan.ts';
import { signed } from '../unit/tls/certificates.ts';
import { violations } from './axe.ts';
import { ownersPassword, startConsole, type ConsoleUnderTest } from './harness.ts';
import { askFromElsewhere, canPlayOffice, networks, playNetwork } from './office-network.ts';

let server: ConsoleUnderTest;
let folder: string;
const network = playNetwork(canPlayOffice ? networks.wifi : networks.none);
beforeAll(async () => {
  server = await startConsole({ models: ['fake-model'] }, network);
  folder = await mkdtemp(join(tmpdir(), 'inglenook-console-network-'));
});
afterAll(async () => {
  await server.stop();
  await rm(folder, { recursive: true, force: true });
});

const path = '/console/settings/network';
const refused = { expectedErrors: /status of 4/ } as const;
const panel = (page: Page, name: string): Locator => page.getByRole('region', { name, exact: true });
const https = async (): Promise<HttpsState> => httpsState.parse(await server.admin('GET', '/https'));
const edge = async (): Promise<EdgeState> => edgeState.parse(await server.admin('GET', '/edge'));
const wrongKey = `sk-ink_${'a'.repeat(38)}`;

/** It stands as the server says, so not at the very moment of the click. */
async function turn(control: Locator, isOn: boolean): Promise<void> {
  await control.click();
  await expect.poll(() => control.isChecked()).toBe(isOn);
}

/** Where the office finds us. */
async function officeAddress(): Promise<string> {
  const { address } = lanState.parse(await server.admin('PUT', '/lan', { on: true }));
  if (address === null) throw new Error('The office has no address.');
  return address;
}

describe('https', () => {
  it('tells whose certificate is served, until when, and for which names and addresses', async () => {
    const page = await server.open(path);
    const state = panel(page, 'https');
    await state.getByText('of this computer’s own certificate authority').waitFor();
    await state.getByText('https and plain http').waitFor();
    const { leaf, authority } = await https();
    const names = panel(page, 'Names and addresses');
    await names.getByText((leaf?.names ?? []).join(', ')).waitFor();
    await names.getByText((leaf?.addresses ?? []).join(', ')).waitFor();
    await names.getByText('Devices notice nothing').waitFor();
    const fingerprint = panel(page, 'Certificate authority').getByLabel('Fingerprint (SHA-256)').first();
    expect(await fingerprint.inputValue()).toBe(authority?.certificate.fingerprint);
  });

  it('gives the authority’s certificate, the one that is told by its fingerprint', async () => {
    const page = await server.open(path);
    const authority = panel(page, 'Certificate authority');
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      authority.getByRole('link', { name: 'Download the certificate' }).click(),
    ]);
    expect(download.suggestedFilename()).toBe('inglenook-ca.pem');
    const text = await readFile(await download.path(), 'utf8');
    expect(text).toBe(await (await fetch(server.url + authorityPath)).text());
    const shown = await authority.getByLabel('Fingerprint (SHA-256)').first().inputValue();
    expect(new X509Certificate(text).fingerprint256).toBe(shown);
  });

  it('tells each tool’s own way to trust it', async () => {
    const page = await server.open(path);
    const trust = panel(page, 'Telling devices to trust it');
    await trust.getByText(/^Windows: open the downloaded certificate/).waitFor();
    await trust.getByLabel('For', { exact: true }).selectOption('Claude Code');
    await trust.getByText('NODE_EXTRA_CA_CERTS=').waitFor();
    await trust.getByText('http://127.0.0.').first().waitFor();
    await trust.getByText((await https()).authority?.certificate.fingerprint ?? '').waitFor();
    await trust.getByLabel('For', { exact: true }).selectOption('Continue');
    await trust.getByText('Continue is told in its own settings').waitFor();
    await trust.getByRole('link', { name: 'The whole guide for Continue' }).click();
    await page.waitForURL('**/console/connect/continue');
  });

  it('switches to https only on trial: taken back by the owner, or kept', async () => {
    const page = await server.open(path);
    const state = panel(page, 'https');
    const only = state.getByRole('switch', { name: /^https only/ });
    await turn(only, true);
    await state.getByText('Taken back in').waitFor();
    expect(await violations(page)).toEqual([]);
    expect((await https()).only).toBe(true);
    await state.getByRole('button', { name: 'Take it back' }).click();
    await page.getByText('Plain http is answered again.').waitFor();
    await expect.poll(() => only.isChecked()).toBe(false);
    expect((await https()).only).toBe(false);

    await turn(only, true);
    await state.getByRole('button', { name: 'Keep it' }).click();
    await state.getByText('Taken back in').waitFor({ state: 'detached' });
    await page.reload();
    await expect.poll(() => only.isChecked()).toBe(true);
    expect((await https()).only).toBe(true);
    await turn(only, false);
    await expect.poll(async () => (await https()).only).toBe(false);
  });

  it('adds a public name in the server’s own words, and removes it', async () => {
    const page = await server.open(path, refused);
    const names = panel(page, 'Names and addresses');
    const field = names.getByLabel('Public names').first();
    await field.fill('https://ai.example.org');
    await names.getByRole('button', { name: 'Save' }).click();
    await names.getByText('a name like ai.example.org, without https:// and port').waitFor();
    await names.getByRole('button', { name: 'Remove https://ai.example.org' }).click();
    await field.fill('ai.example.org');
    await field.press('Enter');
    await names.getByRole('listitem').filter({ hasText: 'ai.example.org' }).waitFor();
    expect((await https()).publicNames).toEqual([]);
    await names.getByRole('button', { name: 'Save' }).click();
    await expect.poll(async () => (await https()).publicNames).toEqual(['ai.example.org']);
    await names.getByRole('button', { name: 'Remove ai.example.org' }).click();
    await names.getByRole('button', { name: 'Save' }).click();
    await names.getByText('None: nobody comes in from outside of the office.').waitFor();
    await expect.poll(async () => (await https()).publicNames).toEqual([]);
  });

  it('takes a certificate of the owner’s after the server’s checks, whose reasons it shows, and serves it no more', async () => {
    await server.admin('PUT', '/https', { publicNames: ['ai.example.org'] });
    const [{ leaf }, other] = await Promise.all([signed(['ai.example.org']), signed(['ai.example.org'])]);
    const files = {
      cert: join(folder, 'cert.pem'),
      key: join(folder, 'key.pem'),
      other: join(folder, 'other.pem'),
    };
    await writeFile(files.cert, leaf.certificate);
    await writeFile(files.key, leaf.key);
    await writeFile(files.other, other.leaf.key);
    const page = await server.open(path, refused);
    const own = panel(page, 'Your own certificate');
    await own.getByRole('button', { name: 'Give a certificate' }).click();
    const dialog = page.getByRole('dialog', { name: 'Give a certificate' });
    const submit = dialog.getByRole('button', { name: 'Check and serve it' });
    await submit.click();
    expect(await dialog.getByText('Enter the whole path of the file.').count()).toBe(2);
    await dialog.getByLabel('File with the certificate').fill(files.cert);
    await dialog.getByLabel('File with the private key').fill(join(folder, 'nowhere.pem'));
    await submit.click();
    await dialog.getByText(/nowhere\.pem cannot be read\. /).waitFor();
    await dialog.getByLabel('File with the private key').fill(files.other);
    await submit.click();
    await dialog
      .getByText(/^The private key is not the one of the certificate/)
      .first()
      .waitFor();
    await dialog.getByLabel('File with the private key').fill(files.key);
    await submit.click();
    await dialog.waitFor({ state: 'detached' });
    await own.getByText(files.cert).waitFor();
    await panel(page, 'https').getByText('https is spoken with your own certificate').waitFor();
    expect(await page.content()).not.toContain('PRIVATE KEY');
    expect((await https()).own?.certificate?.names).toEqual(['ai.example.org']);

    await own.getByRole('button', { name: 'Serve it no more' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Serve it no more' }).click();
    await own.getByText('None is given.').waitFor();
    expect((await https()).own).toBeNull();
    await server.admin('PUT', '/https', { publicNames: [] });
  });

  it('makes a new authority for another office domain, after a warning', async () => {
    const before = (await https()).authority;
    const page = await server.open(path, refused);
    const authority = panel(page, 'Certificate authority');
    await authority.getByRole('button', { name: 'More options' }).click();
    await authority.getByLabel('Your office’s own domain').fill('office.example.org');
    await authority.getByRole('button', { name: 'Set the domain' }).click();
    const dialog = page.getByRole('dialog', { name: 'Another domain means a new authority' });
    await dialog.getByRole('button', { name: 'Set the domain' }).click();
    await dialog.waitFor({ state: 'detached' });
    await authority.getByText('office.example.org').first().waitFor();
    const { authority: after } = await https();
    expect(after?.pin).not.toBe(before?.pin);
    expect(after?.permittedNames).toContain('office.example.org');
    await server.admin('PUT', '/https', { officeDomain: null });
  });
});

describe('the edge', () => {
  it('sets an allow-list on trial, after the server has looked at each address', async () => {
    const page = await server.open(path, refused);
    const allow = panel(page, 'Who may come in');
    const field = allow.getByLabel('Addresses that may come in').first();
    await allow.getByText('The list is empty: everybody may knock.').waitFor();
    await field.fill('192.168.1.0/24, 300.1.2.3');
    await allow.getByRole('button', { name: 'Save' }).click();
    await allow.getByText('Give addresses like 192.168.1.20 or ranges like 192.168.1.0/24.').waitFor();
    expect(await allow.locator('li[data-faulty]').innerText()).toContain('300.1.2.3');
    expect((await edge()).settings.allow).toEqual([]);
    await allow.getByRole('button', { name: 'Remove 300.1.2.3' }).click();
    await allow.getByRole('button', { name: 'Save' }).click();
    await allow.getByText('Only these addresses are let in now.').waitFor();
    expect((await edge()).settings.allow).toEqual(['192.168.1.0/24']);
    // One more within the minute: the way back is still the one to the empty list.
    await field.fill('fd00::/8');
    await allow.getByRole('button', { name: 'Save' }).click();
    await expect.poll(async () => (await edge()).settings.allow).toEqual(['192.168.1.0/24', 'fd00::/8']);
    await allow.getByRole('button', { name: 'Take it back' }).click();
    await allow.getByText('The list is empty: everybody may knock.').waitFor();
    expect((await edge()).settings.allow).toEqual([]);
  });

  it.runIf(canPlayOffice)('refuses a list that leaves out who sets it from another computer', async () => {
    const address = (await officeAddress()).replace('http:', 'https:');
    // The password is set from here, before the proxy stands between.
    await (await server.open('/console/')).close();
    await server.admin('PUT', '/https', { networkConsole: true });
    await server.admin('PATCH', '/edge', { trustedProxies: ['127.0.0.0/16'] });
    onTestFinished(async () => {
      await server.admin('PATCH', '/edge', { allow: [], trustedProxies: [] });
      await server.admin('PUT', '/https', { networkConsole: false });
    });
    const page = await server.open(`${address}/console/sign-in`, {
      ...refused,
      signedIn: false,
      ignoreHTTPSErrors: true,
      // As a reverse proxy passes somebody on.
      extraHTTPHeaders: { 'x-forwarded-for': '192.168.7.34', 'x-forwarded-proto': 'https' },
    });
    await page.getByLabel('Password', { exact: true }).fill(ownersPassword);
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByRole('heading', { level: 1, name: 'Home' }).waitFor();
    await page.goto(`${address}${path}`);
    const allow = panel(page, 'Who may come in');
    await allow.getByText('You are at 192.168.7.34.').waitFor();
    await allow.getByLabel('Addresses that may come in').first().fill('192.168.1.0/24');
    await allow.getByRole('button', { name: 'Save' }).click();
    await allow.getByText(/it leaves out 192\.168\.7\.34, where you are asking from/).waitFor();
    expect((await edge()).settings.allow).toEqual([]);
    await allow.getByRole('button', { name: 'Add 192.168.7.34, where I am' }).click();
    await allow.getByRole('button', { name: 'Save' }).click();
    await allow.getByRole('button', { name: 'Keep it' }).click();
    expect((await edge()).settings.allow).toEqual(['192.168.1.0/24', '192.168.7.34']);

    // Closing the console to other computers would end this very page, so it is asked first.
    const access = panel(page, 'https').getByRole('switch', { name: 'Console for other computers' });
    await access.click();
    await page.getByRole('dialog').getByText('this page stops working at once').waitFor();
    await page.getByRole('dialog').getByRole('button', { name: 'Cancel' }).click();
    expect((await https()).networkConsole).toBe(true);
  });

  it.runIf(canPlayOffice)('shows a block as it begins, with its reason, and lifts it', async () => {
    const address = await officeAddress();
    const page = await server.open(path);
    const blocks = panel(page, 'Blocked addresses');
    await blocks.getByText('Nobody is blocked.').waitFor();
    const knock = async () => (await askFromElsewhere({ address, path: '/v1/models', key: wrongKey })).status;
    for (let count = 0; count < 30; count += 1) expect(await knock()).toBe(401);
    const row = blocks.getByRole('listitem').filter({ hasText: '127.0.0.3' });
    await row.getByText('30 wrong API keys').waitFor();
    await row.getByText('blocked once').waitFor();
    expect(await violations(page)).toEqual([]);
    await row.getByRole('button', { name: 'Lift the block of 127.0.0.3' }).click();
    await blocks.getByText('Nobody is blocked.').waitFor();
    expect(await knock()).toBe(401);

    const guard = blocks.getByRole('switch', { name: 'Block who guesses' });
    await turn(guard, false);
    await blocks.getByText('because blocking is off').waitFor();
    expect((await edge()).settings.blockGuessers).toBe(false);
    await turn(guard, true);
    await expect.poll(async () => (await edge()).settings.blockGuessers).toBe(true);
  });

  it('changes a limit within what the server takes, says what is usual, and goes back to it', async () => {
    const page = await server.open(path, refused);
    const limits = panel(page, 'Limits of each address');
    await limits.getByRole('button', { name: 'Change the limits' }).click();
    const dialog = page.getByRole('dialog', { name: 'Change the limits' });
    await dialog.getByText('Usually 3,000. Empty: any number.').waitFor();
    await dialog.getByLabel('Open connections of one address').fill('1');
    await dialog.getByRole('button', { name: 'Save' }).click();
    await dialog.getByText('a number from 4 to 10000').waitFor();
    await dialog.getByLabel('Open connections of one address').fill('100');
    await dialog.getByLabel('Requests a minute').fill('');
    await dialog.getByRole('button', { name: 'Save' }).click();
    await dialog.waitFor({ state: 'detached' });
    await limits.getByText('100 (usually 64)').waitFor();
    await limits.getByText('any number (usually 3,000)').waitFor();
    expect((await edge()).settings).toMatchObject({ connectionsPerAddress: 100, requestsPerMinute: null });
    await limits.getByRole('button', { name: 'Change the limits' }).click();
    await dialog.getByRole('button', { name: 'Fill in the usual numbers' }).click();
    await dialog.getByRole('button', { name: 'Save' }).click();
    await dialog.waitFor({ state: 'detached' });
    await limits.getByText('100 (usually 64)').waitFor({ state: 'detached' });
    expect((await edge()).settings).toMatchObject({ connectionsPerAddress: 64, requestsPerMinute: 3000 });
  });

  it('names trusted proxies narrowly', async () => {
    const page = await server.open(path, refused);
    const proxies = panel(page, 'Reverse proxies');
    const field = proxies.getByLabel('Trusted proxies').first();
    await field.fill('0.0.0.0/0');
    await proxies.getByRole('button', { name: 'Save' }).click();
    await proxies.getByText('Name the proxies narrowly').waitFor();
    await proxies.getByRole('button', { name: 'Remove 0.0.0.0/0' }).click();
    await field.fill('192.168.1.5');
    await proxies.getByRole('button', { name: 'Save' }).click();
    await expect.poll(async () => (await edge()).settings.trustedProxies).toEqual(['192.168.1.5']);
    await server.admin('PATCH', '/edge', { trustedProxies: [] });
  });
});

it('fails panel by panel: what cannot be read says so, and the others stand', async () => {
  const page = await server.open('/console/settings/privacy', { expectedErrors: /status of 500/ });
  const broken = { error: { message: 'The rules cannot be read.', code: 'server_error', param: null } };
  await page.route('**/api/edge', (route) => route.fulfill({ status: 500, json: broken }));
  await page.getByRole('link', { name: 'Network and https' }).click();
  await panel(page, 'Blocked addresses').getByRole('alert').waitFor();
  await panel(page, 'Names and addresses').getByText('Names in the certificate').waitFor();
  await page.unroute('**/api/edge');
  await panel(page, 'Blocked addresses').getByRole('button', { name: 'Try again' }).click();
  await panel(page, 'Blocked addresses').getByText('Nobody is blocked.').waitFor();
});
