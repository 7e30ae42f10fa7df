import { readdir, readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { consoleSizes } from '../../scripts/lib/console-size.mjs';

const rootDir = resolve(import.meta.dirname, '..', '..');
const builtDir = join(rootDir, 'dist', 'renderer');
const rendererDir = join(rootDir, 'renderer');

/** The pages that anybody of the office may open: no React, one small file each. */
const pages = [
  { name: 'me', css: /me-.*\.css$/, hasHints: false },
  { name: 'pair', css: /pair-.*\.css$/, hasHints: true },
] as const;

describe.each(pages)('the built page of $name', ({ name, css, hasHints }) => {
  const page = (): Promise<string> => readFile(join(builtDir, `${name}.html`), 'utf8');
  const sourceNames = async (): Promise<string[]> => {
    const names = await readdir(join(rendererDir, name), { recursive: true });
    return names.filter((one) => one.endsWith('.ts'));
  };

  it('is small, and of its own files', () => {
    const { files, bytes } =
      name === 'pair' ? consoleSizes(builtDir).pairing : consoleSizes(builtDir).ownPage;
    expect(bytes).toBeLessThanOrEqual(120_000);
    expect(files).toContainEqual(expect.stringMatching(new RegExp(`^assets/${name}-.*\\.js$`)));
    expect(files).toContainEqual(expect.stringMatching(css));
    expect(files.filter((file) => /console|pages|english|german/.test(file))).toEqual([]);
  });

  it('has no inline script and no inline style', async () => {
    const html = await page();
    expect(html).not.toMatch(/<script(?![^>]* src=)/);
    expect(html).not.toMatch(/<style|\sstyle=|\son\w+=/);
  });

  it('refers to nothing but assets that the server also has under /pair', async () => {
    const html = await page();
    const addresses = [...html.matchAll(/(?:src|href)="([^"]*)"/g)].map(([, address]) => address);
    expect(addresses.length).toBeGreaterThan(0);
    expect(addresses.filter((address) => !address?.startsWith('/console/assets/'))).toEqual([]);
    // What scripts and styles ask for by themselves, nobody rewrites. Sentences may speak of http://.
    for (const file of await withImports(assetsIn(html))) {
      const content = await readFile(join(builtDir, 'assets', file), 'utf8');
      expect(content, file).not.toMatch(/\/console\/|\bimport\(|url\(|https?:\/\/(?!www\.w3\.org\/)[\w[]/);
    }
  });

  it('never makes markup of text', async () => {
    for (const file of await sourceNames()) {
      const source = await readFile(join(rendererDir, name, file), 'utf8');
      expect(source, file).not.toMatch(/innerHTML|outerHTML|insertAdjacentHTML|document\.write|DOMParser/);
    }
  });

  it('has sentences of the same keys with the same placeholders in both languages, none of them empty', async () => {
    const [english, german] = await Promise.all([sentences(name, 'en'), sentences(name, 'de')]);
    const shape = (all: Readonly<Record<string, string>>): string[] =>
      Object.entries(all)
        .map(([key, text]) => `${key}: ${(text.match(/\{\{\w+\}\}/g) ?? []).toSorted().join(' ')}`)
        .toSorted();
    expect(shape(german)).toEqual(shape(english));
    expect(
      [...Object.values(english), ...Object.values(german)].filter((text) => text.trim() === ''),
    ).toEqual([]);
  });

  it('uses all of them', async () => {
    const files = await sourceNames();
    const source = (
      await Promise.all(files.map((file) => readFile(join(rendererDir, name, file), 'utf8')))
    ).join('\n');
    const isUsed = (one: string): boolean => {
      // What is counted has two forms of one word.
      const key = one.replace(/_(one|other)$/, '');
      return (
        source.includes(`'${key}'`) ||
        // A part may be computed: say(`models.state.${state}`), t(`kind.${kind}`), t(`${word}Hint`).
        source.includes(`\`${key.slice(0, key.lastIndexOf('.') + 1)}\${`) ||
        (hasHints && key.endsWith('Hint') && source.includes(`'${key.slice(0, -'Hint'.length)}'`))
      );
    };
    expect(Object.keys(await sentences(name, 'en')).filter((key) => !isUsed(key))).toEqual([]);
  });
});

function assetsIn(html: string): string[] {
  return [...html.matchAll(/\/console\/assets\/([^"]+)"/g)].map(([, name]) => name ?? '');
}

/** With what the scripts import in turn. */
async function withImports(names: readonly string[]): Promise<string[]> {
  const found = new Set(names);
  for (const name of found) {
    if (!name.endsWith('.js')) continue;
    const script = await readFile(join(builtDir, 'assets', name), 'utf8');
    for (const [, imported] of script.matchAll(/(?:from|import)\s*["'`]\.\/([^"'`]+)["'`]/g))
      found.add(imported ?? '');
  }
  return [...found];
}

async function sentences(name: string, language: string): Promise<Record<string, string>> {
  const text = await readFile(join(rendererDir, 'locales', `${name}.${language}.json`), 'utf8');
  return JSON.parse(text) as Record<string, string>;
}
