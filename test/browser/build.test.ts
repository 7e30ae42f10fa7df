import { readdir, readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { gzipSync } from 'node:zlib';
import { expect, it } from 'vitest';

const builtDir = resolve(import.meta.dirname, '..', '..', 'dist', 'renderer');
const firstLoadLimitBytes = 400_000;
const totalLimitBytes = 750_000;

it('loads at most 400 kB at first, and 750 kB in all', async () => {
  const html = await readFile(join(builtDir, 'index.html'), 'utf8');
  const first = new Set([...html.matchAll(/\/console\/(assets\/[^"]+)"/g)].map(([, name]) => name ?? ''));
  // What a script imports is loaded with it, whether the page says so or not.
  for (const name of first) {
    if (!name.endsWith('.js')) continue;
    const script = await readFile(join(builtDir, name), 'utf8');
    for (const [, found = ''] of script.matchAll(/(?:from|import)\s*["']\.\/([^"']+\.js)["']/g)) {
      first.add(`assets/${found}`);
    }
  }
  expect(first.size).toBeGreaterThan(3);
  expect(await sizeOf(['index.html', ...first])).toBeLessThanOrEqual(firstLoadLimitBytes);
  const all = (await readdir(join(builtDir, 'assets'))).map((name) => join('assets', name));
  expect(await sizeOf(['index.html', ...all])).toBeLessThanOrEqual(totalLimitBytes);
  expect([...first].filter((name) => /drawing|\/usage|\/settings/.test(name))).toEqual([]);
});

async function sizeOf(names: readonly string[]): Promise<number> {
  const sizes = await Promise.all(
    names.map(async (name) => gzipSync(await readFile(join(builtDir, name))).byteLength),
  );
  return sizes.reduce((total, size) => total + size, 0);
}

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
