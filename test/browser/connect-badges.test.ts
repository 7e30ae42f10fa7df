import type { Locator, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { GenerateRequest } from '../../server/core/generate.ts';
import { modelCheckList } from '../../server/wire/checks.ts';
import { answerTo } from '../fakes/able-model.ts';
import { violations } from './axe.ts';
import { startConsole, type ConsoleUnderTest } from './harness.ts';

let server: ConsoleUnderTest;
let held: Promise<void> | null = null;
beforeAll(async () => {
  const script = { fails: 'responses', contextTokens: 16_384, oneCall: false } as const;
  server = await startConsole({
    models: ['office-model', 'other-model'],
    contextTokens: 16_384,
    answer: (request: GenerateRequest) => answerTo(request, script),
    beforePart: () => held ?? undefined,
  });
  for (const id of ['office-model', 'other-model']) server.engine.show(id, { source: 'added' });
  for (const name of ['office', 'office-code', 'office-autocomplete', 'office-embed']) {
    await server.admin('PUT', `/aliases/${name}`, { model: 'office-model' });
  }
});
afterAll(() => server.stop());

/** A tool's tile, as it is read. */
async function tileOf(page: Page, tool: string): Promise<string> {
  const text = await page.getByRole('link', { name: new RegExp(`^${tool}`) }).innerText();
  return text.replaceAll(/\s+/g, ' ');
}

const standing = (page: Page, title = 'With your models'): Locator =>
  page.getByRole('region', { name: title });

async function rowsOf(panel: Locator): Promise<string[]> {
  const texts = await panel.locator('li[data-state]').allInnerTexts();
  return texts.map((text) => text.replaceAll(/\s+/g, ' '));
}

it('says that nobody knows yet, checks the model that answers for the names, and gives each tool its badge', async () => {
  const page = await server.open('/console/connect');
  const note = page.getByText(
    'office-model answers for office, office-code, office-autocomplete, office-embed.',
  );
  await note.waitFor();
  // Nobody’s tools ask the other one.
  expect(await page.getByText('other-model').count()).toBe(0);
  expect(await tileOf(page, 'Claude Code')).toBe('Claude Code');

  const hold = Promise.withResolvers<void>();
  held = hold.promise;
  await page.getByRole('button', { name: 'Check now: office-model' }).click();
  await page.getByRole('progressbar', { name: 'Checking office-model' }).waitFor({ state: 'attached' });
  await expect.poll(() => tileOf(page, 'Claude Code')).toBe('Claude Code Being checked');
  await page.getByRole('button', { name: 'Stop checking office-model' }).click();
  await expect.poll(() => tileOf(page, 'Claude Code')).toBe('Claude Code');
  held = null;
  hold.resolve();

  await page.getByRole('button', { name: 'Check now: office-model' }).click();
  await note.waitFor({ state: 'detached' });
  expect(await tileOf(page, 'Claude Code')).toBe('Claude Code Does not work');
  expect(await tileOf(page, 'Aider')).toBe('Aider Works');
  expect(await tileOf(page, 'n8n')).toBe('n8n Does not work');
  expect(await tileOf(page, 'Cursor')).toBe('Cursor cannot reach an office address With limits');
});

it('says on each tool’s page what it needs and what the model has, name by name', async () => {
  const page = await server.open('/console/connect/claude-code');
  await standing(page).getByText('Needs 32,000 tokens of context, has 16,000.').waitFor();
  expect(await rowsOf(standing(page))).toEqual([
    'office-code Does not work office-model answers. Needs 32,000 tokens of context, has 16,000.',
  ]);
  await page.getByRole('link', { name: 'All tools' }).click();
  await page.getByRole('link', { name: /^Continue/ }).click();
  expect(await rowsOf(standing(page))).toEqual([
    'office-code Works office-model answers. It can do all that this tool needs.',
    'office-autocomplete autocomplete Works office-model answers. It can do all that this tool needs.',
    'office-embed embeddings Does not work office-model answers. ' +
      'It is made for something else. Point the name to another model under Models.',
  ]);
  // One model, one button, however many names.
  expect(await page.getByRole('button', { name: /^Check again/ }).count()).toBe(1);
});

it('follows the name to another model, and to none, without a reload, in German', async () => {
  const page = await server.open('/console/connect/claude-code', { locale: 'de-DE' });
  const panel = standing(page, 'Mit Ihren Modellen');
  await panel.getByText('Braucht 32.000 Tokens Kontext, hat 16.000.').waitFor();
  await server.admin('PUT', '/aliases/office-code', { model: 'other-model' });
  await panel.getByText('Noch nicht geprüft', { exact: true }).waitFor();
  expect(await rowsOf(panel)).toEqual(['office-code Noch nicht geprüft other-model antwortet.']);
  await panel.getByRole('button', { name: 'Jetzt prüfen: other-model' }).click();
  await panel.getByText('other-model antwortet. Braucht 32.000 Tokens Kontext, hat 16.000.').waitFor();
  await server.admin('PUT', '/aliases/office-code', { model: 'not-there' });
  await panel.getByText('Für diesen Namen antwortet kein Modell.').waitFor();
  expect(await panel.innerText()).not.toMatch(/\{\{|checks\.|connectPage\./);
  await server.admin('PUT', '/aliases/office-code', { model: 'office-model' });
  await panel.getByText('office-model antwortet.').waitFor();
});

it('has everything else where the checks cannot be read, and tries again', async () => {
  const page = await server.open('/console/', { expectedErrors: /status of 500/ });
  await page.route('**/api/checks', (route) => route.fulfill({ status: 500, json: {} }));
  await page.getByRole('link', { name: 'Connect', exact: true }).click();
  await page.getByRole('link', { name: /^Claude Code/ }).waitFor();
  const alert = page.getByRole('main').getByRole('alert');
  await alert.waitFor();
  expect(await tileOf(page, 'Claude Code')).toBe('Claude Code');
  await page.getByRole('link', { name: /^Claude Code/ }).click();
  await standing(page).getByRole('alert').waitFor();
  await page.getByRole('region', { name: 'Step 1' }).waitFor();
  await page.unroute('**/api/checks');
  await standing(page).getByRole('button', { name: 'Try again' }).click();
  await standing(page).getByText('Needs 32,000 tokens of context, has 16,000.').waitFor();
});

it.each([1440, 390])('has no violation at %i px, light or dark, nor runs out of the page', async (width) => {
  const checks = modelCheckList.parse(await server.admin('GET', '/checks'));
  expect(checks.map(({ state }) => state)).not.toContain('none');
  // What has changed since is said as well.
  await server.admin('PATCH', '/models/office-model', { slots: 3 });
  for (const path of ['/console/connect', '/console/connect/continue', '/console/connect/opencode']) {
    const page = await server.open(path, { viewport: { width, height: 3200 } });
    await page
      .getByText(/^(Works|Does not work|With limits)$/)
      .first()
      .waitFor();
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(width);
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme });
      await page.locator(`html[data-mantine-color-scheme=${colorScheme}]`).waitFor();
      expect(await violations(page), `${path} ${colorScheme}`).toEqual([]);
    }
  }
});
