import { afterAll, beforeAll, expect, it } from 'vitest';
import { AppError } from '../../server/core/errors.ts';
import { openBreakableLine } from './breakable-line.ts';
import { startConsole, type ConsoleUnderTest } from './harness.ts';

let server: ConsoleUnderTest;
let release = (): void => {};
let held: Promise<void> = Promise.resolve();
beforeAll(async () => {
  server = await startConsole({ beforePart: (index) => (index === 2 ? held : undefined) });
});
afterAll(() => server.stop());

it('shows a finished request without a reload, and the numbers of the day with it', async () => {
  const { key } = await server.createKey({ name: 'Anna’s laptop', person: 'Anna' });
  const page = await server.open('/console/');
  await page.getByText('No request yet.').waitFor();
  await page.evaluate('window.notReloaded = true');

  await server.chat(key);
  const row = page.getByRole('row', { name: /Anna’s laptop/ });
  await row.waitFor();
  expect(await row.innerText()).toMatch(/OK\s+Anna’s laptop\s+fake-model\s+12\s+5/);
  await page.getByText('Running. Ready to answer with fake-model.').waitFor();
  await page.getByText('test model, not for work').waitFor();
  await expect.poll(() => statValue(page, 'request today')).toBe('1');
  await expect.poll(() => statValue(page, 'tokens out today')).toBe('5');
  await expect.poll(() => statValue(page, 'being answered now')).toBe('0');
  await page.getByText('a cloud’s model cuts the same text differently').waitFor();

  await server.chat('sk-ink_wrong');
  await page.getByRole('row', { name: /Refused/ }).waitFor();
  expect(await page.evaluate('window.notReloaded')).toBe(true);
});

it('says first of all that the log cannot be written, and how many requests wait', async () => {
  const page = await server.open('/console/', { expectedErrors: /ERR_FAILED/ });
  const problem = 'The disk is full. Free some space and try again.';
  // Filling a disk for real is another test's, test/unit/ledger/disk-full.
  await page.route('**/api/status', async (route) => {
    const response = await route.fetch();
    const log = { unwritten: 3, lost: 0, problem, since: new Date().toISOString() };
    await route.fulfill({ response, json: { ...(await response.json()), log } });
  });
  // It would tell that all is well.
  await page.route('**/api/events*', (route) => route.abort());
  await page.reload();
  await page
    .getByText(`The log cannot be written, so 3 requests wait in memory. ${problem}`, { exact: true })
    .waitFor();
});

it('shows a model at work while an answer is being written', async () => {
  const { key } = await server.createKey({ name: 'slow' });
  const page = await server.open('/console/');
  await page.getByText('0 of 8 busy').waitFor();
  held = new Promise((resolve) => (release = resolve));
  const answer = server.chat(key, { stream: true });
  await page.getByText('1 of 8 busy').waitFor();
  release();
  await (await answer).text();
  await page.getByText('0 of 8 busy').waitFor();
});

it('opens a request’s details in place and gives the focus back on closing', async () => {
  const page = await server.open('/console/');
  const opener = page.getByRole('button', { name: /show details/ }).last();
  await opener.focus();
  await page.keyboard.press('Enter');
  const drawer = page.getByRole('dialog', { name: 'Request' });
  await drawer.getByText('The log holds neither prompt nor answer.').waitFor();
  await page.keyboard.press('Escape');
  await drawer.waitFor({ state: 'detached' });
  await expect.poll(() => opener.and(page.locator(':focus')).count()).toBe(1);
});

it('keeps the numbers and says since when, while the connection is lost', async () => {
  const { key } = await server.createKey({ name: 'behind the line' });
  const line = await openBreakableLine(server.url);
  const page = await server.open(`${line.url}/console/`, { expectedErrors: /ERR_/ });
  const rows = page.getByRole('row').filter({ has: page.getByRole('button') });
  await rows.first().waitFor();
  const before = await rows.count();
  await line.cut();
  await page.getByText(/^Last update \d\d:\d\d – reconnecting/).waitFor();
  expect(await rows.count()).toBe(before);

  // What ended meanwhile is there as soon as the connection is.
  await (await server.chat(key)).text();
  await line.mend();
  await page.getByRole('row', { name: /behind the line/ }).waitFor();
  // The list may have been asked for again before the stream is open, and only that ends the notice.
  await page.getByText('reconnecting').waitFor({ state: 'detached' });
});

it('sets the theme before the first paint and remembers another choice', async () => {
  const page = await server.open('/console/', { colorScheme: 'dark', expectedErrors: /ERR_FAILED/ });
  const scheme = (): Promise<unknown> => page.evaluate('document.documentElement.dataset.mantineColorScheme');
  await page.getByRole('heading', { level: 1 }).waitFor();
  expect(await scheme()).toBe('dark');
  await page.getByRole('button', { name: 'Theme, language, sign out' }).click();
  await page.getByText('Light', { exact: true }).click();
  expect(await scheme()).toBe('light');
  // Stops before the application's own script: what is set now was set before the first paint.
  await page.route('**/assets/index-*.js', (route) => route.abort());
  await page.reload({ waitUntil: 'domcontentloaded' });
  expect(await scheme()).toBe('light');
});

async function statValue(
  page: Awaited<ReturnType<ConsoleUnderTest['open']>>,
  label: string | RegExp,
): Promise<string> {
  return page.locator('dl > div', { hasText: label }).locator('dd').first().innerText();
}

it('shows the memory with the models in it, what the day has saved, and two weeks of days', async () => {
  const page = await server.open('/console/');
  const models = page.getByRole('region', { name: 'Models in memory' });
  await models.getByText(/^Memory: \d/).waitFor();
  await models.getByText('other programs').waitFor();
  const now = page.getByRole('region', { name: 'Now and today' });
  await expect.poll(() => statValue(page, 'saved today, estimate')).toMatch(/^≈ /);
  await expect.poll(() => now.locator('ol').last().getByRole('listitem').count()).toBe(14);
  await now
    .getByText(/: \d+ requests?$/)
    .last()
    .waitFor();
  expect(await page.getByRole('region').count()).toBeLessThanOrEqual(7);
});

it('says how many devices have used it, and which requests went wrong with the way to all of them', async () => {
  const page = await server.open('/console/');
  await page.getByText(/\d+ devices? used it today\.$/).waitFor();
  const problems = page.getByRole('region', { name: 'Latest problems' });
  await problems.getByText('No request has failed in the last 7 days.').waitFor();
  const { key } = await server.createKey({ name: 'unlucky' });
  held = Promise.reject(new AppError('The engine broke off.', { status: 502, code: 'engine_failed' }));
  held.catch(() => undefined);
  await (await server.chat(key)).text();
  held = Promise.resolve();
  await problems.getByText('Model failed').waitFor();
  await problems.getByRole('button', { name: /unlucky/ }).click();
  await page.getByRole('dialog', { name: 'Request' }).waitFor();
  await page.keyboard.press('Escape');
  await problems.getByRole('link', { name: 'All failed requests' }).click();
  await page.waitForURL('**/console/log?status=error');
});

it('lets each card fail alone', async () => {
  const page = await server.open('/console/', { expectedErrors: /500/ });
  const error = { message: 'It cannot be read just now.', type: 'server_error', param: null, code: 'x' };
  for (const path of ['machine', 'usage', 'savings', 'log']) {
    await page.route(`**/api/${path}**`, (route) => route.fulfill({ status: 500, json: { error } }));
  }
  await page.reload();
  await expect.poll(() => page.getByText('It cannot be read just now.').count()).toBeGreaterThanOrEqual(4);
  await page.getByText(/^Running\./).waitFor();
  await page.getByText('0 of 8 busy').waitFor();
  expect(await statValue(page, /requests? today/)).toMatch(/^\d/);
  expect(await statValue(page, 'saved today, estimate')).toBe('–');
});

it('says that another model answers for the office, with a way back', async () => {
  const page = await server.open('/console/');
  const at = new Date().toISOString();
  let moved: object | null = { names: ['office', 'office-code'], from: 'starter', to: 'better', at };
  await page.route('**/api/office-model', (route) => route.fulfill({ json: { waitingFor: null, moved } }));
  await page.route('**/api/office-model/undo', (route) => {
    moved = null;
    return route.fulfill({ json: { waitingFor: null, moved } });
  });
  await page.reload();
  await page.getByText(/^better answers for the office now, in place of starter/).waitFor();
  await page.getByRole('button', { name: 'Undo' }).click();
  await page.getByText('better answers for the office now').waitFor({ state: 'detached' });
});

it('has the office first while it is being set up, and the numbers first from then on', async () => {
  const order = async (page: Awaited<ReturnType<ConsoleUnderTest['open']>>): Promise<readonly string[]> => {
    await page.getByRole('region', { name: 'Now and today' }).waitFor();
    const names = await page.getByRole('main').getByRole('heading', { level: 2 }).allInnerTexts();
    return names.filter((name) => name === 'Now and today' || name === 'The office');
  };
  await server.admin('PUT', '/settings/setup.stage', { value: 'begun' });
  const page = await server.open('/console/');
  await expect.poll(() => order(page)).toEqual(['The office', 'Now and today']);
  await server.admin('PUT', '/settings/setup.stage', { value: 'done' });
  await page.reload();
  await expect.poll(() => order(page)).toEqual(['Now and today', 'The office']);
});
