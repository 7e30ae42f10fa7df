import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Locator, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { AppError } from '../../server/core/errors.ts';
import { startConsole, type ConsoleUnderTest } from './harness.ts';

let server: ConsoleUnderTest;
let finishLoading: (outcome?: Error) => void = () => {};
beforeAll(async () => {
  server = await startConsole({
    beforeReady: () =>
      new Promise((resolve, reject) => {
        finishLoading = (error) => (error === undefined ? resolve() : reject(error));
      }),
  });
});
afterAll(() => server.stop());

const cardOf = (page: Page, model: string): Locator =>
  page.getByRole('listitem').filter({ has: page.getByRole('heading', { level: 2, name: model }) });

it('loads a model with its progress in percent, then frees it again', async () => {
  const page = await server.open('/console/models');
  const card = cardOf(page, 'fake-model');
  await card.getByText('Off').waitFor();
  await card.getByText('test model, not for work').waitFor();
  await card.getByRole('button', { name: 'Load fake-model' }).click();

  server.engine.show('fake-model', { state: 'loading', progressPercent: 0 });
  await card.getByText('0%').waitFor();
  server.engine.show('fake-model', { state: 'loading', progressPercent: 42.4 });
  await card.getByText('42%').waitFor();
  const bar = card.getByRole('progressbar', { name: 'Loading fake-model' });
  expect(await bar.getAttribute('aria-valuenow')).toBe('42');

  finishLoading();
  await card.getByText('Ready').waitFor();
  expect(await card.locator('dl').innerText()).toMatch(
    /Context per slot\s+4,096 tokens\s+Slots\s+0 of 8 busy\s+Computes on\s+CPU · 1 thread/,
  );
  expect(await bar.count()).toBe(0);

  await card.getByRole('button', { name: 'Unload fake-model' }).click();
  await card.getByText('Off').waitFor();
});

it('gives the reason when a model cannot be loaded, and lets one try again', async () => {
  const page = await server.open('/console/models', { expectedErrors: /status of 5\d\d/ });
  const card = cardOf(page, 'fake-model');
  await card.getByRole('button', { name: 'Load fake-model' }).click();
  const reason = 'The file ends too early. Copy it again.';
  server.engine.show('fake-model', { state: 'loading', progressPercent: 10 });
  await card.getByText('10%').waitFor();
  server.engine.show('fake-model', { state: 'failed', progressPercent: null, reason });
  finishLoading(new AppError(reason, { status: 503, code: 'model_unusable' }));
  await card.getByText('Failed').waitFor();
  expect(await card.getByText(reason).count()).toBe(1);
  await card.getByRole('button', { name: 'Load fake-model' }).click();
  finishLoading();
  await card.getByText('Ready').waitFor();
});

it('adds a GGUF file by its path, says what is wrong with a path, and removes the model, not the file', async () => {
  const page = await server.open('/console/models', { expectedErrors: /status of 400/ });
  await page.getByRole('button', { name: 'Add model' }).click();
  const dialog = page.getByRole('dialog', { name: 'Add a model' });
  const path = dialog.getByLabel('Path of the GGUF file');
  const add = dialog.getByRole('button', { name: 'Add model' });
  await add.click();
  await dialog.getByText('Enter the path of a GGUF file.').waitFor();
  await path.fill('/nowhere/at-all.gguf');
  await add.click();
  await dialog.getByText('There is no file with this path on this computer.').first().waitFor();

  const file = join(server.dataDir, 'Office-8B.gguf');
  await writeFile(file, 'GGUF');
  // As Windows' "Copy as path" gives it.
  await path.fill(`"${file}"`);
  await add.click();
  const card = cardOf(page, 'office-8b');
  await card.getByText(file).waitFor();

  await card.getByRole('button', { name: 'Remove office-8b' }).click();
  await page.getByText('The file stays on the disk.').waitFor();
  await page.getByRole('button', { name: 'Remove model' }).click();
  await card.waitFor({ state: 'detached' });
});
