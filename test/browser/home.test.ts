import { afterAll, beforeAll, expect, it } from 'vitest';
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
  await expect.poll(() => statValue(page, 'requests today')).toBe('1');
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
  expect(await page.getByText('reconnecting').count()).toBe(0);
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
  label: string,
): Promise<string> {
  return page.locator('dl > div', { hasText: label }).locator('dd').first().innerText();
}
