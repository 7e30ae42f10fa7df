import { afterAll, beforeAll, expect, it } from 'vitest';
import { startConsole, type ConsoleUnderTest } from './harness.ts';

let server: ConsoleUnderTest;
let anna = '';
let jonas = '';
beforeAll(async () => {
  server = await startConsole({ models: ['fake-model', 'other-model'] });
  anna = (await server.createKey({ name: 'Anna’s laptop', person: 'Anna' })).key;
  jonas = (await server.createKey({ name: 'Jonas’ laptop' })).key;
  for (let count = 0; count < 53; count += 1) await (await server.chat(anna)).text();
  await (await server.chat(jonas, { model: 'other-model' })).text();
  await (await server.chat(jonas, { model: 'unknown-model' })).text();
});
afterAll(() => server.stop());

it('filters by status, key and model, with the filter in the address', async () => {
  const page = await server.open('/console/log');
  await page.getByLabel('Key').selectOption({ label: 'Jonas’ laptop' });
  const rows = page.getByRole('row').filter({ has: page.getByRole('button') });
  await expect.poll(() => rows.count()).toBe(2);
  await page.getByLabel('Model').selectOption('other-model');
  await expect.poll(() => rows.count()).toBe(1);
  expect(new URL(page.url()).searchParams.get('model')).toBe('other-model');

  await page.reload();
  await expect.poll(() => rows.count()).toBe(1);
  await page.getByLabel('Status').selectOption('cancelled');
  await page.getByText('No request matches this filter.').waitFor();
  await page.goBack();
  await expect.poll(() => rows.count()).toBe(1);
  await page.getByRole('button', { name: 'Show all requests' }).click();
  await expect.poll(() => rows.count()).toBe(50);
  expect(new URL(page.url()).search).toBe('');
});

it('shows every field of a request', async () => {
  const page = await server.open('/console/log?model=other-model');
  await page.getByRole('button', { name: /show details/ }).click();
  const drawer = page.getByRole('dialog', { name: 'Request' });
  const fields = await drawer.locator('dl').allInnerTexts();
  const text = fields.join('\n').replaceAll(/\s+/g, ' ');
  expect(text).toMatch(/Status OK HTTP status 200 Ended by stop/);
  expect(text).toMatch(/In \(prompt\) 12 Of these, reused 0 Out \(answer\) 5/);
  // Beside the table, and beside the numbers of the one request.
  const whose = 'Tokens are counted as each model cuts text';
  await drawer.getByText(whose).waitFor();
  expect(await page.getByText(whose).count()).toBe(2);
  expect(text).toMatch(/Model other-model Served by other-model Tried in order other-model Engine fake/);
  expect(text).toMatch(/Key Jonas’ laptop Person – .* Address 127\.0\.0\.1 Route \/v1\/chat\/completions/);
});

it('pages back and forth, and live rows enter the first page only where they match the filter', async () => {
  const page = await server.open('/console/log');
  const rows = page.getByRole('row').filter({ has: page.getByRole('button') });
  await page.getByRole('link', { name: 'Older requests' }).click();
  await expect.poll(() => rows.count()).toBe(5);
  expect(new URL(page.url()).searchParams.get('before')).toMatch(/^req_/);
  await page.getByRole('link', { name: 'Newest requests' }).click();
  await expect.poll(() => rows.count()).toBe(50);

  await page.getByLabel('Status').selectOption('ok');
  await page.getByLabel('Model').selectOption('other-model');
  await expect.poll(() => rows.count()).toBe(1);
  await (await server.chat(anna)).text();
  await (await server.chat(jonas, { model: 'other-model' })).text();
  await expect.poll(() => rows.count()).toBe(2);
  expect(await rows.first().innerText()).toContain('Jonas’ laptop');
});

it('begins again at the newest requests when the address names a row that is gone', async () => {
  const page = await server.open('/console/log?before=req_gone', { expectedErrors: /status of 400/ });
  await page.getByRole('alert').waitFor();
  await page.getByRole('link', { name: 'Newest requests' }).click();
  await page
    .getByRole('button', { name: /show details/ })
    .first()
    .waitFor();
});
