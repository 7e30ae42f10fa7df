import type { Locator, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startConsole, type ConsoleUnderTest } from './harness.ts';

let server: ConsoleUnderTest;
/** What an answer waits for in its middle. */
const hold: { wait: Promise<void> | undefined } = { wait: undefined };
beforeAll(async () => {
  server = await startConsole({
    models: ['starter', 'qwen3-8b'],
    beforePart: (index) => (index === 3 ? hold.wait : undefined),
  });
  server.engine.show('qwen3-8b', { source: 'added' });
});
afterAll(() => server.stop());

const names = (page: Page): Locator => page.getByRole('region', { name: 'Names your tools use' });
const nameRow = (page: Page, name: string): Locator =>
  names(page)
    .getByRole('listitem')
    .filter({ has: page.getByLabel(`${name} is served by`, { exact: true }) });

it('shows the four names, each with what serves it and that it is a test model', async () => {
  const page = await server.open('/console/models/names');
  const rows = names(page).getByRole('listitem');
  await rows.first().waitFor();
  expect((await rows.locator('code').allInnerTexts()).toSorted()).toEqual([
    'office',
    'office-autocomplete',
    'office-code',
    'office-embed',
  ]);
  expect(await rows.getByText('test model, not for work').count()).toBe(4);
  expect(await page.getByLabel('office is served by', { exact: true }).inputValue()).toBe('starter');
  expect(
    await names(page)
      .getByRole('button', { name: /^Remove/ })
      .count(),
  ).toBe(0);
});

it('moves a name in one click, while a running answer is finished by the old model', async () => {
  const { key } = await server.createKey({ name: 'Anna’s laptop' });
  const ask = (): Promise<Response> => server.chat(key, { model: 'office', stream: true });
  const page = await server.open('/console/models/names');
  await nameRow(page, 'office').waitFor();
  let release = (): void => {};
  hold.wait = new Promise((resolve) => (release = resolve));
  const running = await ask();
  await page.getByLabel('office is served by', { exact: true }).selectOption('qwen3-8b');
  await page.getByText('“office” is now served by qwen3-8b.').waitFor();
  await nameRow(page, 'office').getByText('test model').waitFor({ state: 'detached' });
  expect(await nameRow(page, 'office-code').getByText('test model').count()).toBe(1);
  release();
  hold.wait = undefined;
  expect(await running.text()).toContain('[DONE]');
  expect(running.headers.get('x-inglenook-model')).toBe('starter');
  expect((await ask()).headers.get('x-inglenook-model')).toBe('qwen3-8b');
  expect(server.engine.seen.requests.map(({ model }) => model)).toEqual(['starter', 'qwen3-8b']);
});

it('adds a name of the office’s own and removes it again', async () => {
  const { key } = await server.createKey({ name: 'old tool' });
  const page = await server.open('/console/models/names');
  await page.getByRole('button', { name: 'Add a name' }).click();
  const dialog = page.getByRole('dialog', { name: 'Add a name' });
  const name = dialog.getByLabel('Name', { exact: true });
  const add = dialog.getByRole('button', { name: 'Add a name' });
  await add.click();
  await dialog.getByText('Enter a name.').waitFor();
  await name.fill('office');
  await dialog.getByText('This name exists already').waitFor();
  await name.fill('gpt-4o-mini');
  await dialog.getByLabel('Served by').selectOption('qwen3-8b');
  await add.click();
  const row = nameRow(page, 'gpt-4o-mini');
  await row.waitFor();
  expect((await server.chat(key, { model: 'gpt-4o-mini' })).headers.get('x-inglenook-model')).toBe(
    'qwen3-8b',
  );

  await row.getByRole('button', { name: 'Remove gpt-4o-mini' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Remove name' }).click();
  await row.waitFor({ state: 'detached' });
  expect((await server.chat(key, { model: 'gpt-4o-mini' })).status).toBe(404);
});

it('shows what another console or the command line has changed, and a model that is not there', async () => {
  const page = await server.open('/console/models/names');
  await nameRow(page, 'office-embed').waitFor();
  await server.admin('PUT', '/aliases/office-embed', { model: 'not-yet-there', fallback: ['starter'] });
  await nameRow(page, 'office-embed').getByText('If it cannot answer: starter').waitFor();
  expect(await page.getByLabel('office-embed is served by').inputValue()).toBe('not-yet-there');
  await server.admin('PUT', '/aliases/office-embed', { model: 'not-yet-there', fallback: [] });
  await nameRow(page, 'office-embed').getByText('no such model').waitFor();
});

it('shows the reason when the server refuses a name', async () => {
  const page = await server.open('/console/models/names', { expectedErrors: /409/ });
  await page.getByRole('button', { name: 'Add a name' }).click();
  const dialog = page.getByRole('dialog', { name: 'Add a name' });
  await dialog.getByLabel('Name', { exact: true }).fill('starter');
  await dialog.getByRole('button', { name: 'Add a name' }).click();
  await dialog.getByText(/There is a model with the id “starter”/).waitFor();
  await expect
    .poll(() => dialog.getByLabel('Name', { exact: true }).getAttribute('aria-invalid'))
    .toBe('true');
});
