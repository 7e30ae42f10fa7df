import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startServer, type RunningServer } from '../../model/running-server.ts';
import { launchChromium } from '../chromium.ts';
import { ownersPassword } from '../harness.ts';
import { computer, visit } from '../pair-harness.ts';
import { askTool, folderForTest, starterModel } from './teammate.ts';

const passphrase = 'a passphrase nobody guesses';

let browser: Browser;
beforeAll(async () => {
  browser = await launchChromium();
});
afterAll(() => browser.close());

/** As it is installed: a process of its own, which can begin anew by itself. */
function install(): Promise<RunningServer> {
  return startServer({
    command: [process.execPath, 'server/main.ts'],
    environment: { INGLENOOK_OFFLINE: '1' },
  });
}

async function setUpLink(server: RunningServer): Promise<string> {
  const link = /set the owner's password at (\S+)/;
  await expect.poll(server.stderr).toMatch(link);
  return link.exec(server.stderr())?.[1] ?? '';
}

it('restores a backup on another computer: the old password, the people, and a key that works on', async () => {
  const file = join(await folderForTest(), 'office.age');
  const old = await install();
  const before = await visit(browser, await setUpLink(old), computer);
  await before.getByLabel('New password').fill(ownersPassword);
  await before.getByRole('button', { name: 'Set password and open the console' }).click();
  await before.getByRole('link', { name: 'People & devices', exact: true }).click();
  await before.getByRole('button', { name: 'Key for a script' }).click();
  const creating = before.getByRole('dialog');
  await creating.getByLabel('Name', { exact: true }).fill('Nightly report');
  await creating.getByRole('button', { name: 'Create key' }).click();
  const key = await creating.getByRole('textbox', { name: 'Key', exact: true }).inputValue();
  await creating.getByRole('button', { name: 'I have copied it' }).click();
  await before.getByRole('link', { name: 'Settings', exact: true }).click();
  await before.getByRole('link', { name: 'Backup' }).click();
  await before.getByRole('button', { name: 'Make a backup' }).click();
  const backup = before.getByRole('dialog', { name: 'Make a backup' });
  await backup.getByLabel('Passphrase').fill(passphrase);
  await backup.getByLabel('The same again').fill(passphrase);
  await backup.getByRole('radio', { name: 'A file on this computer' }).check();
  await backup.getByLabel('Whole path of the new file').fill(file);
  await backup.getByRole('button', { name: 'Make the backup' }).click();
  await backup.waitFor({ state: 'detached' });
  await before.close();
  expect(await old.stop()).toBe(0);

  const fresh = await install();
  const page = await visit(browser, await setUpLink(fresh), {
    ...computer,
    // While it starts again the page asks whether it is there.
    expectedErrors: /ERR_CONNECTION_REFUSED/,
  });
  await page.getByRole('button', { name: 'Restore from a backup' }).click();
  // As a browser elsewhere has it: chosen, and sent.
  await page.locator('input[type=file]').setInputFiles(file);
  await page.getByText(/^office\.age, \d/).waitFor();
  await page.getByLabel('Passphrase of the backup').fill(passphrase);
  await page.getByRole('button', { name: 'Restore this backup' }).click();
  await page.getByText('Sign in with the password that held when it was made.').waitFor();
  await page.getByRole('link', { name: 'Go to sign-in' }).click();
  await page.getByLabel('Password', { exact: true }).fill(ownersPassword);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.getByRole('link', { name: 'People & devices', exact: true }).click();
  const row = page.getByRole('row').filter({ hasText: 'Nightly report' });
  await row.getByRole('cell', { name: 'Active', exact: true }).waitFor();

  const answered = await askTool({ baseUrl: `${fresh.url}/v1`, key, model: 'office' });
  expect(answered.text).toMatch(/\w/);
  expect(answered.model).toBe(starterModel);
}, 120_000);
