import type { Locator, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startConsole, type ConsoleUnderTest } from './harness.ts';

let server: ConsoleUnderTest;
/** What an answer waits for in its middle. */
const hold: { wait: Promise<void> | undefined } = { wait: undefined };
beforeAll(async () => {
  server = await startConsole({ beforePart: (index) => (index === 3 ? hold.wait : undefined) });
});
afterAll(() => server.stop());

/** Keeps what is copied where the test can see it, as a headless browser's clipboard cannot. */
const recordingClipboard =
  "Object.defineProperty(navigator, 'clipboard', { value: { writeText: async (text) => { window.copied = text; } } });";
/** What a page on http://192.168… has: no clipboard API, only the old command. */
const noClipboard =
  "Object.defineProperty(navigator, 'clipboard', { value: undefined });" +
  "document.execCommand = (name) => { window.copied = name + ':' + document.activeElement.value.slice(document.activeElement.selectionStart, document.activeElement.selectionEnd); return true; };";
const noCopyAtAll =
  "Object.defineProperty(navigator, 'clipboard', { value: undefined }); document.execCommand = () => false;";

async function revoke(page: Page, row: Locator): Promise<void> {
  await row.getByRole('button', { name: /^More for / }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Revoke key' }).click();
}

async function createKey(page: Page, name: string): Promise<string> {
  await page.getByRole('button', { name: 'Key for a script' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('Name').fill(name);
  await dialog.getByRole('button', { name: 'Create key' }).click();
  await page.getByText('Copy the key now.').waitFor();
  return page.getByRole('textbox', { name: 'Key', exact: true }).inputValue();
}

it('creates a key that works, shows it once, lists it at once, and revokes it', async () => {
  const page = await server.open('/console/people', { initScript: recordingClipboard });
  await page.getByText('Nobody is in yet.').waitFor();
  const key = await createKey(page, 'Anna’s laptop');
  expect(key).toMatch(/^sk-ink_[0-9A-Za-z]{38}$/);
  await page.getByRole('button', { name: 'Copy: Key' }).click();
  await page.getByRole('button', { name: 'Copied', exact: true }).waitFor();
  expect(await page.evaluate('window.copied')).toBe(key);

  // Neither a stray click nor Escape takes the only sight of the key away.
  await page.keyboard.press('Escape');
  await page.mouse.click(5, 5);
  await page.getByText('Copy the key now.').waitFor();
  await page.getByRole('button', { name: 'I have copied it' }).click();
  const row = page.getByRole('row', { name: /Anna’s laptop/ });
  await row.getByRole('cell', { name: 'Never used' }).waitFor();
  expect(await page.content()).not.toContain(key);

  expect((await server.chat(key)).status).toBe(200);
  await revoke(page, row);
  const dialog = page.getByRole('dialog', { name: 'Revoke Anna’s laptop?' });
  await dialog.getByRole('button', { name: 'Revoke key' }).click();
  await row.getByRole('cell', { name: 'Revoked' }).waitFor();
  expect(await row.getByRole('button').count()).toBe(0);
  expect((await server.chat(key)).status).toBe(401);
});

it('ends a running answer from the button that revokes', async () => {
  const { key } = await server.createKey({ name: 'In the middle of it' });
  const page = await server.open('/console/people');
  const row = page.getByRole('row', { name: /In the middle of it/ });
  await row.waitFor();
  hold.wait = new Promise(() => {});
  const stream = await server.chat(key, { stream: true });
  const reader = stream.body?.pipeThrough(new TextDecoderStream()).getReader();
  let text = (await reader?.read())?.value ?? '';
  await revoke(page, row);
  await page.getByRole('dialog').getByRole('button', { name: 'Revoke key' }).click();
  for (let part = await reader?.read(); part?.done === false; part = await reader?.read()) text += part.value;
  hold.wait = undefined;
  expect(text).toContain('This key has just been revoked by the owner; the answer ends here.');
  expect(text).not.toContain('[DONE]');
  await row.getByRole('cell', { name: 'Revoked' }).waitFor();
});

it('shows a key that somebody else has created without a reload', async () => {
  const page = await server.open('/console/people');
  await page.getByRole('heading', { level: 1, name: 'People & devices' }).waitFor();
  await server.createKey({ name: 'From the command line' });
  await page.getByRole('row', { name: /From the command line/ }).waitFor();
});

it('keeps what is under "More options"', async () => {
  const page = await server.open('/console/people');
  await page.getByRole('button', { name: 'Key for a script' }).click();
  await page.getByLabel('Name').fill('Guest');
  await page.getByRole('button', { name: 'More options' }).click();
  await page.getByLabel('Person').fill('Jonas');
  await page.getByLabel('Expires').selectOption('date');
  await page.getByLabel('Last day').fill('2999-12-31');
  await page.getByLabel('fake-model').check();
  await page.getByLabel('office', { exact: true }).check();
  await page.getByRole('dialog').getByRole('button', { name: 'Create key' }).click();
  await page.getByRole('button', { name: 'I have copied it' }).click();
  const row = page.getByRole('row', { name: /Guest/ });
  expect(await row.innerText()).toMatch(
    /Guest\s+Key by hand · sk-ink_\S+\s+Only fake-model, office\s+Never used\s+No budget\s+31 Dec 2999\s+Active/,
  );
  const jonas = page
    .getByRole('rowgroup')
    .filter({ has: page.getByRole('rowheader', { name: 'Jonas', exact: true }) });
  await jonas.getByText('Guest', { exact: true }).waitFor();
});

it('asks for a name and says when one is taken', async () => {
  await server.createKey({ name: 'Taken' });
  const page = await server.open('/console/people', { expectedErrors: /40[09]/ });
  await page.getByRole('button', { name: 'Key for a script' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByRole('button', { name: 'Create key' }).click();
  await dialog.getByText('Give the key a name.').waitFor();
  await dialog.getByLabel('Name').fill('Taken');
  await dialog.getByRole('button', { name: 'Create key' }).click();
  await dialog.getByRole('alert').getByText(/Taken/).first().waitFor();
});

it('copies without a secure context by the old command', async () => {
  const page = await server.open('/console/people', { initScript: noClipboard });
  const key = await createKey(page, 'No secure context');
  await page.getByRole('button', { name: 'Copy: Key' }).click();
  await page.getByRole('button', { name: 'Copied', exact: true }).waitFor();
  expect(await page.evaluate('window.copied')).toBe(`copy:${key}`);
});

it('selects the key and asks for Ctrl+C where nothing else is possible', async () => {
  const page = await server.open('/console/people', { initScript: noCopyAtAll });
  const key = await createKey(page, 'No copying at all');
  await page.getByRole('button', { name: 'Copy: Key' }).click();
  await page.getByText(/Selected\. Press (Ctrl\+C|⌘C) to copy\./).waitFor();
  const selected = await page.evaluate(
    'document.activeElement.value.slice(document.activeElement.selectionStart, document.activeElement.selectionEnd)',
  );
  expect(selected).toBe(key);
});

it('lets a key be created with the keyboard alone', async () => {
  const page = await server.open('/console/');
  await page.getByRole('heading', { level: 1, name: 'Home' }).waitFor();
  await page.keyboard.press('Tab');
  expect(await focused(page)).toBe('Skip to the content');
  await tabTo(page, 'People & devices');
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { level: 1, name: 'People & devices' }).waitFor();
  expect(await focused(page)).toBe('People & devices');
  expect(await page.evaluate('document.activeElement.tagName')).toBe('H1');
  await tabTo(page, 'Key for a script');
  await page.keyboard.press('Enter');
  await page.getByRole('dialog').waitFor();
  await expect.poll(() => page.evaluate('document.activeElement.tagName')).toBe('INPUT');
  await page.keyboard.type('By keyboard');
  await page.keyboard.press('Enter');
  await page.getByText('Copy the key now.').waitFor();
  await tabTo(page, 'I have copied it');
  await page.keyboard.press('Enter');
  await page.getByRole('row', { name: /By keyboard/ }).waitFor();
  await expect.poll(() => focused(page)).toBe('Key for a script');
});

it('still knows the page by its old address', async () => {
  const page = await server.open('/console/keys');
  await page.getByRole('heading', { level: 1, name: 'People & devices' }).waitFor();
  expect(new URL(page.url()).pathname).toBe('/console/people');
});

/** What is read, not the short form for narrow windows that stands beside it unseen. */
async function focused(page: Page): Promise<unknown> {
  return page.evaluate('document.activeElement.innerText');
}

async function tabTo(page: Page, text: string): Promise<void> {
  for (let presses = 0; presses < 40; presses += 1) {
    if ((await focused(page)) === text && presses > 0) return;
    await page.keyboard.press('Tab');
  }
  throw new Error(`“${text}” cannot be reached by the Tab key.`);
}

it('finds one device of many, with what was looked for in the address', async () => {
  await server.createKey({ name: 'Zoe’s tablet', person: 'Zoe', team: 'Design' });
  await server.createKey({ name: 'Zoe’s laptop', person: 'Zoe' });
  await server.admin('PATCH', '/keys/Zoe’s laptop', { paused: true });
  const page = await server.open('/console/people');
  const bar = page.getByRole('search', { name: 'Find a device' });
  await bar.getByLabel('Find').fill('zoe');
  const rows = page.getByRole('rowheader').filter({ hasText: /’s/ });
  await expect.poll(() => rows.count()).toBe(2);
  expect(new URL(page.url()).search).toBe('?q=zoe');
  await bar.getByLabel('Show', { exact: true }).selectOption('Paused');
  await expect.poll(() => rows.count()).toBe(1);
  await page.reload();
  await expect.poll(() => rows.count()).toBe(1);
  expect(await bar.getByLabel('Find').inputValue()).toBe('zoe');
  await bar.getByLabel('Find').fill('nobody');
  await page.getByText('No device fits.').waitFor();
  await page.getByRole('button', { name: 'Show all devices' }).click();
  await page.getByRole('rowheader', { name: /Zoe’s tablet/ }).waitFor();
  expect(new URL(page.url()).search).toBe('');
  // The key of the whole console for it.
  await page.keyboard.press('/');
  expect(await bar.locator('input[type=search]:focus').count()).toBe(1);
});

it('keeps a key by hand to the addresses that were named', async () => {
  const page = await server.open('/console/people');
  await page.getByRole('button', { name: 'Key for a script' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('Name').fill('nightly');
  await dialog.getByRole('button', { name: 'More options' }).click();
  await dialog.getByLabel('Only from these addresses').fill('10.20.0.0/16\n10.30.0.7');
  await dialog.getByRole('button', { name: 'Create key' }).click();
  const key = await page.getByRole('textbox', { name: 'Key', exact: true }).inputValue();
  expect((await server.chat(key)).status).toBe(403);
  await page.getByRole('button', { name: 'I have copied it' }).click();
  await page
    .getByRole('row', { name: /nightly/ })
    .getByText('10.20.0.0/16, 10.30.0.7')
    .waitFor();
});

it('says in the row of a device at its limit until when, and who can lift it', async () => {
  const { key } = await server.createKey({ name: 'small budget' });
  await (await server.chat(key)).text();
  await server.admin('PATCH', '/keys/small budget', {
    limits: { budgets: [{ unit: 'tokens', amount: 5, period: 'day' }] },
  });
  expect((await server.chat(key)).status).toBe(429);
  const page = await server.open('/console/people?state=atLimit');
  const row = page.getByRole('row', { name: /small budget/ });
  // Beside the bar, and on a phone below the name.
  await row.getByText('Only you, the owner, can lift it: under Limits.').filter({ visible: true }).waitFor();
  expect(await page.getByRole('rowheader').filter({ hasText: 'sk-ink_' }).count()).toBe(1);
});

it('lets the owner say that only the invited may ask', async () => {
  const page = await server.open('/console/people');
  const setting = page.getByRole('switch', { name: 'Devices may ask without an invitation' });
  const ask = (): Promise<Response> =>
    fetch(`${server.url}/pair/device_authorization`, {
      method: 'POST',
      body: new URLSearchParams({ client_id: 'inglenook-connect', device: 'Jonas’ PC' }),
    });
  await expect.poll(() => setting.isChecked()).toBe(true);
  expect((await ask()).status).toBe(200);
  await page.getByText('Jonas’ PC asks to join').waitFor();
  await page.getByRole('button', { name: /^Deny Jonas/ }).click();
  await setting.press('Space');
  await expect.poll(async () => (await ask()).status).toBe(400);
  // The server has it a moment before the page knows.
  await expect.poll(() => setting.isChecked()).toBe(false);
  await page.reload();
  await setting.waitFor();
  await expect.poll(() => setting.isChecked()).toBe(false);
});
