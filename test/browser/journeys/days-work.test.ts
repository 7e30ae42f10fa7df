import { readFile, rm } from 'node:fs/promises';
import type { Locator, Page } from 'playwright-core';
import { APIError } from 'openai';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { z } from 'zod';
import { startRealConsole, type HouseUnderTest } from '../harness.ts';
import { monthClock, monthClockScript, seedMonth } from '../month-of-requests.ts';
import { networks, playNetwork } from '../office-network.ts';
import { askTool, ownModel, refusalOf, starterModel, type ToolSettings } from './teammate.ts';

// What an owner does in a usual week: an office that has worked for a month, the real engine and the starter model.
let house: HouseUnderTest;
beforeAll(async () => {
  house = await startRealConsole(
    { ...playNetwork(networks.none), clock: monthClock },
    { offline: true, ollamaDir: null, seed: (dataDir) => void seedMonth(dataDir) },
  );
});
afterAll(() => house.stop());

const open = (path: string): Promise<Page> => house.open(path, { initScript: monthClockScript });
const deviceRow = (page: Page, name: string): Locator =>
  page.getByRole('row').filter({ has: page.getByRole('button', { name: `Limits of ${name}`, exact: true }) });

async function toolOf(person: string): Promise<ToolSettings> {
  const { key } = await house.createKey({ name: `${person}’s laptop`, person });
  return { baseUrl: `${house.url}/v1`, key, model: 'office' };
}

const budgetTokens = 100;

/** Asks until the server will not answer any more. */
async function spendAll(tool: ToolSettings): Promise<{ spent: number; refusal: APIError }> {
  let spent = 0;
  while (spent < budgetTokens) {
    try {
      const { tokens } = await askTool(tool);
      expect(tokens).toBeGreaterThan(0);
      spent += tokens;
    } catch (error) {
      if (error instanceof APIError) return { spent, refusal: error };
      throw error;
    }
  }
  return { spent, refusal: await refusalOf(tool) };
}

it('sets a budget, which a teammate hits: the tool is told, the row and its bar show it', async () => {
  const tool = await toolOf('Sven');
  const page = await open('/console/people');
  const row = deviceRow(page, 'Sven’s laptop');
  await row.getByRole('button', { name: 'Limits of Sven’s laptop' }).click();
  const dialog = page.getByRole('dialog', { name: 'Limits of Sven’s laptop' });
  await dialog.getByRole('button', { name: 'Add a budget' }).first().click();
  await dialog.getByLabel('Amount of budget 1').fill(String(budgetTokens));
  await dialog.getByLabel('Unit of budget 1').selectOption('tokens');
  await dialog.getByLabel('Period of budget 1').selectOption('month');
  await dialog.getByRole('button', { name: /^Save/ }).click();
  await row.getByRole('cell', { name: `Within budget 0 of ${budgetTokens} tokens a month` }).waitFor();

  const { spent, refusal } = await spendAll(tool);
  expect(spent).toBeGreaterThan(0);
  expect(refusal.status).toBe(429);
  expect(refusal.message).toMatch(
    /budget of the key “Sven’s laptop” \(100 tokens per month\).* begins anew on 1 December 2026.*owner/,
  );
  const cell = row.getByRole('cell', {
    name: new RegExp(`^(Nearly spent|Spent) ${spent} of ${budgetTokens} tokens a month`),
  });
  await cell.waitFor();
  const [track, filled] = await Promise.all(
    ['root', 'section'].map(
      async (part) => (await cell.locator(`.mantine-Progress-${part}`).boundingBox())?.width,
    ),
  );
  expect((filled ?? 0) / (track ?? 1)).toBeCloseTo(Math.min(spent / budgetTokens, 1), 1);
});

it('finds a request that failed on Home, and in its details why, and what helps', async () => {
  const path = await ownModel('Contracts-Q4_1.gguf');
  await house.admin('POST', '/models', { path });
  const tool = { ...(await toolOf('Lena')), model: 'contracts' };
  // Somebody has tidied up the disk.
  await rm(path);
  expect((await refusalOf(tool)).status).toBe(503);

  const page = await open('/console/');
  const problems = page.getByRole('region', { name: 'Latest problems' });
  await problems.getByRole('button', { name: /Lena’s laptop/ }).click();
  const drawer = page.getByRole('dialog', { name: 'Request' });
  await drawer.getByText('Model failed', { exact: true }).waitFor();
  await drawer
    .getByText('The file Contracts-Q4_1.gguf was not found; if it has been moved')
    .first()
    .waitFor();
  await drawer.getByText('Models says why; trying again loads it anew.').waitFor();
  await page.keyboard.press('Escape');
  // The same by the way that one goes with a name: everything of hers that failed.
  await problems.getByRole('link', { name: 'All failed requests' }).click();
  await page.getByRole('search').getByLabel('Person').selectOption('Lena');
  const rows = page.getByRole('row').filter({ has: page.getByRole('button', { name: /show details/ }) });
  await expect.poll(() => rows.count()).toBe(1);
  expect(await rows.innerText()).toContain('contracts');
});

it('points a name nobody defined at a model, and the same request is answered', async () => {
  const tool = { ...(await toolOf('Kim')), model: 'gpt-5-codex' };
  expect((await refusalOf(tool)).status).toBe(404);
  const page = await open('/console/');
  await page.getByRole('link', { name: 'Models', exact: true }).first().click();
  await page
    .getByRole('link', { name: /^Names/ })
    .first()
    .click();
  const unknown = page.getByRole('region', { name: 'Names nobody defined' });
  await unknown.getByText(/^Asked for once, .* by Kim’s laptop$/).waitFor();
  await unknown.getByRole('button', { name: 'Choose a model for gpt-5-codex' }).click();
  const dialog = page.getByRole('dialog', { name: 'Point “gpt-5-codex” at a model' });
  await dialog.getByLabel('Served by').selectOption(starterModel);
  await dialog.getByRole('button', { name: 'Add a name' }).click();
  await page.getByText(`“gpt-5-codex” is now served by ${starterModel}.`).waitFor();
  const answered = await askTool(tool);
  expect(answered.text).toMatch(/\w/);
  expect(answered.model).toBe(starterModel);
});

const exportedRow = z.looseObject({
  id: z.string(),
  time: z.iso.datetime(),
  person: z.string().nullable(),
  servedModel: z.string().nullable(),
  promptTokens: z.number(),
  completionTokens: z.number(),
});

async function savedFile(
  page: Page,
  kind: 'sums' | 'Every request',
  format: 'CSV' | 'JSON',
): Promise<string> {
  await page.getByRole('button', { name: 'Export' }).click();
  const dialog = page.getByRole('dialog', { name: 'Export this time' });
  if (kind === 'Every request') await dialog.getByRole('radio', { name: kind }).check();
  await dialog.getByRole('radio', { name: new RegExp(`^${format}`) }).check();
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    dialog.getByRole('link', { name: 'Save the file' }).click(),
  ]);
  return readFile(await download.path(), 'utf8');
}

it('exports this month, as requests and as sums that say the same', async () => {
  const asked = await askTool(await toolOf('Ute'));
  const page = await open('/console/usage');
  await page.getByRole('link', { name: 'This month' }).click();
  await expect.poll(() => new URL(page.url()).search).toBe('?period=month');
  const rows = z.array(exportedRow).parse(JSON.parse(await savedFile(page, 'Every request', 'JSON')));

  // Everything since the first of the month, and nothing of the weeks before it.
  const whole = z.array(exportedRow).parse(await house.admin('GET', '/requests/export?format=json'));
  const firstMs = new Date(2026, 10, 1).getTime();
  const ofMonth = whole.filter(({ time }) => Date.parse(time) >= firstMs);
  expect(whole.length).toBeGreaterThan(ofMonth.length);
  expect(rows.map(({ id }) => id).toSorted()).toEqual(ofMonth.map(({ id }) => id).toSorted());
  const [own] = rows.filter(({ person }) => person === 'Ute');
  expect(own).toMatchObject({ servedModel: starterModel, httpStatus: 200 });
  expect((own?.promptTokens ?? 0) + (own?.completionTokens ?? 0)).toBe(asked.tokens);

  const sums = table(await savedFile(page, 'sums', 'CSV'));
  const sumOf = (name: string): number => sums.reduce((sum, row) => sum + Number(row[name]), 0);
  const total = (count: (row: z.infer<typeof exportedRow>) => number): number =>
    rows.reduce((sum, row) => sum + count(row), 0);
  expect(sumOf('requests')).toBe(rows.length);
  expect(sumOf('promptTokens')).toBe(total(({ promptTokens }) => promptTokens));
  expect(sumOf('completionTokens')).toBe(total(({ completionTokens }) => completionTokens));
  expect(new Set(sums.map(({ day }) => day?.slice(0, 7)))).toEqual(new Set(['2026-11']));
  expect(sums.filter(({ person }) => person === 'Ute')).toMatchObject([
    { model: starterModel, requests: '1' },
  ]);
});

/** No value of it holds a comma. */
function table(csv: string): Record<string, string>[] {
  const [head = [], ...lines] = csv
    .replace('\uFEFF', '')
    .trim()
    .split('\r\n')
    .map((line) => line.split(','));
  return lines.map((line) => Object.fromEntries(head.map((name, index) => [name, line[index] ?? ''])));
}
