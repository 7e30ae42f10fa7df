import { readdir, readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startConsole, type ConsoleUnderTest } from './harness.ts';

const rendererDir = resolve(import.meta.dirname, '..', '..', 'renderer');

describe('the console in German', () => {
  let server: ConsoleUnderTest;
  beforeAll(async () => {
    server = await startConsole();
  });
  afterAll(() => server.stop());

  it('follows the browser, with German numbers and plurals', async () => {
    const { key } = await server.createKey({ name: 'Annas Laptop' });
    await (await server.chat(key)).text();
    const page = await server.open('/console/', { locale: 'de-DE' });
    await page.getByText('Läuft. Bereit zu antworten mit fake-model.').waitFor();
    await page.getByText('4.096 Tokens').waitFor();
    expect(await page.evaluate('document.documentElement.lang')).toBe('de');
    await page.getByRole('link', { name: 'Personen & Geräte', exact: true }).first().click();
    await page.getByRole('heading', { level: 2, name: '1 Gerät' }).waitFor();
    expect(await page.title()).toBe('Personen & Geräte – Inglenook');
  });

  it('has the guides’ sentences, the invitation and who asks in German too', async () => {
    const page = await server.open('/console/connect/continue', { locale: 'de-DE' });
    await page.getByText('Installieren Sie die Erweiterung „Continue“').waitFor();
    await page.goto(`${server.url}/console/people`);
    await page.getByRole('button', { name: 'Person hinzufügen' }).click();
    await page.getByLabel('Name', { exact: true }).fill('Anna');
    await page.getByRole('button', { name: 'Einladung erstellen' }).click();
    const dialog = page.getByRole('dialog', { name: 'Einladung für Anna' });
    await dialog.getByText('Wartet auf das Gerät …').waitFor();
    const code = await dialog.getByText(/^[A-Z]{4}-[A-Z]{4}$/).innerText();
    await fetch(`${server.url}/pair/redeem`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ code, device: 'Laptop' }),
    });
    await dialog.getByText(/Laptop von Anna bittet um Einlass von 127\.0\.0\.1\. Zeigen beide/).waitFor();
  });

  it('changes without a reload and remembers the choice', async () => {
    const page = await server.open('/console/log');
    await page.getByRole('button', { name: 'Theme, language, sign out' }).click();
    await page.getByText('Deutsch', { exact: true }).click();
    await page.getByRole('heading', { level: 1, name: 'Protokoll' }).waitFor();
    await page.reload();
    await page.getByRole('heading', { level: 1, name: 'Protokoll' }).waitFor();
  });
});

describe('the sentences', () => {
  // The console's own and the guides'; the pairing page's are typed against one another.
  it.each(['', 'connect.', 'security.', 'health.', 'usage.', 'settings.', 'network.'])(
    '(%sde.json) are the same keys with the same placeholders in both languages, none empty',
    async (prefix) => {
      const [english, german] = await Promise.all([
        readSentences(`${prefix}en`),
        readSentences(`${prefix}de`),
      ]);
      expect([...german.keys()].toSorted()).toEqual([...english.keys()].toSorted());
      for (const [key, sentence] of english) {
        expect([key, placeholders(german.get(key) ?? '')]).toEqual([key, placeholders(sentence)]);
        expect(sentence.trim(), key).not.toBe('');
      }
    },
  );

  it('are all used', async () => {
    const source = await readSources();
    const files = ['en', 'health.en', 'security.en', 'usage.en', 'settings.en', 'network.en'];
    const sentences = await Promise.all(files.map(readSentences));
    const unused = sentences
      .flatMap((own) => [...own.keys()])
      .map((key) => key.replace(/_(one|other)$/, ''))
      .filter((key) => !source.includes(`'${key}'`) && !source.includes(`"${key}"`))
      // The last part may be computed: `t(`modelState.${state}`)`.
      .filter((key) => !source.includes(`\`${key.slice(0, key.lastIndexOf('.') + 1)}\${`));
    expect(unused).toEqual([]);
  });
});

async function readSentences(language: string): Promise<Map<string, string>> {
  const tree: unknown = JSON.parse(await readFile(join(rendererDir, 'locales', `${language}.json`), 'utf8'));
  const sentences = new Map<string, string>();
  const walk = (node: unknown, path: string): void => {
    if (typeof node === 'string') sentences.set(path, node);
    else
      for (const [name, child] of Object.entries(node as object))
        walk(child, path === '' ? name : `${path}.${name}`);
  };
  walk(tree, '');
  return sentences;
}

function placeholders(sentence: string): string[] {
  return [...sentence.matchAll(/\{\{\w+\}\}|<\/?\w+>/g)].map(([found]) => found).toSorted();
}

async function readSources(): Promise<string> {
  const names = await readdir(rendererDir, { recursive: true });
  const sources = names.filter((name) => /\.tsx?$/.test(name));
  return (await Promise.all(sources.map((name) => readFile(join(rendererDir, name), 'utf8')))).join('\n');
}
