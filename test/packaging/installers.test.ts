import { cpSync, existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startServer } from '../model/running-server.ts';
import { firstAnswer } from './first-answer.ts';
import { asar, filesIn, fuses, pack, plist, scratchFolder, type Packed } from './pack.ts';
import { targets, type Target } from './targets.ts';

/** What only its own system could tell is on the checklist in docs/decisions/2026-11-23-packaging.md. */

const scratch = scratchFolder();
const packed = new Map<string, Packed>();
const windows = targets.filter(({ os }) => os === 'win');

beforeAll(async () => {
  const jobs = [
    ...targets.map((target) => ({ target, edition: 'standard' as const })),
    ...windows.map((target) => ({ target, edition: 'cuda' as const })),
  ];
  await Promise.all(
    jobs.map(async ({ target, edition }) => {
      const name = `${target.os} ${edition}`;
      packed.set(name, await pack(target, edition, join(scratch.path, name.replace(' ', '-'))));
    }),
  );
}, 300_000);
afterAll(scratch.remove);

function find({ os }: Target, edition = 'standard'): Packed {
  const found = packed.get(`${os} ${edition}`);
  if (found === undefined) throw new Error(`${os} was not packed`);
  return found;
}

describe.each(targets)('the installer for $os', (target) => {
  test('holds the engines and the database of that system, outside of the archive, and of no other', () => {
    const natives = filesIn(find(target).archive).filter(({ path }) => /\.(?:node|so|dll|dylib)$/.test(path));
    expect(natives.filter(({ isUnpacked }) => !isUnpacked)).toEqual([]);
    const paths = natives.map(({ path }) => path);
    expect([...new Set(paths.map(engineOf).filter((kind) => kind !== null))].toSorted()).toEqual(
      [...target.engines].toSorted(),
    );
    expect(paths.filter((path) => path.includes('better-sqlite3'))).toEqual([
      `node_modules/better-sqlite3/prebuilds/${target.platform}-${target.arch}.node`,
    ]);
    for (const path of paths) {
      expect([path, existsSync(join(`${find(target).archive}.unpacked`, path))]).toEqual([path, true]);
    }
  });

  test('holds what the app runs on, and none of what it was made of', () => {
    const paths = filesIn(find(target).archive).map(({ path }) => path);
    expect(paths).toEqual(
      expect.arrayContaining([
        'package.json',
        'dist/electron/main.js',
        'dist/electron/preload.cjs',
        'dist/server/main.js',
        'dist/renderer/index.html',
        'dist/renderer/connect.mjs',
        'resources/catalogue.json',
        'resources/cloud-prices.json',
        'resources/update-source.json',
        'resources/icons/tray.png',
        'resources/icons/trayTemplate@2x.png',
        'resources/icons/png/256x256.png',
        'node_modules/better-sqlite3/LICENSE',
      ]),
    );
    const folders = new Set(paths.map((path) => path.split('/')[0] ?? ''));
    expect([...folders].toSorted()).toEqual(['dist', 'node_modules', 'package.json', 'resources']);
    const unwanted =
      /\.(?:tsx?|mts|cts|map|gguf|cpp|bundle)$|^node_modules\/(?:electron|vite|vitest|typescript|node-(?:linux|win)-x64)\//;
    expect(paths.filter((path) => unwanted.test(path))).toEqual([]);
    expect(readdirSync(join(find(target).resources, 'models'))).toEqual(['SmolLM2-135M-Instruct.Q4_1.gguf']);
  });

  test('has its fuses as they were decided, read back from the program', async () => {
    const wire = await fuses.getCurrentFuseWire(find(target).program);
    const on = Object.entries(fuses.FuseV1Options).filter(
      ([name, index]) => Number.isNaN(Number(name)) && wire[String(index)] === '1'.charCodeAt(0),
    );
    expect(on.map(([name]) => name).toSorted()).toEqual([
      'EnableCookieEncryption',
      'EnableEmbeddedAsarIntegrityValidation',
      'OnlyLoadAppFromAsar',
      'RunAsNode',
    ]);
  });

  test('knows its edition', () => {
    expect(manifestOf(find(target))).toMatchObject({ name: 'inglenook', inglenookEdition: 'standard' });
  });
});

test.each(windows)('the CUDA edition for $os has all of the other and CUDA besides', (target) => {
  const other = filesIn(find(target).archive).map(({ path }) => path);
  const paths = filesIn(find(target, 'cuda').archive).map(({ path }) => path);
  expect(other.filter((path) => !paths.includes(path))).toEqual([]);
  const more = paths.filter((path) => !other.includes(path));
  expect([...new Set(more.map((path) => path.split('/')[2] ?? ''))].toSorted()).toEqual(
    [...target.cuda].toSorted(),
  );
  expect(manifestOf(find(target, 'cuda'))).toMatchObject({ inglenookEdition: 'cuda' });
});

test('macOS is told why the app uses the local network, and which links are its own', () => {
  const mac = find(targets.find(({ os }) => os === 'mac') as Target);
  const info = plist.parse(readFileSync(join(mac.app, 'Contents', 'Info.plist'), 'utf8'));
  expect(info).toMatchObject({
    CFBundleIdentifier: 'example.inglenook.app',
    CFBundleIconFile: 'icon.icns',
    NSLocalNetworkUsageDescription: expect.stringContaining('your own network'),
    NSBonjourServices: ['_http._tcp'],
    CFBundleURLTypes: [expect.objectContaining({ CFBundleURLSchemes: ['inglenook'] })],
    ElectronAsarIntegrity: {
      'Resources/app.asar': { algorithm: 'SHA256', hash: expect.stringMatching(/^[0-9a-f]{64}$/) },
    },
  });
});

test.runIf(process.platform === 'linux' && process.arch === 'x64')(
  'the packed server, taken out of its archive, starts on Node alone and answers',
  async () => {
    const { resources, archive } = find(targets.find(({ os }) => os === 'linux') as Target);
    // As Electron shows it: a folder of the archive’s name, with the model beside it.
    const opened = join(scratch.path, 'opened', 'app.asar');
    asar.extractAll(archive, opened);
    cpSync(join(resources, 'models'), join(scratch.path, 'opened', 'models'), { recursive: true });
    const server = await startServer({
      command: [process.execPath, join(opened, 'dist', 'server', 'main.js')],
      environment: { INGLENOOK_OFFLINE: '1' },
    });
    expect(await firstAnswer(server.url, await server.cli('key', 'create', '--name', 'packed'))).toMatch(
      /\w/,
    );
    expect((await fetch(`${server.url}/console/`)).status).toBe(200);
    expect((await fetch(`${server.url}/connect.mjs`)).status).toBe(200);
    expect(await server.stop()).toBe(0);
  },
  120_000,
);

/** The engine’s kind that a file belongs to. */
function engineOf(path: string): string | null {
  return /^node_modules\/@node-llama-cpp\/([^/]+)\//.exec(path)?.[1] ?? null;
}

function manifestOf({ archive }: Packed): unknown {
  return JSON.parse(asar.extractFile(archive, 'package.json').toString('utf8'));
}
