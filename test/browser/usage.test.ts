import { readFile } from 'node:fs/promises';
import type { Download, Locator, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createFormatter } from '../../renderer/format.ts';
import { savingsAnswer } from '../../server/wire/savings.ts';
import { startConsole, type ConsoleUnderTest } from './harness.ts';
import { monthClock, monthClockScript, seedMonth, type MonthSums } from './month-of-requests.ts';

let server: ConsoleUnderTest;
let sums: MonthSums;
beforeAll(async () => {
  server = await startConsole(
    { models: ['fake-model'] },
    { clock: monthClock },
    { seed: (dataDir) => void (sums = seedMonth(dataDir)) },
  );
});
afterAll(() => server.stop());

const open = (path: string, options: Parameters<ConsoleUnderTest['open']>[1] = {}): Promise<Page> =>
  server.open(path, { initScript: monthClockScript, ...options });
const panel = (page: Page, name: string): Locator => page.getByRole('region', { name, exact: true });
const integer = new Intl.NumberFormat('en-GB');

/** What stands in a column of the chart's table, added up; the first column is the time. */
async function columnSum(page: Page, name: string, column: number): Promise<number> {
  const cells = panel(page, name).locator(`tbody tr td:nth-child(${column})`);
  const titles = await cells.allInnerTexts();
  return titles.reduce((sum, text) => sum + Number(text.replaceAll(',', '')), 0);
}

async function bytesOf(page: Page, press: () => Promise<void>): Promise<{ name: string; text: string }> {
  const [download]: [Download, void] = await Promise.all([page.waitForEvent('download'), press()]);
  return { name: download.suggestedFilename(), text: await readFile(await download.path(), 'utf8') };
}

it('shows the sums of the log, and the same numbers as charts and as tables', async () => {
  const page = await open('/console/usage?period=year');
  const all = panel(page, 'In all');
  await all.getByTitle(integer.format(sums.requests)).waitFor();
  await all.getByTitle(integer.format(sums.promptTokens)).waitFor();
  await all.getByTitle(integer.format(sums.completionTokens)).waitFor();
  await all.getByText(`${sums.hits} answered from the cache`).waitFor();
  await all.getByText('Tokens are counted as each model cuts text').waitFor();
  await panel(page, 'Requests').locator('svg.recharts-surface').first().waitFor();
  expect(await page.locator('figure svg.recharts-surface').count()).toBe(6);

  await page.getByRole('switch', { name: 'Show as tables' }).click();
  await panel(page, 'Requests').getByRole('table').waitFor();
  expect(new URL(page.url()).search).toBe('?period=year&as=table');
  expect(await columnSum(page, 'Requests', 2)).toBe(sums.ok);
  expect(await columnSum(page, 'Requests', 3)).toBe(sums.requests - sums.ok);
  const failed = [2, 3, 4].map((column) => columnSum(page, 'Not answered', column));
  expect((await Promise.all(failed)).reduce((sum, value) => sum + value, 0)).toBe(sums.requests - sums.ok);
  expect(await page.locator('figure').count()).toBe(0);
});

it('changes the time by links that keep the view, down to days of one’s own', async () => {
  const page = await open('/console/usage?as=table');
  const periods = page.getByRole('navigation', { name: 'Time' });
  const rows = panel(page, 'Requests').locator('tbody tr');
  await expect.poll(() => rows.count()).toBe(7);
  await periods.getByRole('link', { name: '30 days' }).click();
  await expect.poll(() => rows.count()).toBeGreaterThan(28);
  expect(new URL(page.url()).search).toBe('?period=30d&as=table');
  await periods.getByRole('link', { name: 'Today' }).click();
  await panel(page, 'Requests').getByRole('columnheader', { name: 'Hour' }).waitFor();
  await periods.getByRole('link', { name: 'Other days' }).click();
  await page.getByLabel('First day').fill('2026-11-10');
  await page.getByLabel('Last day').fill('2026-11-12');
  await expect.poll(() => rows.count()).toBe(3);
  expect(await rows.first().innerText()).toContain('10 Nov');
  expect(new URL(page.url()).search).toBe('?period=custom&from=2026-11-10&to=2026-11-12&as=table');
  await page.goBack();
  await page.goForward();
  await expect.poll(() => rows.count()).toBe(3);
});

it('leads from a day, from errors and from a person’s model to the requests behind it', async () => {
  const page = await open('/console/usage?period=custom&from=2026-11-10&to=2026-11-12&as=table');
  const second = panel(page, 'Requests').locator('tbody tr').nth(1);
  await second.getByRole('link', { name: '11 Nov' }).waitFor();
  const [answered = '', not = ''] = await second.locator('td').allInnerTexts();
  await second.getByRole('link', { name: '11 Nov' }).click();
  await page.getByRole('heading', { level: 1, name: 'Log' }).waitFor();
  const requests = page.getByRole('row').filter({ has: page.getByRole('button', { name: /show details/ }) });
  await expect.poll(() => requests.count()).toBe(Number(answered) + Number(not));
  await page.getByRole('button', { name: /^Only from .*: show all times$/ }).click();
  await expect.poll(() => requests.count()).toBe(50);

  await page.goto(`${server.url}/console/usage?period=year`);
  const who = panel(page, 'Who used which model');
  await who.getByLabel('What is counted').selectOption('requests');
  const row = who.getByRole('row').filter({ has: page.getByRole('link', { name: 'Mira Vogt' }) });
  await row.waitFor();
  const [first] = await row.getByRole('cell').allInnerTexts();
  await row.getByRole('cell').first().getByRole('link').click();
  await page.getByLabel('Person').waitFor();
  expect(await page.getByLabel('Person').inputValue()).toBe('Mira Vogt');
  await expect.poll(() => requests.count()).toBe(Math.min(50, Number(first)));

  await page.goto(`${server.url}/console/usage?period=year`);
  await page.getByRole('link', { name: /errors: show them/ }).click();
  await page.getByRole('cell', { name: 'Error' }).first().waitFor();
  expect(await page.getByLabel('Status').inputValue()).toBe('error');
});

it('exports the time as sums and as requests', async () => {
  const page = await open('/console/usage?period=year');
  await page.getByRole('button', { name: 'Export' }).click();
  const dialog = page.getByRole('dialog', { name: 'Export this time' });
  await dialog.getByText(`${integer.format(sums.requests)} lines.`).waitFor();
  const asSums = await bytesOf(page, () => dialog.getByRole('link', { name: 'Save the file' }).click());
  expect(asSums.name).toMatch(/^inglenook-usage-.*\.csv$/);
  const [head = '', ...lines] = asSums.text.replace('\uFEFF', '').trim().split('\r\n');
  const at = head.split(',').indexOf('requests');
  expect(at).toBeGreaterThan(0);
  expect(lines.length).toBeGreaterThan(5);

  await page.getByRole('button', { name: 'Export' }).click();
  await dialog.getByRole('radio', { name: 'Every request' }).check();
  await dialog.getByRole('radio', { name: 'JSON, for programs' }).check();
  const each = await bytesOf(page, () => dialog.getByRole('link', { name: 'Save the file' }).click());
  expect(each.name).toMatch(/\.json$/);
  expect(JSON.parse(each.text)).toHaveLength(sums.requests);
});

it('marks the saving as an estimate, tells its assumptions, and reckons anew with other prices', async () => {
  const page = await open('/console/usage?period=year');
  const savings = panel(page, 'Estimated saving');
  await savings.getByText('Estimate', { exact: true }).waitFor();
  await savings.getByText('All amounts are in US dollars until you enter what one dollar costs.').waitFor();
  await savings.getByText('Enter its price to see when').waitFor();
  await savings.getByRole('button', { name: 'Prices and electricity' }).click();
  const dialog = page.getByRole('dialog', { name: 'Prices and electricity' });
  await dialog.getByLabel('Compare with').selectOption('gpt-4o');
  await dialog.getByLabel('One US dollar costs (EUR)').fill('0.9');
  await dialog.getByLabel('Price of the computer (EUR)').fill('3');
  await dialog.getByRole('button', { name: 'Save' }).click();
  await dialog.getByText('Enter the day as well.').waitFor();
  await dialog.getByLabel('Bought on').fill('2026-10-01');
  await dialog.getByLabel('Kind of computer').selectOption('laptop');
  await dialog.getByLabel('One kWh costs (EUR)').fill('0.3');
  await dialog.getByRole('button', { name: 'Save' }).click();
  await dialog.waitFor({ state: 'detached' });

  const answer = savingsAnswer.parse(await server.admin('GET', '/savings?from=2026-01-01'));
  expect(answer.currency).toBe('EUR');
  const likely = new Intl.NumberFormat('en-GB', { style: 'currency', currency: 'EUR' }).format(
    answer.total.saved.likely,
  );
  await savings.getByText(`≈ ${likely}`, { exact: true }).first().waitFor();
  expect(answer.computer?.likely.state).toBe('paid');
  await savings
    .getByText(/^in (Oct|Nov) 2026$/)
    .first()
    .waitFor();
  // What the cache answered is in no amount, and said.
  const { promptTokens, completionTokens } = answer.leftOut.kept;
  expect(promptTokens + completionTokens).toBe(sums.hitTokens);
  const kept = `${createFormatter('en', ['en-GB']).count(sums.hitTokens)} tokens`;
  const leftOut = savings.getByText('Left out: answered from the cache');
  await leftOut.locator('..').getByText(kept, { exact: true }).waitFor();
  await savings.getByLabel('Split the estimate by').selectOption('person');
  await savings.getByRole('rowheader', { name: 'Anna Berger' }).waitFor();

  await savings.getByRole('button', { name: 'Assumptions' }).click();
  const drawer = page.getByRole('dialog', { name: 'What the estimate rests on' });
  await drawer.getByText('Price of gpt-4o', { exact: true }).waitFor();
  await drawer.getByText('0.9 EUR for one US dollar').waitFor();
  const cached = drawer.locator('div').filter({ has: page.getByText('Left out: answered from the cache') });
  await cached.getByText(kept, { exact: true }).last().waitFor();
  expect(await drawer.locator('dt').count()).toBe(answer.assumptions.length);
  // Each has words of its own, none its bare id.
  const names = await drawer.locator('dt').allInnerTexts();
  expect(names.filter((name) => answer.assumptions.some(({ id }) => id === name))).toEqual([]);
});

it('each panel fails alone, and an empty time says so', async () => {
  const page = await open('/console/usage?period=year', { expectedErrors: /ERR_FAILED/ });
  await panel(page, 'In all').getByTitle(integer.format(sums.requests)).waitFor();
  await page.route('**/api/savings*', (route) => route.abort());
  await page.reload();
  await panel(page, 'In all').getByTitle(integer.format(sums.requests)).waitFor();
  const savings = panel(page, 'Estimated saving');
  await savings.getByRole('alert').waitFor({ timeout: 15_000 });
  await page.unroute('**/api/savings*');
  await savings.getByRole('button', { name: 'Try again' }).click();
  await savings.getByRole('button', { name: 'Assumptions' }).waitFor();

  await page.goto(`${server.url}/console/usage?period=custom&from=2026-01-01&to=2026-01-02`);
  await page.getByText('No request in this time.').first().waitFor();
  expect(await page.locator('figure').count()).toBe(0);
});

it('speaks German, with German numbers and days', async () => {
  const page = await open('/console/usage?period=custom&from=2026-11-10&to=2026-11-12&as=table', {
    locale: 'de-DE',
  });
  await page.getByRole('heading', { level: 1, name: 'Nutzung' }).waitFor();
  await page.getByRole('link', { name: '11. Nov.' }).first().waitFor();
  await panel(page, 'Geschätzte Ersparnis').getByText('Schätzung', { exact: true }).waitFor();
  await page.getByRole('button', { name: 'Annahmen' }).click();
  await page.getByRole('dialog').getByText('Verglichen mit', { exact: true }).waitFor();
});
