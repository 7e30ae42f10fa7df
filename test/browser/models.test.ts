import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Locator, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { AppError } from '../../server/core/errors.ts';
import { modelList } from '../../server/wire/admin.ts';
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
    /People at once\s+0 of 8 busy\s+Longest conversation\s+4,096 tokens\s+Computes on\s+CPU · 1 thread/,
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

it('tells how a model runs: its memory, its threads, what it waits for, and that it runs in a lesser way', async () => {
  const page = await server.open('/console/models');
  const card = cardOf(page, 'fake-model');
  server.engine.show('fake-model', {
    state: 'loading',
    progressPercent: 0,
    waitingFor: 'memory',
    memory: { estimatedBytes: 5_400_000_000, measuredBytes: null },
    attempts: [],
  });
  await card.getByText('Waits for memory that other models are using.').waitFor();
  await card.getByText('about 5.4 GB (estimated)').waitFor();

  const tried = { gpuShare: 1, slots: 4, contextTokens: 16_384 } as const;
  server.engine.show('fake-model', {
    state: 'ready',
    progressPercent: null,
    waitingFor: null,
    backend: 'cpu',
    threads: 3,
    threadsReason: '3 is the faster number of threads for this kind of work.',
    memory: { estimatedBytes: 5_400_000_000, measuredBytes: 4_900_000_000 },
    attempts: [
      { ...tried, backend: 'cuda', reason: 'The GPU’s memory was too small.', cause: 'out of memory' },
      { ...tried, backend: 'cpu', gpuShare: 0, slots: 2, reason: null, cause: null },
    ],
    keepAliveUntilMs: Date.now() + 24 * 60_000,
    crashes: 2,
    lastCrash: 'The engine broke off (SIGSEGV).',
  });
  await card.getByText('4.9 GB (measured; estimated 5.4 GB)').waitFor();
  await card.getByText('CPU · 3 threads').waitFor();
  await card.getByText('Why so many threads: 3 is the faster number').waitFor();
  await card.getByText(/^in 2[345] min if nobody asks$/).waitFor();
  await card.getByText('It has crashed 2 times since its last whole answer.').waitFor();
  await card.getByText('The engine broke off (SIGSEGV).').waitFor();
  await card.getByText('It runs, but not as planned').waitFor();
  await card.getByRole('button', { name: 'What was tried (1 attempt)' }).click();
  await card
    .getByText('CUDA with 100% on the GPU, 4 people × 16,384 tokens: The GPU’s memory was too small.')
    .waitFor();
  await card.getByText('out of memory', { exact: true }).waitFor();
  server.engine.show('fake-model', { attempts: [], crashes: 0, lastCrash: null, keepAliveUntilMs: null });
  await card.getByText('It runs, but not as planned').waitFor({ state: 'detached' });
});

it('changes what was changed in the settings, and nothing else', async () => {
  const page = await server.open('/console/models');
  const settings = async (): Promise<unknown> => {
    const models = modelList.parse(await server.admin('GET', '/models'));
    return models.find(({ id }) => id === 'fake-model')?.settings;
  };
  await server.admin('PATCH', '/models/fake-model', { preload: true });
  const card = cardOf(page, 'fake-model');
  const open = card.getByRole('button', { name: 'Settings of fake-model' });
  const dialog = page.getByRole('dialog', { name: 'Settings of fake-model' });
  const save = dialog.getByRole('button', { name: 'Save settings' });
  await page.reload();
  await open.click();
  expect(await dialog.getByLabel('Load at start').isChecked()).toBe(true);
  await dialog.getByLabel('Minutes it stays without a request').fill('99999');
  await save.click();
  await dialog.getByText('Enter a number from 0 to 10080').waitFor();
  await dialog.getByLabel('Minutes it stays without a request').fill('5');
  await dialog.getByLabel('My own choice').check();
  await dialog.getByLabel('People at once', { exact: true }).fill('4');
  await dialog.getByLabel('Longest conversation in tokens').fill('8192');
  await dialog.getByText('4 people × 8,192 tokens = 32,768 tokens kept in memory at most.').waitFor();
  await save.click();
  await page.getByText('The settings of fake-model have been saved.').waitFor();
  const changed = { pinned: false, preload: true, keepAliveMinutes: 5, slots: 4, contextTokens: 8192 };
  expect(await settings()).toEqual(changed);

  await open.click();
  await dialog.getByRole('switch', { name: 'Keep in memory' }).press('Space');
  await dialog.getByLabel('As this computer’s memory allows').check();
  await save.click();
  await dialog.waitFor({ state: 'detached' });
  await card.getByText('stays in memory').waitFor();
  expect(await settings()).toEqual({ ...changed, pinned: true, slots: null, contextTokens: null });
});

it('adds a GGUF file by its path, says what is wrong with a path, and removes the model, not the file', async () => {
  const page = await server.open('/console/models/get', { expectedErrors: /status of 400/ });
  await page.getByRole('button', { name: 'Add a file' }).click();
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
  await page.getByText('The model has been added.').waitFor();
  await page.getByRole('link', { name: 'On this computer' }).click();
  const card = cardOf(page, 'office-8b');
  await card.getByText(file).waitFor();
  await card.getByText('a file you added').waitFor();
  await server.admin('PUT', '/aliases/gpt-4o-mini', { model: 'office-8b' });

  await card.getByRole('button', { name: 'Remove office-8b' }).click();
  await page.getByText('Names that lead nowhere then: gpt-4o-mini.').waitFor();
  await page.getByText('The file stays on the disk.').waitFor();
  await page.getByRole('button', { name: 'Remove model' }).click();
  await card.waitFor({ state: 'detached' });
  await page.getByText('office-8b was removed. Its file stays on the disk.').waitFor();
  await page.getByText('The name gpt-4o-mini leads nowhere now.').waitFor();
  expect(await readFile(file, 'utf8')).toBe('GGUF');
});

it('gives up a load that takes too long', async () => {
  const page = await server.open('/console/models');
  const card = cardOf(page, 'fake-model');
  server.engine.show('fake-model', { state: 'loading', progressPercent: 3 });
  await card.getByRole('button', { name: 'Stop loading fake-model' }).click();
  await card.getByText('Off', { exact: true }).waitFor();
});

it('says that nothing can be fetched where Inglenook never goes online', async () => {
  const page = await server.open('/console/models/get', { expectedErrors: /status of 409/ });
  await page.getByLabel('Name or address of the model').fill('hf:Qwen/Qwen3-8B-GGUF:Q4_K_M');
  await page.getByRole('button', { name: 'Look at it' }).click();
  await page.getByText('Inglenook is set to never go online').first().waitFor();
  await page.getByRole('link', { name: 'Downloads', exact: true }).click();
  await page.getByText('Nothing is being downloaded.').waitFor();
});
