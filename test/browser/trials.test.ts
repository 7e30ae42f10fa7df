import { createServer, type AddressInfo } from 'node:net';
import type { Locator, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { edgeState } from '../../server/wire/edge.ts';
import { httpsState } from '../../server/wire/https.ts';
import { createManualTime } from '../fakes/manual-time.ts';
import { violations } from './axe.ts';
import { startConsole, type ConsoleUnderTest } from './harness.ts';

// The server's own time stands still, so that a minute passes when a test says so.
const time = createManualTime(Date.now());
let server: ConsoleUnderTest;
beforeAll(async () => {
  server = await startConsole({}, { timers: time.timers });
});
afterAll(() => server.stop());

const path = '/console/settings/network';
const panel = (page: Page, name: string): Locator => page.getByRole('region', { name, exact: true });
const isHttpsOnly = async (): Promise<boolean> => httpsState.parse(await server.admin('GET', '/https')).only;

async function freePort(): Promise<number> {
  const holder = createServer();
  await new Promise<void>((resolve) => void holder.listen(0, '127.0.0.1', resolve));
  const { port } = holder.address() as AddressInfo;
  await new Promise((resolve) => void holder.close(resolve));
  return port;
}

it('takes https only back after a minute although the browser is gone', async () => {
  const page = await server.open(path);
  await panel(page, 'https')
    .getByRole('switch', { name: /^https only/ })
    .click();
  await page.getByText('Taken back in').waitFor();
  await page.close();
  expect(await isHttpsOnly()).toBe(true);
  time.advance(59_000);
  expect(await isHttpsOnly()).toBe(true);
  time.advance(1_000);
  await expect.poll(isHttpsOnly).toBe(false);
});

it('shows a trial in every browser, and keeps it from any', async () => {
  const first = await server.open(path);
  const second = await server.open(path);
  await panel(first, 'https')
    .getByRole('switch', { name: /^https only/ })
    .click();
  await panel(second, 'https').getByText('Taken back in').waitFor();
  await panel(second, 'https').getByRole('button', { name: 'Keep it' }).click();
  await panel(first, 'https').getByText('Taken back in').waitFor({ state: 'detached' });
  time.advance(120_000);
  expect(await isHttpsOnly()).toBe(true);
  await server.admin('PUT', '/https', { only: false });
});

it('tries the numbers for connections, and takes them back', async () => {
  const limits = async () => edgeState.parse(await server.admin('GET', '/edge')).settings;
  const before = await limits();
  const page = await server.open(path);
  await page.getByRole('button', { name: 'Change the limits' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByRole('textbox').first().fill('77');
  await dialog.getByRole('button', { name: 'Save' }).click();
  await page.getByText('The new numbers count now.').waitFor();
  expect(Object.values(await limits())).toContain(77);
  expect(await violations(page)).toEqual([]);
  await page.getByRole('button', { name: 'Take it back' }).click();
  await page.getByText('The numbers are as they were before.').waitFor();
  expect(await limits()).toEqual(before);
});

it('says that a port which was given from outside is not changed here', async () => {
  const page = await server.open(path);
  const port = panel(page, 'Port and name');
  await port.getByText('The port was set where Inglenook is started').waitFor();
  expect(await port.getByRole('textbox').count()).toBe(0);
});

it('tries another port: the console answers there as well, and the new one is kept from there', async () => {
  const usual = await freePort();
  const own = await startConsole({}, { timers: createManualTime(Date.now()).timers }, { usualPort: usual });
  try {
    const page = await own.open(path, { expectedErrors: /status of 4/ });
    const port = panel(page, 'Port and name');
    await port.getByLabel('Another port').fill('80');
    await port.getByRole('button', { name: 'Try this port' }).click();
    await port.getByText('Enter a whole number from 1024 to 65535.').waitFor();
    const other = await freePort();
    await port.getByLabel('Another port').fill(String(other));
    await port.getByRole('button', { name: 'Try this port' }).click();
    await port.getByText('Both ports answer now.').waitFor();
    expect(await violations(page)).toEqual([]);
    await port.getByRole('link', { name: `Open the console at port ${other}` }).click();
    await page.waitForURL(`http://127.0.0.1:${other}${path}`);
    await port.getByRole('button', { name: 'Keep it' }).click();
    await port.getByText(`Port ${other} is kept. Both answer until Inglenook is started again`).waitFor();
  } finally {
    await own.stop();
  }
});
