import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startFakeUpstream } from '../fakes/fake-upstream.ts';
import { violations } from './axe.ts';
import { startConsole, type ConsoleUnderTest } from './harness.ts';

/** Where the test can see it, as a headless browser's clipboard cannot. */
const keepWhatIsCopied =
  "Object.defineProperty(navigator, 'clipboard', { value: { writeText: async (text) => { window.copied = text; } } });";

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
  await page.getByRole('link', { name: 'Health', exact: true }).click();
  await page.getByRole('heading', { level: 1, name: 'Health' }).waitFor();

  const look = page.getByRole('region', { name: 'Worth a look' });
  const named = (name: string) => ({ has: page.getByRole('heading', { level: 3, name, exact: true }) });
  const models = look.getByRole('listitem').filter(named('Models'));
  await models.getByText('Cannot be used: broken-model. The file is damaged.').waitFor();
  await models.getByText('What to do:').waitFor();
  await models.getByText('Look', { exact: true }).waitFor();
  await page.getByRole('link', { name: 'Health: something needs a look' }).first().waitFor();
  const well = page.getByRole('region', { name: 'All well' });
  await well.getByRole('listitem').filter(named('Side doors')).waitFor();
  await page
    .getByRole('status')
    .filter({ hasText: /\d things need your attention\./ })
    .waitFor();

  server.engine.show('broken-model', { state: 'off', reason: null });
  await page.getByRole('button', { name: 'Check again' }).click();
  await well.getByRole('listitem').filter(named('Models')).waitFor();
  await gone.close();
});

it('leads to where the console puts it right, says what was looked at, and the same thing once', async () => {
  const page = await server.open('/console/health');
  const named = (name: string) => ({ has: page.getByRole('heading', { level: 3, name }) });
  const closed = page.getByText('Not checked, because the office is not let in');
  await closed.first().waitFor();
  expect(await closed.count()).toBe(1);
  const backup = page.getByRole('listitem').filter(named('Backup'));
  await backup.getByRole('button', { name: 'What we looked at' }).click();
  await backup.getByText('The nightly schedule').waitFor();
  await backup.getByRole('link', { name: 'Open “Settings: backup”' }).click();
  await page.waitForURL('**/console/settings/backup');
});

it('the report is read, copied and saved, without the names of servers and people', async () => {
  await server.createKey({ name: 'Annabel’s laptop', person: 'Annabel' });
  const page = await server.open('/console/health', { initScript: keepWhatIsCopied });
  await page.getByRole('button', { name: 'Copy report' }).click();
  const dialog = page.getByRole('dialog', { name: 'Report for somebody who helps' });
  const shown = await dialog.getByRole('region', { name: 'Report for somebody who helps' }).innerText();
  expect(shown).toContain('Inglenook doctor');
  expect(shown).toContain('upstreams: Not there just now: [name]');
  await dialog.getByRole('button', { name: /^Copy/ }).click();
  await dialog.getByRole('button', { name: 'Copied' }).waitFor();
  const copied = await page.evaluate<string>('window.copied');
  expect(copied.trim()).toBe(shown.trim());

  const saved = page.waitForEvent('download');
  await dialog.getByRole('button', { name: 'Save report' }).click();
  const file = await saved;
  expect(file.suggestedFilename()).toMatch(/^inglenook-doctor-\d{4}-\d\d-\d\d\.txt$/);
  const text = await readFile(await file.path(), 'utf8');
  expect(text).toBe(copied);
  for (const name of ['gpu-box', 'Annabel']) expect(text).not.toContain(name);
});

it('while it looks grey lines stand there; an answer that fails is told, and tried again', async () => {
  const page = await server.open('/console/', { expectedErrors: /Failed to load resource/ });
  let goOn = (): void => {};
  const held = new Promise<void>((resolve) => (goOn = resolve));
  let mayAnswer = false;
  await page.route('**/api/doctor?*', async (route) => {
    await held;
    await (mayAnswer ? route.continue() : route.abort());
  });
  await page.getByRole('button', { name: /^(Settings|Theme)/ }).click();
  await page.getByRole('link', { name: 'Health', exact: true }).click();
  await page.locator('main [aria-busy="true"]').waitFor({ state: 'attached' });
  goOn();
  const note = page.getByRole('main').getByRole('alert');
  await note.waitFor();
  expect(await violations(page)).toEqual([]);
  mayAnswer = true;
  await note.getByRole('button').click();
  await page.getByRole('region', { name: 'All well' }).waitFor();
});

for (const colorScheme of ['light', 'dark'] as const) {
  it(`has no accessibility violations (${colorScheme})`, async () => {
    const page = await server.open('/console/health', { colorScheme });
    await page.getByRole('region', { name: 'All well' }).waitFor();
    expect(await violations(page)).toEqual([]);
    await page.getByRole('button', { name: 'Copy report' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByRole('region').waitFor();
    expect(await violations(page, '[role=dialog]')).toEqual([]);
  });
}

it('speaks German, the findings too', async () => {
  const page = await server.open('/console/health', { locale: 'de-DE' });
  await page.getByRole('heading', { level: 1, name: 'Zustand' }).waitFor();
  await page.getByText('Nicht geprüft, weil das Büro nicht eingelassen ist').first().waitFor();
  await page.getByRole('button', { name: 'Bericht kopieren' }).click();
  const dialog = page.getByRole('dialog', { name: 'Bericht für jemanden, der hilft' });
  await dialog.getByRole('region').getByText('Nicht geprüft, weil das Büro nicht eingelassen ist').waitFor();
  await dialog.getByRole('button', { name: 'Bericht speichern' }).waitFor();
});
