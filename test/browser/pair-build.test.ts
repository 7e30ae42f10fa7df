import { readdir, readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';

const rootDir = resolve(import.meta.dirname, '..', '..');
const builtDir = join(rootDir, 'dist', 'renderer');
const rendererDir = join(rootDir, 'renderer');
const limitBytes = 120_000;

describe('the built pairing page', () => {
  it('is at most 120 kB in all', async () => {
    const files = await withImports(assetsIn(await page()));
    expect(files).toContainEqual(expect.stringMatching(/^pair-.*\.js$/));
    expect(files).toContainEqual(expect.stringMatching(/^pair-.*\.css$/));
    const contents = await Promise.all(files.map((name) => readFile(join(builtDir, 'assets', name))));
    const sizes = [Buffer.from(await page()), ...contents].map((content) => gzipSync(content).byteLength);
    expect(sizes.reduce((total, size) => total + size, 0)).toBeLessThanOrEqual(limitBytes);
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
    for (const name of await withImports(assetsIn(html))) {
      const content = await readFile(join(builtDir, 'assets', name), 'utf8');
      expect(content, name).not.toMatch(/\/console\/|\bimport\(|url\(|https?:\/\/(?!www\.w3\.org\/)[\w[]/);
    }
  });
});

describe('its sentences', () => {
  it('are the same keys with the same placeholders in both languages, none of them empty', async () => {
    const [english, german] = await Promise.all([sentences('en'), sentences('de')]);
    const shape = (all: Readonly<Record<string, string>>): string[] =>
      Object.entries(all)
        .map(([key, text]) => `${key}: ${(text.match(/\{\{\w+\}\}/g) ?? []).toSorted().join(' ')}`)
        .toSorted();
    expect(shape(german)).toEqual(shape(english));
    expect(
      [...Object.values(english), ...Object.values(german)].filter((text) => text.trim() === ''),
    ).toEqual([]);
  });

  it('are all used', async () => {
    const names = await readdir(join(rendererDir, 'pair'), { recursive: true });
    const sources = names.filter((name) => name.endsWith('.ts'));
    const source = (
      await Promise.all(sources.map((name) => readFile(join(rendererDir, 'pair', name), 'utf8')))
    ).join('\n');
    const isUsed = (key: string): boolean =>
      source.includes(`'${key}'`) ||
      // A part may be computed: t(`kind.${kind}`), t(`${word}Hint`).
      source.includes(`\`${key.slice(0, key.lastIndexOf('.') + 1)}\${`) ||
      (key.endsWith('Hint') && source.includes(`'${key.slice(0, -'Hint'.length)}'`));
    expect(Object.keys(await sentences('en')).filter((key) => !isUsed(key))).toEqual([]);
  });
});

function page(): Promise<string> {
  return readFile(join(builtDir, 'pair.html'), 'utf8');
}

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

async function sentences(language: string): Promise<Record<string, string>> {
  const text = await readFile(join(rendererDir, 'locales', `pair.${language}.json`), 'utf8');
  return JSON.parse(text) as Record<string, string>;
}
