import { readdir, readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { gzipSync } from 'node:zlib';
import { expect, it } from 'vitest';

const builtDir = resolve(import.meta.dirname, '..', '..', 'dist', 'renderer');
const firstLoadLimitBytes = 400_000;

it('loads at most 400 kB at first', async () => {
  const names = (await readdir(join(builtDir, 'assets'))).map((name) => join('assets', name));
  const sizes = await Promise.all(
    ['index.html', ...names].map(async (name) => gzipSync(await readFile(join(builtDir, name))).byteLength),
  );
  expect(sizes.reduce((total, size) => total + size, 0)).toBeLessThanOrEqual(firstLoadLimitBytes);
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
