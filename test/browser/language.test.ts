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

  it('tells in German what the server says, whose own words are in the details', async () => {
    const expectedErrors = /Failed to load resource/;
    const page = await server.open('/console/models', { locale: 'de-DE', expectedErrors });
    // The live news would tell at once that nothing is wrong.
    await page.route('**/api/events**', (route) => route.abort());
    await page.route('**/api/models', async (route) => {
      const answer = await route.fetch();
      const [first, ...others] = (await answer.json()) as object[];
      const broken = {
        ...first,
        state: 'failed',
        reason: 'The file big.gguf is not a GGUF model.',
        crashes: 1,
        lastCrash: 'The engine broke off (SIGSEGV).',
      };
      await route.fulfill({ response: answer, json: [broken, ...others] });
    });
    await page.reload();
    await page.getByText('Die Datei big.gguf ist kein GGUF-Modell.').waitFor();
    await page.getByText('Die Engine ist abgebrochen.').waitFor();
    const own = page.getByText('The engine broke off (SIGSEGV).');
    expect(await own.isVisible()).toBe(false);
    await page.locator('details', { has: own }).locator('summary').click();
    await own.waitFor();
    expect(await own.getAttribute('lang')).toBe('en');
  });

  it('tells a refusal in German by its code', async () => {
    const expectedErrors = /Failed to load resource/;
    const page = await server.open('/console/', { locale: 'de-DE', expectedErrors });
    const error = { message: 'Words of tomorrow.', type: 'x', param: null, code: 'read_busy' };
    await page.route('**/api/log**', (route) => route.fulfill({ status: 503, json: { error } }));
    await page.reload();
    await page
      .getByText(/^Es wird gerade zu viel auf einmal aus dem Protokoll gelesen\./)
      .first()
      .waitFor();
  });

  it('fetches the one language that is spoken, and stays with it where the other cannot be had', async () => {
    const page = await server.open('/console/sign-in', {
      signedIn: false,
      expectedErrors: /Failed to load resource|Failed to fetch dynamically/,
    });
    const fetched: string[] = [];
    page.on('request', (request) => fetched.push(new URL(request.url()).pathname));
    await page.reload();
    await page.getByRole('heading', { level: 1 }).waitFor();
    const languages = fetched.filter((path) => /\/(english|german)-/.test(path));
    expect(languages).toEqual([expect.stringContaining('/english-')]);
    await page.route('**/german-*', (route) => route.abort());
    await page.getByRole('button', { name: 'Theme and language' }).click();
    await page.getByText('Deutsch', { exact: true }).click();
    await page.getByText('The other language could not be fetched just now.').waitFor();
    expect(await page.evaluate('document.documentElement.lang')).toBe('en');
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
  it.each([
    '',
    'checks.',
    'connect.',
    'security.',
    'health.',
    'usage.',
    'requests.',
    'people.',
    'settings.',
    'network.',
    'playground.',
    'models.',
    'general.',
  ])(
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

  it('of the console’s files begin their keys each in its own way, since they are put together', async () => {
    const names = await readdir(join(rendererDir, 'locales'));
    const files = names.filter((name) => /(^|\.)en\.json$/.test(name) && !/^(me|pair)\./.test(name));
    const first: string[] = [];
    for (const name of files) {
      const tree: unknown = JSON.parse(await readFile(join(rendererDir, 'locales', name), 'utf8'));
      first.push(...Object.keys(tree as object));
    }
    expect(first.filter((key, index) => first.indexOf(key) !== index)).toEqual([]);
    const source = await readFile(join(rendererDir, 'locales', 'english.ts'), 'utf8');
    expect(files.filter((name) => !source.includes(`'./${name}'`))).toEqual([]);
  });

  it('are all used', async () => {
    const source = await readSources();
    const languages = [
      'checks',
      'health',
      'security',
      'usage',
      'requests',
      'people',
      'settings',
      'network',
      'playground',
      'models',
      'general',
    ];
    const files = ['en', ...languages.map((name) => `${name}.en`)];
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
