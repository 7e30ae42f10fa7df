import type { Locator, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { GenerateRequest } from '../../server/core/generate.ts';
import { answerTo } from '../fakes/able-model.ts';
import { violations } from './axe.ts';
import { startConsole, type ConsoleUnderTest } from './harness.ts';

let server: ConsoleUnderTest;
let held: Promise<void> | null = null;
beforeAll(async () => {
  const script = { fails: 'responses', contextTokens: 16_384, oneCall: false } as const;
  server = await startConsole({
    contextTokens: 16_384,
    answer: (request: GenerateRequest) => answerTo(request, script),
    beforePart: () => held ?? undefined,
  });
});
afterAll(() => server.stop());

/** What is said of tools, as it is read from left to right. */
async function groupsOf(tools: Locator): Promise<string[]> {
  const texts = await tools.locator('li[data-state]').allInnerTexts();
  return texts.map((text) => text.replaceAll(/\s+/g, ' '));
}

const toolsOf = (page: Page): Locator =>
  page.getByRole('region', { name: 'Tools that work with fake-model' });

it('checks a model with its progress, shows each tool’s badge, and tells in a drawer what was tried', async () => {
  const page = await server.open('/console/models');
  const tools = toolsOf(page);
  await tools.getByText('Not checked yet, so nobody knows which tools work with it.').waitFor();

  const hold = Promise.withResolvers<void>();
  held = hold.promise;
  await tools.getByRole('button', { name: 'Check now: fake-model' }).click();
  await tools.getByText('Trying 1 of 12: Streamed text').waitFor();
  const bar = tools.getByRole('progressbar', { name: 'Checking fake-model' });
  expect(await bar.getAttribute('aria-valuenow')).toBe('0');
  await tools.getByRole('button', { name: 'Stop checking fake-model' }).click();
  await tools.getByText('Not checked yet').waitFor();
  held = null;
  hold.resolve();

  await tools.getByRole('button', { name: 'Check now: fake-model' }).click();
  await tools.getByText('Does not work').first().waitFor();
  const isTest = 'Answers in the right form, but is a test model, not for work.';
  expect(await groupsOf(tools)).toEqual([
    'With limits Continue Continue (autocomplete) Cline Roo Code Zed VS Code JetBrains Aider Goose Open WebUI ' +
      `LibreChat Obsidian Python TypeScript curl ${isTest}`,
    `With limits Cursor Calls from its own cloud, so it also needs a public https name. ${isTest}`,
    'Does not work Kilo Code Claude Code OpenCode Needs 32,000 tokens of context, has 16,000.',
    'Does not work Codex Needs 32,000 tokens of context, has 16,000. Responses API: failed.',
    'Does not work n8n Home Assistant Responses API: failed.',
  ]);

  await tools.getByRole('button', { name: 'Details: fake-model' }).click();
  const drawer = page.getByRole('dialog', { name: 'What was checked of fake-model' });
  await drawer.getByText('The answer does not have the form that tools need: it says nothing.').waitFor();
  await drawer.getByText(/^A prompt of 16,\d{3} tokens arrived whole, of 16,384 that are served/).waitFor();
  expect(await drawer.innerText()).not.toMatch(/\{\{|checks\./);
  await page.keyboard.press('Escape');
  await drawer.waitFor({ state: 'detached' });
});

it('says in German what has changed since', async () => {
  server.engine.show('fake-model', { source: 'added' });
  await server.admin('POST', '/models/fake-model/check');
  const page = await server.open('/console/models', { locale: 'de-DE' });
  const tools = page.getByRole('region', { name: 'Programme, die mit fake-model arbeiten' });
  await tools.getByText('Braucht 32.000 Tokens Kontext, hat 16.000.', { exact: true }).waitFor();
  expect((await groupsOf(tools))[0]).toMatch(/^Geht .* Aider .* curl$/);
  await server.admin('PATCH', '/models/fake-model', { contextTokens: 8192 });
  server.engine.show('fake-model', {});
  await tools.getByText('Seit der Prüfung hat sich geändert: seine Einstellungen.').waitFor();
  await tools.getByRole('button', { name: 'Einzelheiten: fake-model' }).click();
  const drawer = page.getByRole('dialog');
  await drawer.getByText('So beantwortet, wie Programme es erwarten.').first().waitFor();
  expect(await drawer.innerText()).not.toMatch(/\{\{|checks\./);
});

it.each([1440, 390])('has no violation at %i px, light or dark, nor runs out of the page', async (width) => {
  const page = await server.open('/console/models', { viewport: { width, height: 3200 } });
  await toolsOf(page).getByText('Claude Code').first().waitFor();
  expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(width);
  for (const isOpen of [false, true]) {
    if (isOpen) {
      await page.getByRole('button', { name: 'Details: fake-model' }).click();
      await page.getByRole('dialog').getByText('What was tried').waitFor();
    }
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme });
      await page.locator(`html[data-mantine-color-scheme=${colorScheme}]`).waitFor();
      expect(await violations(page), `${colorScheme} ${isOpen}`).toEqual([]);
    }
  }
});
