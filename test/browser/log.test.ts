import { readFile } from 'node:fs/promises';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startConsole, type ConsoleUnderTest } from './harness.ts';
import { monthClock, monthClockScript, seedMonth, type MonthSums } from './month-of-requests.ts';

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

const rowsOf = (page: Page) => page.getByRole('row').filter({ has: page.getByRole('button') });
const table = (page: Page) => page.getByRole('table', { name: 'Log' });
/** Head and rows, as the table says; not all of them are drawn. */
const countOf = async (page: Page): Promise<string | null> => table(page).getAttribute('aria-rowcount');

it('filters by status, key and model, with the filter in the address', async () => {
  const page = await server.open('/console/log');
  const bar = page.getByRole('search');
  await bar.getByLabel('Device').selectOption({ label: 'Jonas’ laptop' });
  await expect.poll(() => rowsOf(page).count()).toBe(2);
  await bar.getByLabel('Model').selectOption('other-model');
  await expect.poll(() => rowsOf(page).count()).toBe(1);
  expect(new URL(page.url()).searchParams.get('model')).toBe('other-model');

  await page.reload();
  await expect.poll(() => rowsOf(page).count()).toBe(1);
  await bar.getByLabel('Status').selectOption('cancelled');
  await page.getByText('No request matches this filter.').waitFor();
  await page.goBack();
  await expect.poll(() => rowsOf(page).count()).toBe(1);
  await bar.getByRole('button', { name: 'Show all requests' }).click();
  await expect.poll(() => countOf(page)).toBe('56');
  expect(new URL(page.url()).search).toBe('');

  await bar.getByLabel('Reason').selectOption('Unknown model');
  await expect.poll(() => rowsOf(page).count()).toBe(1);
  expect(new URL(page.url()).search).toBe('?failure=unknown-model');
  await bar.getByRole('link', { name: 'Today' }).click();
  await expect.poll(() => new URL(page.url()).search).toBe('?failure=unknown-model&period=today');
  await expect.poll(() => rowsOf(page).count()).toBe(1);
});

it('finds a program while one types, and goes on where nothing is near', async () => {
  const page = await server.open('/console/log');
  await page.getByRole('search').getByLabel('Program').fill('no-such-tool');
  await page.getByText('No request matches this filter.').waitFor();
  expect(new URL(page.url()).search).toBe('?client=no-such-tool');
  await page.getByRole('button', { name: 'Any program' }).click();
  await expect.poll(() => countOf(page)).toBe('56');
  await page.getByRole('search').getByLabel('Program').fill('NODE');
  await expect.poll(() => new URL(page.url()).search).toBe('?client=NODE');
  await expect.poll(() => countOf(page)).toBe('56');
});

it('shows every field of a request, its way to the answer, and how to ask the same again', async () => {
  const page = await server.open('/console/log?model=other-model');
  await page.getByRole('button', { name: /show details/ }).click();
  const drawer = page.getByRole('dialog', { name: 'Request' });
  await drawer.getByText('Outcome', { exact: true }).waitFor();
  const fields = await drawer.locator('dl').allInnerTexts();
  const text = fields.join('\n').replaceAll(/\s+/g, ' ');
  expect(text).toMatch(/Status OK HTTP status 200 Ended by stop/);
  expect(text).toMatch(/In \(prompt\) 12 Of these, reused 0 Out \(answer\) 5/);
  // Beside the table, and beside the numbers of the one request.
  const whose = 'Tokens are counted as each model cuts text';
  await drawer.getByText(whose).waitFor();
  expect(await page.getByText(whose).count()).toBe(2);
  expect(text).toMatch(/Device Jonas’ laptop Person – .* Address 127\.0\.0\.1 Route \/v1\/chat\/completions/);
  expect(await drawer.getByRole('list').getByRole('listitem').allInnerTexts()).toEqual([
    'Asked for other-model',
    'Answered by other-model on fake',
  ]);
  const curl = await drawer.getByLabel('As curl').first().innerText();
  expect(curl).toContain(`${server.url}/v1/chat/completions`);
  expect(curl).toContain('"model": "other-model"');
  expect(curl).not.toContain('sk-ink_');
  await drawer.getByText('The log holds neither prompt nor answer.').waitFor();
});

it('says of a failed request why, in the owner’s words, and what helps', async () => {
  const page = await server.open('/console/log?status=refused');
  await page.getByRole('button', { name: /show details/ }).click();
  const drawer = page.getByRole('dialog', { name: 'Request' });
  await drawer.getByText('Unknown model', { exact: true }).waitFor();
  await drawer
    .getByText(/The model `unknown-model` does not exist/)
    .first()
    .waitFor();
  await drawer.getByText(/Point the name to a model under Models, Names\./).waitFor();
  expect(await drawer.getByRole('list').getByRole('listitem').allInnerTexts()).toEqual([
    'Asked for unknown-model',
    'Nothing answered',
  ]);
});

it('opens the request that the address names, and closes it out of the address', async () => {
  const [row] = (await server.admin('GET', '/log?limit=1&model=other-model')) as [{ readonly id: string }];
  // The list itself is of others.
  const page = await server.open(`/console/log?status=refused&id=${row.id}`);
  const drawer = page.getByRole('dialog', { name: 'Request' });
  await drawer.getByText(row.id, { exact: true }).waitFor();
  await page.keyboard.press('Escape');
  await drawer.waitFor({ state: 'detached' });
  expect(new URL(page.url()).search).toBe('?status=refused');

  await page.getByRole('button', { name: /show details/ }).click();
  await drawer.waitFor();
  expect(new URL(page.url()).searchParams.get('id')).toMatch(/^req_/);
  await page.goBack();
  await drawer.waitFor({ state: 'detached' });
});

it('says so where the address names a request that is gone', async () => {
  const page = await server.open('/console/log?id=req_gone', { expectedErrors: /status of 404/ });
  await page.getByRole('alert').waitFor();
  await page.getByRole('button', { name: 'Close', exact: true }).click();
  await expect.poll(() => new URL(page.url()).search).toBe('');
  await expect.poll(() => rowsOf(page).count()).toBeGreaterThan(10);
});

it('shows that prompt and answer were kept, and what they were', async () => {
  await server.admin('PATCH', '/keys/Jonas’ laptop', { trace: true });
  const response = await server.chat(jonas, {
    model: 'other-model',
    messages: [{ role: 'user', content: 'A *starred* word and <b>no markup</b>' }],
  });
  await response.text();
  await server.admin('PATCH', '/keys/Jonas’ laptop', { trace: false });
  const kept = async (): Promise<number> =>
    ((await server.admin('GET', '/traces')) as { readonly traces: readonly unknown[] }).traces.length;
  await expect.poll(kept).toBe(1);
  const page = await server.open('/console/log?model=other-model');
  await page
    .getByRole('button', { name: /show details/ })
    .first()
    .click();
  const drawer = page.getByRole('dialog', { name: 'Request' });
  await drawer.getByText('Prompt and answer are stored', { exact: true }).waitFor();
  await drawer.getByRole('button', { name: 'Read them' }).click();
  const trace = page.getByRole('dialog', { name: 'What was asked and answered' });
  await trace.getByText('A *starred* word and <b>no markup</b>').waitFor();
});

it('takes rows that come in only where they match the filter', async () => {
  const page = await server.open('/console/log?status=ok&model=other-model');
  await rowsOf(page).first().waitFor();
  const before = await rowsOf(page).count();
  await (await server.chat(anna)).text();
  await (await server.chat(jonas, { model: 'other-model' })).text();
  await expect.poll(() => rowsOf(page).count()).toBe(before + 1);
  expect(await rowsOf(page).first().innerText()).toContain('Jonas’ laptop');
});

it('exports exactly what is shown, the number of lines first', async () => {
  const page = await server.open('/console/log?model=unknown-model');
  await page.getByRole('button', { name: 'Export' }).click();
  const dialog = page.getByRole('dialog', { name: 'Export these requests' });
  await dialog.getByText('1 line.', { exact: true }).waitFor();
  await dialog.getByRole('radio', { name: 'JSON, for programs' }).check();
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    dialog.getByRole('link', { name: 'Save the file' }).click(),
  ]);
  const rows = JSON.parse(await readFile(await download.path(), 'utf8')) as { readonly model: string }[];
  expect(rows.map(({ model }) => model)).toEqual(['unknown-model']);
});

it('scrolls through a month with one call for each page, and draws only what is in sight', async () => {
  let sums: MonthSums | undefined;
  const month = await startConsole(
    { models: ['fake-model'] },
    { clock: monthClock },
    { seed: (dataDir) => void (sums = seedMonth(dataDir)) },
  );
  try {
    const page = await month.open('/console/log', { initScript: monthClockScript });
    await rowsOf(page).first().waitFor();
    const asked: string[] = [];
    page.on('request', (request) => {
      const { pathname } = new URL(request.url());
      if (pathname.startsWith('/api/') && pathname !== '/api/events') asked.push(pathname);
    });
    const all = String((sums?.requests ?? 0) + 1);
    expect(Number(all)).toBeGreaterThan(500);
    await expect
      .poll(
        async () => {
          await page.evaluate('scrollTo(0, document.body.scrollHeight)');
          return rowsOf(page).last().getAttribute('aria-rowindex');
        },
        { timeout: 20_000 },
      )
      .toBe(all);
    expect(await rowsOf(page).count()).toBeLessThan(80);
    await page.getByText(`That is all: ${sums?.requests} requests.`).waitFor();
    // A hundred rows a call, and the first came before.
    const pages = Math.ceil((sums?.requests ?? 0) / 100) - 1;
    expect(asked.filter((path) => path === '/api/requests')).toHaveLength(pages);
    expect(asked.filter((path) => path.startsWith('/api/requests/'))).toEqual([]);
    expect(await countOf(page)).toBe(all);
    const last = rowsOf(page).last();

    // The keyboard's place is not lost when its row leaves the sight.
    await last.getByRole('button').focus();
    await page.evaluate('scrollTo(0, 0)');
    await page.locator('tr[aria-rowindex="2"]').waitFor();
    expect(await page.evaluate('document.activeElement.closest("tr")?.getAttribute("aria-rowindex")')).toBe(
      all,
    );
  } finally {
    await month.stop();
  }
}, 60_000);
