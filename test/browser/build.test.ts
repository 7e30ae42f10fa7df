import { readdir, readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { expect, it } from 'vitest';
import { consoleSizes, oversize } from '../../scripts/lib/console-size.mjs';

const builtDir = resolve(import.meta.dirname, '..', '..', 'dist', 'renderer');

it('loads at most 400 kB at first, 120 kB with each of the small pages, and 750 kB in all', () => {
  const sizes = consoleSizes(builtDir);
  expect(oversize(sizes)).toEqual([]);
  expect(Object.values(sizes).map(({ mostBytes }) => mostBytes)).toEqual([
    400_000, 120_000, 120_000, 750_000,
  ]);
  const { first, pairing, ownPage, total } = sizes;
  expect(first.files).toContainEqual(expect.stringMatching(/^assets\/console-.*\.js$/));
  expect(first.files).toContainEqual(expect.stringMatching(/^assets\/library-.*\.css$/));
  // Later pages, charts, Markdown, and whichever language is not spoken wait until they are wanted.
  expect(first.files.filter((name) => /drawing|pages|playground/.test(name))).toEqual([]);
  expect(first.files.filter((name) => /english|german/.test(name))).toHaveLength(1);
  for (const { files } of [first, pairing, ownPage])
    expect(total.files).toEqual(expect.arrayContaining(files));
  expect(total.files).toEqual(expect.arrayContaining(['index.html', 'pair.html', 'me.html']));
});

it('says which figure is over its limit, and by how much', () => {
  const { first, ...others } = consoleSizes(builtDir);
  const [sentence, ...more] = oversize({ ...others, first: { ...first, bytes: 412_300 } });
  expect(sentence).toMatch(
    /first load is 12\.3 kB too large: 412\.3 kB compressed, where 400\.0 kB are allowed/,
  );
  expect(more).toEqual([]);
});

it('has a style for every part of the library that it uses', async () => {
  const names = await readdir(join(builtDir, 'assets'));
  const read = async (ending: string): Promise<string> => {
    const files = names.filter((name) => name.endsWith(ending));
    return (await Promise.all(files.map((name) => readFile(join(builtDir, 'assets', name), 'utf8')))).join(
      '\n',
    );
  };
  const [scripts, styles] = await Promise.all([read('.js'), read('.css')]);
  const whole = await readFile(new URL(import.meta.resolve('@mantine/core/styles.css')), 'utf8');
  const used = new Set(scripts.match(/\bm_[0-9a-f]{6,8}\b/g));
  expect(used.size).toBeGreaterThan(50);
  // Named in renderer/styles/library.css, one line for each part.
  expect([...used].filter((name) => whole.includes(`.${name}`) && !styles.includes(`.${name}`))).toEqual([]);
});

it('has the libraries’ style sheets before our own, which correct them', async () => {
  const html = await readFile(join(builtDir, 'index.html'), 'utf8');
  const sheets = [...html.matchAll(/rel="stylesheet"[^>]*href="([^"]*)"/g)].map(([, address]) => address);
  expect(sheets.length).toBeGreaterThan(1);
  expect(sheets[0]).toMatch(/\/library-/);
});

it('has no inline script and no inline style, and a place for the nonce', async () => {
  const html = await readFile(join(builtDir, 'index.html'), 'utf8');
  expect(html).not.toMatch(/<script(?![^>]* src=)/);
  expect(html).not.toMatch(/<style|\sstyle=|\son\w+=/);
  expect(html).toContain('content="__CSP_NONCE__"');
});

it('asks nobody outside for anything', async () => {
  const html = await readFile(join(builtDir, 'index.html'), 'utf8');
  const addresses = [...html.matchAll(/(?:src|href)="([^"]*)"/g)].map(([, address]) => address);
  expect(addresses.length).toBeGreaterThan(0);
  expect(addresses.filter((address) => !address?.startsWith('/console/assets/'))).toEqual([]);
});
