import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import { runNpm } from '../../scripts/lib/install.mjs';
import { isOffline } from '../../scripts/lib/project.mjs';
import { startServer } from '../model/running-server.ts';
import { firstAnswer } from './first-answer.ts';
import { scratchFolder } from './pack.ts';
import { root } from './target-tree.ts';

const run = promisify(execFile);
const scratch = scratchFolder();
/** The engine for a processor alone; on a Mac with Apple’s chips the one there is. */
const engines: Readonly<Record<string, string>> = {
  'linux-x64': 'linux-x64',
  'linux-arm64': 'linux-arm64',
  'win32-x64': 'win-x64',
  'darwin-x64': 'mac-x64',
  'darwin-arm64': 'mac-arm64-metal',
};
const engine = engines[`${process.platform}-${process.arch}`] ?? 'linux-x64';

const home = join(scratch.path, 'empty');
const installed = join(home, 'node_modules', 'inglenook');
const manifest = z.object({
  version: z.string(),
  engines: z.object({ node: z.string() }),
  bin: z.record(z.string(), z.string()),
  dependencies: z.record(z.string(), z.string()),
});

beforeAll(async () => {
  mkdirSync(home);
  writeFileSync(join(home, 'package.json'), '{ "private": true }');
  // What `prepack` makes is there: the build and the starter model.
  await npm(['pack', '--ignore-scripts', `--pack-destination=${scratch.path}`], root);
  const tarball = readdirSync(scratch.path).find((name) => name.endsWith('.tgz')) ?? '';
  const { dependencies } = manifest.parse(JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')));
  const wanted = [join(scratch.path, tarball), `@node-llama-cpp/${engine}@${dependencies['node-llama-cpp']}`];
  // As the README says for a computer without a graphics card; the rest would be a gigabyte.
  await npm(['install', '--omit=optional', isOffline() ? '--offline' : '--prefer-offline', ...wanted], home);
}, 300_000);
afterAll(scratch.remove);

/** npm as a person calls it; its own words when it fails. */
async function npm(args: readonly string[], cwd: string): Promise<void> {
  const quiet = ['--no-audit', '--no-fund', '--loglevel=error'];
  const { code, output } = await runNpm([...args, ...quiet], { cwd, show: false });
  if (code !== 0) {
    throw new Error(
      `npm ${args[0]} ended with ${code}. Is the package registry reachable? npm says:\n${output}`,
    );
  }
}

test('the package holds what serves, asks for Node 24, and brings no sources and tests', () => {
  const { engines, bin } = manifest.parse(JSON.parse(readFileSync(join(installed, 'package.json'), 'utf8')));
  expect([engines.node, bin]).toEqual(['>=24', { inglenook: 'scripts/inglenook.mjs' }]);
  const there = readdirSync(installed).toSorted();
  expect(
    there.filter((name) => !['LICENSE', 'README.md', 'node_modules', 'package.json'].includes(name)),
  ).toEqual(['dist', 'resources', 'scripts']);
  expect(readdirSync(join(installed, 'resources')).toSorted()).toEqual([
    'catalogue.json',
    'cloud-prices.json',
    'inglenook.service',
    'models',
    'update-source.json',
  ]);
  expect(existsSync(join(installed, 'dist', 'renderer', 'index.html'))).toBe(true);
});

test('`inglenook serve` from an empty folder answers with the starter model, by a key of `inglenook key`', async () => {
  const cli = join(installed, 'scripts', 'inglenook.mjs');
  const server = await startServer({
    command: [process.execPath, cli, 'serve'],
    environment: { INGLENOOK_OFFLINE: '1' },
  });
  const environment = { ...process.env, INGLENOOK_DATA_DIR: server.dataDir };
  const { stdout } = await run(process.execPath, [cli, 'key', 'create', '--name', 'rack'], {
    env: environment,
    cwd: home,
  });
  expect(await firstAnswer(server.url, stdout.trim())).toMatch(/\w/);
  expect((await fetch(`${server.url}/console/`)).status).toBe(200);
  expect(await server.stop()).toBe(0);
});

test('the unit of systemd runs the app’s program as Node, and nothing else', () => {
  const unit = readFileSync(join(installed, 'resources', 'inglenook.service'), 'utf8');
  expect(unit).toContain(
    'ExecStart=/opt/Inglenook/inglenook /opt/Inglenook/resources/app.asar/dist/server/main.js',
  );
  expect(unit).toContain('Environment=ELECTRON_RUN_AS_NODE=1');
  expect(unit.match(/^\[\w+\]$/gmu)).toEqual(['[Unit]', '[Service]', '[Install]']);
});
