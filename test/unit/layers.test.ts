import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { importsOf, readSources } from './layers/read-imports.ts';
import { layers } from './layers/table.ts';
import { violations } from './layers/violations.ts';

const root = join(import.meta.dirname, '..', '..');

test('every import of the project keeps to the table', () => {
  expect(violations(readSources(root), layers)).toEqual([]);
});

test('every row of the table stands for something', () => {
  const paths = readSources(root).map(({ path }) => path);
  const empty = layers.filter(
    ({ path }) => !paths.some((file) => file === path || file.startsWith(`${path}/`)),
  );
  expect(empty.map(({ path }) => path)).toEqual([]);
});

test.each([
  ['a package outside its home', 'server/gate/x.ts', `import express from 'express';`, 'imports npm:express'],
  ['a layer above', 'server/core/x.ts', `import { a } from '../gate/a.ts';`, 'imports server/gate/a.ts'],
  ['a sibling', 'server/dialects/x.ts', `export * from '../routing/a.ts';`, 'imports server/routing/a.ts'],
  ['a dynamic import', 'server/http/x.ts', `await import('better-sqlite3');`, 'imports npm:better-sqlite3'],
  [
    'an import type',
    'server/routing/x.ts',
    `type A = import('express').Request;`,
    'imports npm:express (types)',
  ],
  ['a require', 'electron/preload.cts', `const fs = require('node:fs');`, 'imports node:'],
  ['Electron by value', 'electron/window.ts', `import { app } from 'electron';`, 'imports npm:electron'],
  ['Node in the console', 'renderer/x.tsx', `import fs from 'node:fs';`, 'imports node:'],
  [
    'the server in the console',
    'renderer/x.tsx',
    `import '../server/gate/a.ts';`,
    'imports server/gate/a.ts',
  ],
  ['a package in set-up', 'scripts/lib/x.mjs', `import 'zod';`, 'imports npm:zod'],
  ['a package nobody knows', 'server/http/x.ts', `import 'left-pad';`, 'imports npm:left-pad'],
  ['a computed import', 'server/http/x.ts', `await import(name);`, 'imports something computed'],
  [
    'a file that is not there',
    'server/gate/x.ts',
    `import './missing.ts';`,
    'imports server/gate/missing.ts, which',
  ],
  ['a folder nobody knows', 'server/helpers/x.ts', `export {};`, 'lies in no layer'],
])('%s is found', (_name, path, source, complaint) => {
  const found = violations(
    readSources(plant({ [path]: source, 'server/gate/a.ts': '', 'server/routing/a.ts': '' })),
    layers,
  );
  expect(found).toEqual([expect.stringContaining(`${path} ${complaint}`)]);
});

test('a ring of imports is found', () => {
  const folder = plant({
    'server/gate/a.ts': `import type { B } from './b.ts';`,
    'server/gate/b.ts': `export { c } from './c.ts';`,
    'server/gate/c.ts': `import './a.ts';`,
  });
  expect(violations(readSources(folder), layers)).toEqual([
    'a ring of imports: server/gate/a.ts → server/gate/b.ts → server/gate/c.ts → server/gate/a.ts',
  ]);
});

test('comments and strings are no imports, types are told from values', () => {
  const source = `// import 'express'\nconst a = "import 'zod'";\nimport type { A } from 'b';\nimport { c } from 'd';`;
  expect(importsOf('x.ts', source)).toEqual([
    { specifier: 'b', isType: true },
    { specifier: 'd', isType: false },
  ]);
});

/** A project with just these files. */
function plant(files: Readonly<Record<string, string>>): string {
  const folder = mkdtempSync(join(tmpdir(), 'inglenook-layers-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  for (const [path, source] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), source);
  }
  return folder;
}
