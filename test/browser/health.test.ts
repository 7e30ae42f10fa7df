import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startFakeUpstream } from '../fakes/fake-upstream.ts';
import { violations } from './axe.ts';
import { startConsole, type ConsoleUnderTest } from './harness.ts';

let server: ConsoleUnderTest;
beforeAll(async () => {
  server = await startConsole({ models: ['fake-model', 'broken-model'] });
  server.engine.show('broken-model', { state: 'failed', reason: 'The file is damaged. Copy it again.' });
});
afterAll(() => server.stop());

it('what needs somebody stands first, each with its way out; checked again by hand', async () => {
  const gone = await startFakeUpstream();
  await server.admin('POST', '/upstreams', { name: 'gpu-box', url: gone.url });
  const page = await server.open('/console/');
  await page.getByRole('button', { name: /^(Settings|Theme)/ }).click();
  await page.getByRole('link', { name: 'Health' }).click();
  await page.getByRole('heading', { level: 1, name: 'Health' }).waitFor();

  const look = page.getByRole('region', { name: 'Worth a look' });
  const named = (name: string) => ({ has: page.getByRole('heading', { level: 3, name, exact: true }) });
  const models = look.getByRole('listitem').filter(named('Models'));
  await models.getByText('Cannot be used: broken-model. The file is damaged.').waitFor();
  await models.getByText('What to do:').waitFor();
  await models.getByText('Look', { exact: true }).waitFor();
  const well = page.getByRole('region', { name: 'All well' });
  await well.getByRole('listitem').filter(named('Side doors')).waitFor();
  await page
    .getByRole('status')
    .filter({ hasText: /\d things need you\./ })
    .waitFor();

  server.engine.show('broken-model', { state: 'off', reason: null });
  await page.getByRole('button', { name: 'Check again' }).click();
  await well.getByRole('listitem').filter(named('Models')).waitFor();
  await gone.close();
});

it('the report is a file, without the names of servers', async () => {
  const page = await server.open('/console/health');
  const saved = page.waitForEvent('download');
  await page.getByRole('link', { name: 'Save report' }).click();
  const file = await saved;
  expect(file.suggestedFilename()).toMatch(/^inglenook-doctor-\d{4}-\d\d-\d\d\.txt$/);
  const text = await readFile(await file.path(), 'utf8');
  expect(text).toContain('Inglenook doctor');
  expect(text).not.toContain('gpu-box');
});

for (const colorScheme of ['light', 'dark'] as const) {
  it(`has no accessibility violations (${colorScheme})`, async () => {
    const page = await server.open('/console/health', { colorScheme });
    await page.getByRole('region', { name: 'All well' }).waitFor();
    expect(await violations(page)).toEqual([]);
  });
}

it('speaks German, the findings too', async () => {
  const page = await server.open('/console/health', { locale: 'de-DE' });
  await page.getByRole('heading', { level: 1, name: 'Zustand' }).waitFor();
  await page.getByText('Das Büro ist nicht eingelassen').first().waitFor();
});
