import { readFile } from 'node:fs/promises';
import type { Locator, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startFileServer, type FileServer } from '../../fakes/file-server.ts';
import { openBreakableLine } from '../breakable-line.ts';
import { startRealConsole, type HouseUnderTest } from '../harness.ts';
import { networks, playNetwork } from '../office-network.ts';
import { askTool, ownModel, starterFile } from './teammate.ts';

let house: HouseUnderTest;
let key = '';
beforeAll(async () => {
  house = await startRealConsole(playNetwork(networks.none), { offline: false, ollamaDir: null });
  // The tests must not depend on how full this computer's disk is.
  await house.admin('PUT', '/settings/downloads.leaveFreeGb', { value: 0 });
  await house.admin('PUT', '/settings/downloads.connections', { value: 1 });
  ({ key } = await house.createKey({ name: 'Anna’s laptop', person: 'Anna' }));
});
afterAll(() => house.stop());

const ask = (model: string) => askTool({ baseUrl: `${house.url}/v1`, key, model });
const rowOf = (page: Page, name: string): Locator =>
  page.getByRole('listitem').filter({ has: page.getByRole('heading', { name, exact: true }) });

it('imports a model from the disk, loads it, and makes it the office’s', async () => {
  const path = await ownModel('Meeting-Notes-Q4_1.gguf');
  const page = await house.open('/console/models/get');
  await page.getByRole('button', { name: 'Add a file' }).click();
  const dialog = page.getByRole('dialog', { name: 'Add a model' });
  await dialog.getByLabel('Path of the GGUF file').fill(path);
  await dialog.getByRole('button', { name: 'Look at it' }).click();
  // What it is, before it is accepted.
  await dialog.getByRole('article').waitFor();
  expect(await dialog.getByRole('article').innerText()).toMatch(/llama · Q4_1/);
  await dialog.getByRole('button', { name: 'Add model' }).click();
  await page.getByText('The model has been added.').waitFor();

  await page.getByRole('link', { name: 'On this computer' }).click();
  const card = rowOf(page, 'meeting-notes');
  await card.getByRole('button', { name: 'Load meeting-notes' }).click();
  await card.getByText('Ready', { exact: true }).waitFor();
  const byName = await ask('meeting-notes');
  expect(byName.text).toMatch(/\w/);

  await card.getByRole('button', { name: 'Set as office default: meeting-notes' }).click();
  await card.getByText('answers for the office').waitFor();
  expect((await ask('office')).model).toBe('meeting-notes');
});

/** More than a look at the header takes, and far from the whole. */
const heldBytes = 20_000_000;

/** Sends no more than a part of the file at a time until it is let go. */
function holdBack(server: FileServer): { readonly letGo: () => void } {
  let letGo = (): void => undefined;
  const until = new Promise<void>((resolve) => (letGo = resolve));
  let isHeld = true;
  // A first look asks for a few bytes only, and gets them.
  server.fault = ({ range }) =>
    isHeld && (range?.to ?? Number.POSITIVE_INFINITY) - (range?.from ?? 0) > heldBytes
      ? { holdAfter: heldBytes, until }
      : null;
  return {
    letGo() {
      isHeld = false;
      letGo();
    },
  };
}

it('pulls a model from a server in the office, over a pause and a cut line, and it answers', async () => {
  const server = await startFileServer({ '/share/Letters-Q4_1.gguf': await readFile(starterFile) });
  const line = await openBreakableLine(server.origin);
  const held = holdBack(server);
  const page = await house.open('/console/models/get');
  await page.getByLabel('Name or address of the model').fill(`${line.url}/share/Letters-Q4_1.gguf`);
  await page.keyboard.press('Enter');
  const seen = page.getByRole('article', { name: 'Letters-Q4_1.gguf' });
  await seen.getByRole('button', { name: 'Download Letters-Q4_1.gguf' }).click();
  await seen.getByRole('link', { name: 'See downloads' }).click();

  const row = rowOf(page, 'Letters-Q4_1.gguf');
  await row.getByText(/^20 MB of 98 MB · /).waitFor();
  await row.getByRole('button', { name: 'Pause' }).click();
  await row.getByText('Paused').waitFor();
  await row.getByText('20 MB of 98 MB', { exact: true }).waitFor();
  await row.getByRole('button', { name: 'Resume' }).click();
  await row.getByText(/^40 MB of 98 MB · /).waitFor();

  await line.cut();
  await row.getByText('Stalled').waitFor();
  await row.getByText(/^Trying again in \d+ s/).waitFor();
  held.letGo();
  await line.mend();
  // Nobody has to do anything: it goes on from where it was.
  await row.getByText('Ready').waitFor();
  const begins = server.asked.map(({ range }) => range?.from ?? 0);
  expect(begins.filter((from) => from >= heldBytes).length).toBeGreaterThan(1);

  await row.getByRole('link', { name: 'See models' }).click();
  const answered = await ask('letters');
  expect(answered.text).toMatch(/\w/);
  await rowOf(page, 'letters').getByText('Ready', { exact: true }).waitFor();
});
