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
  expect(await page.locator('figure svg.recharts-surface').count()).toBe(8);

  await page.getByRole('switch', { name: 'Show as tables' }).click();
  await panel(page, 'Requests').getByRole('table').waitFor();
  expect(new URL(page.url()).search).toBe('?period=year&as=table');
  expect(await columnSum(page, 'Requests', 2)).toBe(sums.ok);
  const failed = [3, 4, 5].map((column) => columnSum(page, 'Requests', column));
  expect((await Promise.all(failed)).reduce((sum, value) => sum + value, 0)).toBe(sums.requests - sums.ok);
  // By reason: as many columns as there were reasons.
  const reasons = panel(page, 'Not answered, by reason');
  const columns = await reasons.getByRole('columnheader').count();
  const byReason = Array.from({ length: columns - 1 }, (_, index) =>
    columnSum(page, 'Not answered, by reason', index + 2),
  );
  expect((await Promise.all(byReason)).reduce((sum, value) => sum + value, 0)).toBe(sums.requests - sums.ok);
  expect(await columnSum(page, 'From the response cache', 2)).toBe(sums.hits);
  // Each of them wrote 1000 tokens in 21 s, to the width of a bucket.
  const speeds = await panel(page, 'Speed of writing').locator('tbody td').allInnerTexts();
  expect(speeds.filter((text) => !/^(4[5-9]|50)(\.\d+)? tokens\/s$|^–$/.test(text))).toEqual([]);
  expect(await page.locator('figure').count()).toBe(0);
});

it('stacks requests and tokens by person or model, in the same colours, and adds up to the same', async () => {
  const page = await open('/console/usage?period=year&as=table');
  await panel(page, 'Requests').getByRole('columnheader', { name: 'Answered' }).waitFor();
  const split = page.getByRole('navigation', { name: 'Split by' });
  await split.getByRole('link', { name: 'Person' }).click();
  const head = panel(page, 'Requests').getByRole('columnheader');
  await panel(page, 'Requests').getByRole('columnheader', { name: 'Anna Berger' }).waitFor();
  expect(new URL(page.url()).search).toBe('?period=year&as=table&split=person');
  const columns = (await head.count()) - 1;
  const sumsOf = async (name: string): Promise<number> => {
    const each = Array.from({ length: columns }, (_, index) => columnSum(page, name, index + 2));
    return (await Promise.all(each)).reduce((sum, value) => sum + value, 0);
  };
  expect(await sumsOf('Requests')).toBe(sums.requests);

  // A number leads to the requests that it counts.
  const cell = panel(page, 'Requests').locator('tbody tr').last().locator('td').first();
  const count = Number((await cell.innerText()).replaceAll(',', ''));
  await cell.getByRole('link').click();
  await page.getByRole('heading', { level: 1, name: 'Log' }).waitFor();
  const person = await page.getByRole('search').getByLabel('Person').inputValue();
  expect(person).not.toBe('');
  await expect
    .poll(() => page.getByRole('table', { name: 'Log' }).getAttribute('aria-rowcount'))
    .toBe(count < 100 ? String(count + 1) : '-1');

  await page.goto(`${server.url}/console/usage?period=year&split=person`);
  const swatchOf = (region: string, name: string): Promise<string | null> =>
    panel(page, region)
      .getByRole('listitem')
      .filter({ hasText: name })
      .locator('[style]')
      .first()
      .getAttribute('style');
  await panel(page, 'Tokens').locator('svg.recharts-surface').first().waitFor();
  const anna = await swatchOf('Requests', 'Anna Berger');
  expect(anna).toMatch(/var\(--ink-chart-\d+\)/);
  expect(await swatchOf('Tokens', 'Anna Berger')).toBe(anna);
  await page.goto(`${server.url}/console/usage?period=today&split=person&person=Anna+Berger`);
  await panel(page, 'Requests').locator('svg.recharts-surface').first().waitFor();
  expect(await swatchOf('Requests', 'Anna Berger')).toBe(anna);
});

it('leads from a part of a bar to the requests of that part', async () => {
  const page = await open('/console/usage?period=custom&from=2026-11-10&to=2026-11-12');
  const bars = panel(page, 'Requests').locator('.recharts-bar-rectangle path');
  await bars.first().waitFor();
  // The lowest part of the first day: what was answered.
  await bars.first().click();
  await page.getByRole('heading', { level: 1, name: 'Log' }).waitFor();
  const search = new URL(page.url()).searchParams;
  expect([search.get('status'), search.get('since')]).toEqual(['ok', '2026-11-10T00:00:00.000Z']);
});

it('filters the sums as it filters the requests, and says what they do not tell', async () => {
  const page = await open('/console/usage?period=year&person=Mira+Vogt');
  const answer = (await server.admin('GET', '/usage?person=Mira+Vogt&from=2026-01-01T00:00:00.000Z')) as {
    readonly rows: readonly { readonly requests: number }[];
  };
  const requests = answer.rows[0]?.requests ?? 0;
  expect(requests).toBeGreaterThan(10);
  await panel(page, 'In all').getByTitle(integer.format(requests)).first().waitFor();
  await page.getByText('The estimate below is for the whole office, without the filter.').waitFor();
  await page.getByRole('search').getByLabel('Program').fill('continue');
  await page.getByText('Sums are not kept by program').waitFor();
  await page.getByRole('link', { name: 'Show this program’s requests' }).click();
  await page.getByRole('heading', { level: 1, name: 'Log' }).waitFor();
  expect(new URL(page.url()).searchParams.get('client')).toBe('continue');
  const top = await open('/console/usage?period=year');
  await panel(top, 'Who used the most').getByRole('link', { name: 'Mira Vogt' }).waitFor();
  expect(await panel(top, 'Most used models').getByRole('listitem').count()).toBe(3);
});

it('changes the time by links that keep the view, down to days of one’s own', async () => {
  const page = await open('/console/usage?as=table');
  const periods = page.getByRole('navigation', { name: 'Time' });
  const rows = panel(page, 'Requests').locator('tbody tr');
  await rows.first().waitFor();
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
  const numbers = await second.locator('td').allInnerTexts();
  await second.getByRole('link', { name: '11 Nov' }).click();
  await page.getByRole('heading', { level: 1, name: 'Log' }).waitFor();
  const shown = numbers.reduce((sum, text) => sum + Number(text), 0);
  expect(shown).toBeGreaterThan(10);
  await expect
    .poll(() => page.getByRole('table', { name: 'Log' }).getAttribute('aria-rowcount'))
    .toBe(String(shown + 1));
  await page.getByRole('button', { name: /^Only from .*: show all times$/ }).click();
  await expect.poll(() => page.getByRole('table', { name: 'Log' }).getAttribute('aria-rowcount')).toBe('-1');

  await page.goto(`${server.url}/console/usage?period=year`);
  const who = panel(page, 'Who used which model');
  await who.getByLabel('What is counted').selectOption('requests');
  const row = who.getByRole('row').filter({ has: page.getByRole('link', { name: 'Mira Vogt' }) });
  await row.waitFor();
  const [first] = await row.getByRole('cell').allInnerTexts();
  await row.getByRole('cell').first().getByRole('link').click();
  await page.getByLabel('Person').waitFor();
  expect(await page.getByLabel('Person').inputValue()).toBe('Mira Vogt');
  // Those that asked for the model and reached none are in the list, too.
  const counted = async (): Promise<number> =>
    Number(await page.getByRole('table', { name: 'Log' }).getAttribute('aria-rowcount'));
  await expect.poll(async () => (await counted()) === -1 || (await counted()) > Number(first)).toBe(true);

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
