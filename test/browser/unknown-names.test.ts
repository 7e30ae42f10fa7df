import type { Locator, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { aliasList } from '../../server/wire/aliases.ts';
import { startConsole, type ConsoleUnderTest } from './harness.ts';

let server: ConsoleUnderTest;
let key = '';
beforeAll(async () => {
  server = await startConsole({ models: ['starter', 'qwen3-8b', 'gemma-4b'] });
  ({ key } = await server.createKey({ name: 'Anna’s laptop' }));
});
afterAll(() => server.stop());

const path = '/console/models/names';
const unknown = (page: Page): Locator => page.getByRole('region', { name: 'Names nobody defined' });
const ask = async (model: string): Promise<{ status: number; by: string | null }> => {
  const response = await server.chat(key, { model });
  await response.text();
  return { status: response.status, by: response.headers.get('x-inglenook-model') };
};
const kept = async (name: string) =>
  aliasList.parse(await server.admin('GET', '/aliases')).find((alias) => alias.name === name);

it('a name that a request asks for in vain appears, is pointed at a model, and then answers', async () => {
  const page = await server.open(path);
  await unknown(page).getByText('Nobody has asked for a name that is not here.').waitFor();
  expect((await ask('claude-sonnet')).status).toBe(404);
  expect((await ask('claude-sonnet')).status).toBe(404);
  await unknown(page).getByText('claude-sonnet', { exact: true }).waitFor();
  await unknown(page)
    .getByText(/^Asked for 2 times, last .* by Anna’s laptop$/)
    .waitFor();

  await unknown(page).getByRole('button', { name: 'Choose a model for claude-sonnet' }).click();
  const dialog = page.getByRole('dialog', { name: 'Point “claude-sonnet” at a model' });
  await dialog.getByLabel('Served by').selectOption('qwen3-8b');
  await dialog.getByRole('button', { name: 'Add a name' }).click();
  await page.getByText('“claude-sonnet” is now served by qwen3-8b.').waitFor();
  await unknown(page).getByText('Nobody has asked for a name that is not here.').waitFor();
  expect(await ask('claude-sonnet')).toEqual({ status: 200, by: 'qwen3-8b' });
});

it('one is ignored until somebody asks again', async () => {
  const page = await server.open(path);
  await ask('mistyped');
  await unknown(page)
    .getByRole('button', { name: 'Ignore mistyped until somebody asks for it again' })
    .click();
  await unknown(page).getByText('mistyped', { exact: true }).waitFor({ state: 'detached' });
  await ask('mistyped');
  await unknown(page).getByText('mistyped', { exact: true }).waitFor();
});

it('the usual OpenAI names come with one click, those that exist stay', async () => {
  await server.admin('PUT', '/aliases/gpt-4o', { model: 'gemma-4b' });
  await ask('gpt-4o-mini');
  const page = await server.open(path);
  await unknown(page).getByText('gpt-4o-mini', { exact: true }).waitFor();
  await page.getByRole('button', { name: 'Add the usual OpenAI names' }).click();
  await page.getByText(/names were added: .*gpt-4o-mini/).waitFor();
  await unknown(page).getByText('gpt-4o-mini', { exact: true }).waitFor({ state: 'detached' });
  expect(await page.getByLabel('gpt-4o is served by', { exact: true }).inputValue()).toBe('gemma-4b');
  expect(await page.getByLabel('gpt-4o-mini is served by', { exact: true }).inputValue()).toBe('office');
  await page.getByRole('button', { name: 'Add the usual OpenAI names' }).click();
  await page.getByText('All of them lead somewhere already.').waitFor();
});

it('the catch-all is off until it is switched on, and says whom it asks', async () => {
  const page = await server.open(path);
  expect((await ask('whatever-1')).status).toBe(404);
  const every = page.getByRole('switch', { name: 'Answer every name that nobody defined' });
  await every.press('Space');
  await page.getByLabel('Answered by').selectOption('gemma-4b');
  await expect.poll(async () => (await kept('*'))?.model).toBe('gemma-4b');
  expect(await ask('whatever-2')).toEqual({ status: 200, by: 'gemma-4b' });
  await every.press('Space');
  await page.getByLabel('Answered by').waitFor({ state: 'detached' });
  expect((await ask('whatever-3')).status).toBe(404);
});

it('a pattern, fallbacks in order, shares and settings are set, changed and kept', async () => {
  const page = await server.open(path);
  await page.getByRole('button', { name: 'Add a name' }).click();
  const dialog = page.getByRole('dialog');
  const name = dialog.getByLabel('Name', { exact: true });
  await name.fill('team-*-*');
  await dialog.getByRole('button', { name: 'Add a name' }).click();
  await dialog.getByText('A name may hold one *, not several.').waitFor();
  await name.fill('team-*');
  await dialog.getByLabel('Served by').selectOption('qwen3-8b');
  await dialog.getByRole('button', { name: 'More options' }).click();
  const addFallback = dialog.getByRole('button', { name: 'Add one that steps in' });
  await addFallback.click();
  await addFallback.click();
  await dialog.getByLabel('Number 1 if it cannot answer').selectOption('starter');
  await dialog.getByLabel('Number 2 if it cannot answer').selectOption('gemma-4b');
  await dialog.getByRole('button', { name: 'Try gemma-4b earlier' }).click();
  await dialog.getByRole('button', { name: 'Add one that shares the work' }).click();
  await dialog.getByLabel('Model 2 that shares the work').selectOption('gemma-4b');
  await dialog.getByLabel('Weight of qwen3-8b').fill('3');
  await dialog.getByLabel('Temperature').fill('5');
  await dialog.getByRole('button', { name: 'Add a name' }).click();
  await dialog.getByText('Enter a number from 0 to 2.').waitFor();
  await dialog.getByLabel('Temperature').fill('0.3');
  await dialog.getByLabel('Thinking').selectOption('A little');
  await dialog.getByLabel('Instructions before every conversation').fill('Answer in German.');
  await dialog.getByRole('button', { name: 'Add a name' }).click();
  await dialog.waitFor({ state: 'detached' });
  const wanted = {
    model: 'qwen3-8b',
    fallback: ['gemma-4b', 'starter'],
    shares: [
      { model: 'qwen3-8b', weight: 3 },
      { model: 'gemma-4b', weight: 1 },
    ],
    settings: {
      temperature: 0.3,
      topP: null,
      maxTokens: null,
      reasoningEffort: 'low',
      systemPrompt: 'Answer in German.',
    },
  };
  expect(await kept('team-*')).toMatchObject(wanted);
  await page.getByText('Shared: qwen3-8b 75%, gemma-4b 25%').waitFor();
  await page.getByText('If it cannot answer: gemma-4b, starter').waitFor();

  await page.getByRole('button', { name: 'Change team-*' }).click();
  await dialog.getByLabel('Longest answer in tokens').fill('512');
  await dialog.getByRole('button', { name: 'gemma-4b shares no work' }).click();
  await dialog.getByRole('button', { name: 'Save name' }).click();
  await dialog.waitFor({ state: 'detached' });
  expect(await kept('team-*')).toMatchObject({
    ...wanted,
    shares: [],
    settings: { ...wanted.settings, maxTokens: 512 },
  });
  const answer = await ask('team-blue');
  expect(answer).toEqual({ status: 200, by: 'qwen3-8b' });
  expect(server.engine.seen.requests.at(-1)).toMatchObject({
    sampling: { temperature: 0.3 },
    maxTokens: 512,
  });
});

it('a name that would lead back to itself is refused at the field', async () => {
  await server.admin('PUT', '/aliases/first', { model: 'starter' });
  await server.admin('PUT', '/aliases/second', { model: 'first' });
  const page = await server.open(path, { expectedErrors: /status of 400/ });
  await page.getByRole('button', { name: 'Change first' }).click();
  const dialog = page.getByRole('dialog', { name: 'Change first' });
  const target = dialog.getByLabel('Served by');
  await target.selectOption('second');
  await dialog.getByRole('button', { name: 'Save name' }).click();
  await dialog.getByText(/would lead back to itself \(first → second → first\)/).waitFor();
  expect(await target.getAttribute('aria-invalid')).toBe('true');
  expect((await kept('first'))?.model).toBe('starter');
});
