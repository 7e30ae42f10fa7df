import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Locator, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { AppError } from '../../server/core/errors.ts';
import { usualModelSettings } from '../../server/core/model.ts';
import { modelList } from '../../server/wire/admin.ts';
import { ggufBytes } from '../fakes/gguf-file.ts';
import { violations } from './axe.ts';
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
  await card.getByText('Off', { exact: true }).waitFor();
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
  await card.getByText('Off', { exact: true }).waitFor();
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
  await card.getByText('The engine crashed.').waitFor();
  await card.getByText('It runs, but not as planned').waitFor();
  await card.getByRole('button', { name: 'What was tried (1 attempt)' }).click();
  await card.getByText('CUDA with 100% on the GPU, 4 people × 16,384 tokens:').waitFor();
  await card.getByText('The GPU’s memory was too small.').waitFor();
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
  const look = dialog.getByRole('button', { name: 'Look at it' });
  await look.click();
  await dialog.getByText('Enter the path of a GGUF file.').waitFor();
  await path.fill('/nowhere/at-all.gguf');
  await look.click();
  await dialog.getByText('There is no file with this path on this computer.').first().waitFor();

  const file = join(server.dataDir, 'Office-8B.gguf');
  await writeFile(file, 'GGUF');
  await path.fill(file);
  await look.click();
  await dialog
    .getByText(/^This file /)
    .first()
    .waitFor();
  const content = ggufBytes();
  await writeFile(file, content);
  // As Windows' "Copy as path" gives it.
  await path.fill(`"${file}"`);
  await look.click();
  const seen = dialog.getByRole('article', { name: 'Tiny' });
  await seen.getByText('up to 2,048 tokens').waitFor();
  expect(await violations(page)).toEqual([]);
  expect(JSON.stringify(await server.admin('GET', '/models'))).not.toContain('Office-8B');
  await dialog.getByRole('button', { name: 'Add model' }).click();
  await page.getByText('The model has been added.').waitFor();
  await page.getByRole('link', { name: 'On this computer' }).click();
  const card = cardOf(page, 'office-8b');
  await card.getByText(file).waitFor();
  await card.getByText('a file you added').waitFor();
  await server.admin('PUT', '/aliases/gpt-4o-mini', { model: 'office-8b' });
  await server.createKey({ name: 'Narrow', models: ['gpt-4o-mini'] });

  await card.getByRole('button', { name: 'Remove office-8b' }).click();
  await page.getByText('Names that lead nowhere then: gpt-4o-mini.').waitFor();
  await page.getByText('Devices that may use nothing else then: Narrow.').waitFor();
  await page.getByText('The file stays on the disk.').waitFor();
  await page.getByRole('button', { name: 'Remove model' }).click();
  await card.waitFor({ state: 'detached' });
  await page.getByText('office-8b was removed. Its file stays on the disk.').waitFor();
  await page.getByText('The name gpt-4o-mini leads nowhere now.').waitFor();
  expect((await readFile(file)).equals(content)).toBe(true);
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

it('shows what a model is for, by which names it is asked for and how often, and lets it answer for the office', async () => {
  await server.admin('PUT', '/aliases/office', { model: 'nobody' });
  const { key } = await server.createKey({ name: 'Anna' });
  const page = await server.open('/console/models');
  const card = cardOf(page, 'fake-model');
  await card.getByText('chat', { exact: true }).waitFor();
  server.engine.show('fake-model', { state: 'ready' });
  let isAnswered = false;
  void server.chat(key).then((answer) => answer.text().then(() => (isAnswered = true)));
  await expect
    .poll(() => {
      finishLoading();
      return isAnswered;
    })
    .toBe(true);
  await page.reload();
  await card.getByRole('link', { name: /^used \d+× today$/ }).waitFor();
  await card.getByRole('button', { name: 'Set as office default: fake-model' }).click();
  await page.getByText('The name “office” leads to fake-model now.').waitFor();
  await card.getByText('answers for the office').waitFor();
  await card.getByText('Asked for as').waitFor();
  await card.getByText('office', { exact: true }).waitFor();
  expect(await violations(page)).toEqual([]);
});

it('loads a model anyway only after its risk was read', async () => {
  const page = await server.open('/console/models');
  const card = cardOf(page, 'fake-model');
  const reason = 'It needs about 22.0 GB of memory, and 12.0 GB are free.';
  server.engine.show('fake-model', { state: 'failed', reason, isTooBig: true });
  await card.getByText(reason).waitFor();
  await card.getByRole('button', { name: 'Load anyway: fake-model' }).click();
  const dialog = page.getByRole('dialog', { name: 'Load fake-model anyway?' });
  await dialog.getByText(/the system may end programs/).waitFor();
  expect(await violations(page)).toEqual([]);
  expect(server.engine.seen.forced).toEqual([]);
  await dialog.getByRole('button', { name: 'Load anyway' }).click();
  await expect.poll(() => server.engine.seen.forced).toEqual(['fake-model']);
  await dialog.waitFor({ state: 'detached' });
  server.engine.show('fake-model', { state: 'ready', reason: null, isTooBig: false });
  await card.getByText('Ready').waitFor();
});

it('moves the length of conversations by the keyboard, and goes back to what is usual', async () => {
  const page = await server.open('/console/models');
  const card = cardOf(page, 'fake-model');
  await card.getByRole('button', { name: 'Settings of fake-model' }).click();
  const dialog = page.getByRole('dialog', { name: 'Settings of fake-model' });
  await dialog.getByLabel('My own choice').check();
  const field = dialog.getByLabel('Longest conversation in tokens');
  await field.fill('8192');
  const slider = dialog.getByRole('slider', { name: 'Length of a conversation, roughly' });
  expect(await slider.getAttribute('aria-valuetext')).toBe('8,192 tokens');
  await slider.press('ArrowRight');
  expect(await field.inputValue()).toBe('16384');
  expect(await violations(page)).toEqual([]);
  await dialog.getByRole('button', { name: 'Let the computer choose the length' }).click();
  expect(await field.inputValue()).toBe('');
});

it('caps conversations at what the model was made for, and says when less is served than was asked for', async () => {
  const header = {
    trainContextTokens: 8192,
    contextBytesPerToken: 1000,
    workingBytes: 1_000_000,
    canUseTools: true,
    activeShare: 1,
  };
  const settings = { ...usualModelSettings, contextTokens: 4096 };
  server.engine.show('fake-model', { state: 'ready', slots: 4, contextTokens: 2048, header, settings });
  const page = await server.open('/console/models');
  const card = cardOf(page, 'fake-model');
  await card.getByText('2,048 of at most 8,192 tokens').waitFor();
  await card.getByText('4,096 tokens were asked for. Conversations hold 2,048, because the memory').waitFor();
  await card.getByText('tools', { exact: true }).waitFor();
  await card.getByRole('button', { name: 'Settings of fake-model' }).click();
  const dialog = page.getByRole('dialog', { name: 'Settings of fake-model' });
  await dialog.getByText('Prompt and answer together, at most 8,192').waitFor();
  const field = dialog.getByLabel('Longest conversation in tokens');
  await dialog.getByRole('slider', { name: 'Length of a conversation, roughly' }).press('End');
  expect(await field.inputValue()).toBe('8192');
  await field.fill('9000');
  await dialog.getByRole('button', { name: 'Save settings' }).click();
  await dialog.getByText('This model was made for at most 8,192 tokens.').waitFor();
  expect(await violations(page)).toEqual([]);
  server.engine.show('fake-model', { settings: usualModelSettings, contextTokens: 4096 });
});

it('tells what the built-in engine has in memory, and unloads all of it after asking', async () => {
  server.engine.show('fake-model', { state: 'ready' });
  const page = await server.open('/console/models/engines');
  const panel = page.getByRole('region', { name: 'Built-in engine' });
  await panel.getByText('node-llama-cpp 3.21.1').waitFor();
  const facts = panel.locator('dl');
  await facts.getByText('fake-model').waitFor();
  expect(await facts.innerText()).toMatch(/Answering\s+0 of \d+ places taken\s+Waiting\s+0/);
  await panel.getByRole('button', { name: 'Unload all models' }).click();
  const dialog = page.getByRole('dialog', { name: 'Unload all models?' });
  expect(await violations(page)).toEqual([]);
  await dialog.getByRole('button', { name: 'Unload all models' }).click();
  await facts.getByText('no model').waitFor();
  expect(await panel.getByRole('button', { name: 'Restart engine' }).isDisabled()).toBe(true);
});
