import type { Locator, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { keyRecord, type KeyRecord } from '../../server/wire/admin.ts';
import { priceList } from '../../server/wire/limits.ts';
import { violations } from './axe.ts';
import { startConsole, type ConsoleUnderTest } from './harness.ts';

/** The played engine counts 12 tokens for any prompt and answers with five. */
let server: ConsoleUnderTest;
beforeAll(async () => {
  server = await startConsole({ models: ['fake-model', 'qwen2.5-7b'] });
});
afterAll(() => server.stop());

const rowOf = (page: Page, name: string): Locator =>
  page.getByRole('row').filter({ has: page.getByRole('button', { name: `Limits of ${name}`, exact: true }) });
const teamRow = (page: Page, name: string): Locator =>
  page
    .getByRole('row')
    .filter({ has: page.getByRole('button', { name: `Limits of the team ${name}`, exact: true }) });

async function openLimits(page: Page, name: string): Promise<Locator> {
  await page.getByRole('button', { name: `Limits of ${name}`, exact: true }).click();
  const dialog = page.getByRole('dialog', { name: `Limits of ${name}` });
  await dialog.waitFor();
  return dialog;
}

async function addBudget(dialog: Locator, amount: string, unit = 'tokens', period = 'day'): Promise<void> {
  await dialog.getByRole('button', { name: 'Add a budget' }).first().click();
  await dialog.getByLabel('Amount of budget 1').first().fill(amount);
  await dialog.getByLabel('Unit of budget 1').first().selectOption(unit);
  await dialog.getByLabel('Period of budget 1').first().selectOption(period);
}

async function choose(page: Page, row: Locator, item: string): Promise<void> {
  await row.getByRole('button', { name: /^More for / }).click();
  await page.getByRole('dialog').getByRole('button', { name: item }).click();
}

const save = (dialog: Locator): Promise<void> => dialog.getByRole('button', { name: /^Save/ }).click();

async function stored(name: string): Promise<KeyRecord> {
  return keyRecord.parse(await server.admin('GET', `/keys/${encodeURIComponent(name)}`));
}

async function refusal(answer: Response): Promise<{ status: number; message: string }> {
  const { error } = (await answer.json()) as { error: { message: string } };
  return { status: answer.status, message: error.message };
}

it('a token budget set here is spent by requests, refused in plain words, and shown as spent', async () => {
  const { key } = await server.createKey({ name: 'Nightly report' });
  const page = await server.open('/console/people');
  const row = rowOf(page, 'Nightly report');
  await row.getByRole('cell', { name: 'No budget' }).waitFor();
  const dialog = await openLimits(page, 'Nightly report');
  await addBudget(dialog, '17', 'tokens', 'month');
  await save(dialog);
  await page.getByText('The limits of Nightly report count from the next request.').waitFor();
  await row.getByRole('cell', { name: /^Within budget 0 of 17 tokens a month Begins anew / }).waitFor();

  expect((await server.chat(key, { max_tokens: 5 })).status).toBe(200);
  await row.getByRole('cell', { name: /^Spent 17 of 17 tokens a month Begins anew / }).waitFor();
  const refused = await refusal(await server.chat(key, { max_tokens: 5 }));
  expect(refused.status).toBe(429);
  expect(refused.message).toMatch(
    /The budget of the key “Nightly report” \(17 tokens per month\) is spent\. It begins anew on .*owner/,
  );

  const again = await openLimits(page, 'Nightly report');
  await again.getByRole('region', { name: 'Spent so far' }).getByText('Spent', { exact: true }).waitFor();
  await again.getByRole('button', { name: 'Remove budget 1' }).click();
  await save(again);
  await row.getByRole('cell', { name: 'No budget 17 tokens today' }).waitFor();
  expect((await server.chat(key)).status).toBe(200);
});

it('pauses a device from its row, and lets it go on from its limits', async () => {
  const { key } = await server.createKey({ name: 'Anna’s laptop', person: 'Anna' });
  const page = await server.open('/console/people');
  const row = rowOf(page, 'Anna’s laptop');
  await choose(page, row, 'Pause');
  await row.getByRole('cell', { name: 'Paused' }).waitFor();
  const refused = await refusal(await server.chat(key));
  expect(refused).toEqual({
    status: 403,
    message: expect.stringMatching(/“Anna’s laptop” is paused.*owner/),
  });
  const dialog = await openLimits(page, 'Anna’s laptop');
  await dialog.getByRole('switch', { name: 'Paused' }).uncheck();
  await save(dialog);
  await row.getByRole('cell', { name: 'Active' }).waitFor();
  expect((await server.chat(key)).status).toBe(200);
});

it('a team made here has a budget that its devices share, is renamed with it, paused and dissolved', async () => {
  const first = await server.createKey({ name: 'Desk 1' });
  const second = await server.createKey({ name: 'Desk 2' });
  const page = await server.open('/console/people');
  await page.getByRole('button', { name: 'Add a team' }).click();
  const dialog = page.getByRole('dialog', { name: 'Create team' });
  await dialog.getByLabel('Name of the team').fill('Support');
  await addBudget(dialog, '34');
  await dialog.getByRole('checkbox', { name: 'Desk 1' }).check();
  await dialog.getByRole('button', { name: 'Create team' }).click();
  await teamRow(page, 'Support')
    .getByRole('cell', { name: /^Within budget 0 of 34 tokens a day/ })
    .waitFor();

  // The other joins from its own limits, where the team is offered by name.
  const own = await openLimits(page, 'Desk 2');
  await own.getByLabel('Team').fill('Support');
  await save(own);
  await teamRow(page, 'Support').getByText('2 devices').waitFor();
  await rowOf(page, 'Desk 2').getByText('Team Support').waitFor();

  const usual = { max_tokens: 5 };
  expect((await server.chat(first.key, usual)).status).toBe(200);
  expect((await server.chat(second.key, usual)).status).toBe(200);
  await teamRow(page, 'Support')
    .getByRole('cell', { name: /^Spent 34 of 34 tokens a day/ })
    .waitFor();
  expect((await refusal(await server.chat(first.key, usual))).message).toMatch(
    /The budget of the team “Support” \(34 tokens per day\) is spent/,
  );

  await page.getByRole('button', { name: 'Limits of the team Support' }).click();
  const edited = page.getByRole('dialog', { name: 'Team Support' });
  await edited.getByLabel('Name of the team').fill('Help desk');
  await edited.getByRole('checkbox', { name: 'Desk 2' }).uncheck();
  await save(edited);
  const row = teamRow(page, 'Help desk');
  await row.getByText('1 device').waitFor();
  await row.getByRole('cell', { name: /^Spent 34 of 34/ }).waitFor();
  expect((await server.chat(second.key, usual)).status).toBe(200);

  await choose(page, row, 'Pause');
  await row.getByRole('cell', { name: 'Paused' }).waitFor();
  await rowOf(page, 'Desk 1').getByText('Team Help desk (paused)').waitFor();
  expect((await refusal(await server.chat(first.key, usual))).message).toMatch(/team “Help desk” is paused/);
  await choose(page, row, 'Dissolve team');
  await page.getByRole('dialog').getByRole('button', { name: 'Dissolve team' }).click();
  await page.getByText('No team yet.').waitFor();
  expect((await stored('Desk 1')).team).toBeNull();
  expect((await server.chat(first.key, usual)).status).toBe(200);
});

it('asks for a team’s name, and for another one where it is taken', async () => {
  await server.admin('PUT', '/teams/Sales', {});
  const page = await server.open('/console/people');
  await page.getByRole('button', { name: 'Add a team' }).click();
  const dialog = page.getByRole('dialog', { name: 'Create team' });
  await dialog.getByRole('button', { name: 'Create team' }).click();
  await dialog.getByText('Enter a name.').waitFor();
  await dialog.getByLabel('Name of the team').fill('Sales');
  await dialog.getByRole('button', { name: 'Create team' }).click();
  await dialog.getByText('This is there already.').waitFor();
  await server.admin('DELETE', '/teams/Sales');
});

it('a budget in money says that it needs prices, and takes them on the spot', async () => {
  const { key } = await server.createKey({ name: 'Website' });
  const page = await server.open('/console/people');
  const dialog = await openLimits(page, 'Website');
  await addBudget(dialog, '0.5', 'money', 'week');
  await dialog
    .getByText('A budget in money refuses every request as long as no model has a price.')
    .waitFor();
  await save(dialog);
  const row = rowOf(page, 'Website');
  await row.getByRole('cell', { name: /^No price yet €0\.00 of €0\.50 a week/ }).waitFor();
  expect((await refusal(await server.chat(key))).message).toMatch(/has no price to count it by/);

  const again = await openLimits(page, 'Website');
  await again.getByRole('button', { name: 'Set prices' }).click();
  const prices = page.getByRole('dialog', { name: 'Prices' });
  await prices.getByLabel('Currency').fill('usd');
  const every = prices.getByRole('group', { name: 'All models without a price of their own' });
  await every.getByLabel('Question, USD per million').fill('1000');
  await prices.getByRole('button', { name: 'Save prices' }).click();
  // Half a price is none.
  await every.getByText('Enter a number from 0 on.').waitFor();
  await every.getByLabel('Answer, USD per million').fill('2,000.5');
  await prices.getByRole('button', { name: 'Price for a model' }).click();
  const own = prices.getByRole('group', { name: 'Another model' });
  await own.getByLabel('Model or name').selectOption('qwen2.5-7b');
  const qwen = prices.getByRole('group', { name: 'qwen2.5-7b' });
  await qwen.getByLabel('Question, USD per million').fill('0');
  await qwen.getByLabel('Answer, USD per million').fill('0');
  await qwen.getByRole('checkbox', { name: 'Really paid' }).check();
  await prices.getByRole('button', { name: 'Save prices' }).click();
  await prices.waitFor({ state: 'detached' });
  expect(priceList.parse(await server.admin('GET', '/prices'))).toEqual([
    { model: '*', input: 1000, output: 2000.5, notional: true },
    { model: 'qwen2.5-7b', input: 0, output: 0, notional: false },
  ]);
  await again.getByText('Money is counted by the prices per million tokens.').waitFor();
  await again.getByRole('button', { name: 'Cancel' }).click();
  expect((await server.chat(key, { max_tokens: 5 })).status).toBe(200);
  await row.getByRole('cell', { name: /^Within budget US\$0\.02 of US\$0\.50 a week/ }).waitFor();
});

it('keeps every limit there is, shows them again, and changes only what was changed', async () => {
  await server.createKey({ name: 'All of it' });
  const page = await server.open('/console/people');
  const dialog = await openLimits(page, 'All of it');
  await dialog.getByRole('button', { name: 'How fast, how much at once' }).click();
  await dialog.getByLabel('Requests a minute').fill('60');
  await dialog.getByLabel('All at once after a pause').fill('10');
  await dialog.getByLabel('Tokens a minute').fill('20000');
  await dialog.getByLabel('Requests at the same time').fill('3');
  await dialog.getByRole('button', { name: 'Models and addresses' }).click();
  await dialog.getByRole('checkbox', { name: 'qwen2.5-7b' }).check();
  await dialog.getByLabel('Only from these addresses').fill('127.0.0.0/8\n192.168.1.20');
  await dialog.getByRole('switch', { name: 'May leave the office' }).check();
  await dialog.getByRole('switch', { name: 'May get answers from the cache' }).uncheck();
  await dialog.getByRole('button', { name: 'Limits for single models' }).click();
  await dialog.getByRole('button', { name: 'Limit a model' }).click();
  await dialog.getByLabel('Model or name').selectOption('qwen2.5-7b');
  const model = dialog.getByRole('group', { name: 'qwen2.5-7b' });
  await model.getByLabel('Requests at the same time').fill('1');
  await addBudget(model, '5000', 'tokens', 'total');
  await dialog.getByRole('button', { name: 'Name, expiry, priority, labels' }).click();
  await dialog.getByLabel('Person').fill('Jonas');
  await dialog.getByLabel('Expires').selectOption('date');
  await dialog.getByLabel('Last day').fill('2999-12-31');
  await dialog.getByLabel('When several wait').selectOption('low');
  await dialog.getByRole('button', { name: 'Add a label' }).click();
  await dialog.getByLabel('Name of label 1').fill('project');
  await dialog.getByLabel('Value of label 1').fill('website');
  await save(dialog);
  await page.getByText('The limits of All of it count from the next request.').waitFor();
  const none = { requestsPerMinute: null, burst: null, tokensPerMinute: null, budgets: [] };
  const wanted = {
    person: 'Jonas',
    models: ['qwen2.5-7b'],
    ips: ['127.0.0.0/8', '192.168.1.20'],
    mayLeave: true,
    cache: false,
    priority: 'low',
    labels: { project: 'website' },
    limits: { requestsPerMinute: 60, burst: 10, tokensPerMinute: 20_000, maxParallel: 3, budgets: [] },
    modelLimits: {
      'qwen2.5-7b': { ...none, maxParallel: 1, budgets: [{ unit: 'tokens', amount: 5000, period: 'total' }] },
    },
  };
  expect(await stored('All of it')).toMatchObject(wanted);
  expect((await stored('All of it')).expiresAt).toMatch(/^2999-12-31/);

  const row = rowOf(page, 'All of it');
  await row
    .getByText('Only qwen2.5-7b · Only from 127.0.0.0/8, 192.168.1.20 · May leave the office')
    .waitFor();
  const again = await openLimits(page, 'All of it');
  await again.getByRole('button', { name: 'How fast, how much at once' }).click();
  expect(await again.getByLabel('Tokens a minute').first().inputValue()).toBe('20,000');
  await again.getByLabel('Requests at the same time').first().fill('');
  // What a script changes meanwhile is not undone.
  await server.admin('PATCH', '/keys/All%20of%20it', { limits: { requestsPerMinute: 61 } });
  await save(again);
  await again.waitFor({ state: 'detached' });
  expect(await stored('All of it')).toMatchObject({
    ...wanted,
    limits: { ...wanted.limits, requestsPerMinute: 61, maxParallel: null },
  });
});

it('says at the field what is wrong, ours and the server’s, and loses nothing', async () => {
  await server.createKey({ name: 'Mistaken' });
  const page = await server.open('/console/people', { expectedErrors: /400|ERR_FAILED/ });
  const dialog = await openLimits(page, 'Mistaken');
  await addBudget(dialog, '0');
  await dialog.getByRole('button', { name: 'Add a budget' }).click();
  await dialog.getByLabel('Amount of budget 2').fill('5');
  await dialog.getByLabel('Period of budget 2').selectOption('day');
  await save(dialog);
  await dialog.getByText('Enter a whole number above 0.').waitFor();
  await dialog.getByText('There is such a budget already.').waitFor();
  await expect
    .poll(() => page.evaluate('document.activeElement.getAttribute("aria-label")'))
    .toBe('Amount of budget 1');
  await dialog.getByLabel('Amount of budget 1').fill('100');
  await dialog.getByLabel('Period of budget 2').selectOption('week');

  await dialog.getByRole('button', { name: 'Models and addresses' }).click();
  await dialog.getByLabel('Only from these addresses').fill('192.168.1.0/24\nthe office');
  await dialog.getByRole('button', { name: 'Models and addresses' }).click();
  await save(dialog);
  // The fold opens again, since what is wrong must be seen.
  const ips = dialog.getByLabel('Only from these addresses');
  await dialog.getByText('An address like 192.168.1.20 or a range like 192.168.1.0/24.').waitFor();
  await expect.poll(() => page.evaluate('document.activeElement.tagName')).toBe('TEXTAREA');
  expect(await ips.inputValue()).toBe('192.168.1.0/24\nthe office');
  expect((await stored('Mistaken')).limits.budgets).toEqual([]);

  await ips.fill('192.168.1.0/24');
  await page.route('**/api/keys/*', (route) => route.abort());
  await save(dialog);
  await dialog.getByRole('alert').getByText('The server does not answer.').waitFor();
  // Neither a stray click nor Escape throws away what was typed.
  await page.keyboard.press('Escape');
  await page.mouse.click(5, 5);
  expect(await dialog.getByLabel('Amount of budget 1').inputValue()).toBe('100');
  await page.unroute('**/api/keys/*');
  await save(dialog);
  await dialog.waitFor({ state: 'detached' });
  expect(await stored('Mistaken')).toMatchObject({
    ips: ['192.168.1.0/24'],
    limits: {
      budgets: [
        { unit: 'tokens', amount: 100, period: 'day' },
        { unit: 'tokens', amount: 5, period: 'week' },
      ],
    },
  });
});

it('fills in what is usual for a guest, and Escape leaves an untouched dialog', async () => {
  await server.createKey({ name: 'Visitor' });
  const page = await server.open('/console/people');
  const untouched = await openLimits(page, 'Visitor');
  await page.keyboard.press('Escape');
  await untouched.waitFor({ state: 'detached' });
  await expect
    .poll(() => page.evaluate('document.activeElement.getAttribute("aria-label")'))
    .toBe('Limits of Visitor');
  const dialog = await openLimits(page, 'Visitor');
  await dialog.getByRole('button', { name: 'Guest' }).click();
  expect(await dialog.getByLabel('Amount of budget 1').inputValue()).toBe('50,000');
  await save(dialog);
  await dialog.waitFor({ state: 'detached' });
  const record = await stored('Visitor');
  expect(record).toMatchObject({
    priority: 'low',
    limits: {
      requestsPerMinute: 20,
      maxParallel: 1,
      budgets: [{ unit: 'tokens', amount: 50_000, period: 'day' }],
    },
  });
  expect(Date.parse(record.expiresAt ?? '')).toBeGreaterThan(Date.now());
});

it('a list of teams that cannot be had leaves the devices as they are', async () => {
  await server.createKey({ name: 'Unharmed' });
  const page = await server.open('/console/people', {
    expectedErrors: /ERR_FAILED/,
    initScript:
      "const own = window.fetch; window.fetch = (path, ...rest) => /api\\/(teams|spending)/.test(path) && !window.mended ? Promise.reject(new TypeError('cut')) : own(path, ...rest);",
  });
  await rowOf(page, 'Unharmed').getByRole('cell', { name: 'Active' }).waitFor();
  const teams = page.getByRole('region', { name: 'Teams' });
  await teams.getByText('The server does not answer.').waitFor({ timeout: 15_000 });
  await page.evaluate('window.mended = true');
  await teams.getByRole('button', { name: 'Try again' }).click();
  await teams.getByText('No team yet.').waitFor();
});

it('speaks German, with German numbers', async () => {
  await server.createKey({
    name: 'Rechner',
    limits: { budgets: [{ unit: 'tokens', amount: 12_500, period: 'day' }] },
  });
  const page = await server.open('/console/people', { locale: 'de-DE' });
  await page.getByRole('cell', { name: /^Im Budget 0 von 12,5 k Tokens am Tag Beginnt neu: / }).waitFor();
  await page.getByRole('button', { name: 'Grenzen von Rechner' }).click();
  const dialog = page.getByRole('dialog');
  expect(await dialog.getByLabel('Höhe von Budget 1').inputValue()).toBe('12.500');
  await dialog.getByLabel('Höhe von Budget 1').fill('1,5');
  await dialog.getByLabel('Einheit von Budget 1').selectOption('money');
  await dialog.getByLabel('Höhe von Budget 1').fill('1,5');
  await dialog.getByRole('button', { name: 'Grenzen speichern' }).click();
  await dialog.waitFor({ state: 'detached' });
  expect((await stored('Rechner')).limits.budgets).toEqual([{ unit: 'money', amount: 1.5, period: 'day' }]);
});

it('the menu of a row and the dialogs fit the narrowest phone, in German', async () => {
  await server.createKey({ name: 'Gerätenamenlänge' });
  const page = await server.open('/console/people', {
    viewport: { width: 320, height: 800 },
    locale: 'de-DE',
  });
  await page.getByRole('button', { name: 'Mehr zu Gerätenamenlänge' }).click();
  await page.getByRole('button', { name: 'Anhalten' }).waitFor();
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme });
    await page.locator(`html[data-mantine-color-scheme=${colorScheme}]`).waitFor();
    expect(await violations(page, '[role=dialog]'), colorScheme).toEqual([]);
  }
  await page.keyboard.press('Escape');
  await page.getByRole('button', { name: 'Grenzen von Gerätenamenlänge' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByRole('button', { name: 'Budget hinzufügen' }).click();
  const closed = dialog.locator('button[aria-expanded=false]');
  while ((await closed.count()) > 0) await closed.first().click();
  await dialog.getByRole('button', { name: 'Ein Modell begrenzen' }).click();
  const tooWide = `(() => {
    const { scrollWidth, clientWidth } = document.querySelector('[role=dialog]');
    return scrollWidth - clientWidth;
  })()`;
  expect(await page.evaluate(tooWide)).toBe(0);
});
