import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { Ajv } from 'ajv';
import { expect, test } from 'vitest';

const root = join(import.meta.dirname, '..', '..', '..');
const read = (...path: string[]): string => readFileSync(join(root, ...path), 'utf8');

/** electron-builder's own reader of its own file, and its own schema. */
const fromBuilder = createRequire(createRequire(import.meta.url).resolve('electron-builder'));
const { load } = fromBuilder('js-yaml') as { readonly load: (text: string) => Record<string, unknown> };
const config = load(read('electron-builder.yml'));

test('electron-builder.yml fits electron-builder’s schema', () => {
  const schema = fromBuilder('app-builder-lib/scheme.json') as object;
  const validate = new Ajv({ strict: false, allErrors: true }).compile(schema);
  expect([validate(config), validate.errors]).toEqual([true, null]);
  expect(validate({ ...config, npmRebuilt: false })).toBe(false);
});

test('nothing is built anew, every system has its installers, and one pattern chooses the edition', () => {
  expect(config).toMatchObject({
    npmRebuild: false,
    files: expect.arrayContaining([
      'node_modules/@node-llama-cpp/${os}-${arch}-${env.INGLENOOK_EDITION}*/**',
    ]),
    asarUnpack: ['node_modules/@node-llama-cpp/*'],
    extraResources: [{ from: 'resources/models', to: 'models', filter: ['*.gguf'] }],
    protocols: { schemes: ['inglenook'] },
    win: { target: ['nsis'] },
    nsis: { oneClick: false, perMachine: true },
    mac: {
      target: ['dmg', 'zip'],
      extendInfo: { NSLocalNetworkUsageDescription: expect.any(String), NSBonjourServices: ['_http._tcp'] },
    },
    linux: { target: ['deb', 'AppImage'] },
  });
  // A platform's own `files` of negations alone would pack the whole project folder.
  for (const platform of ['mac', 'win', 'linux']) expect(config[platform]).not.toHaveProperty('files');
});

test('every file that the configuration names is there', () => {
  const at = (block: string, name: string): string => {
    const value = (config[block] as Record<string, string | string[]>)[name];
    return (typeof value === 'string' ? value : (value?.[0] ?? '')).split('=')[0] ?? '';
  };
  const icons = ['linux', 'win', 'mac'].map((system) => at(system, 'icon'));
  const paths = [...icons, at('nsis', 'include'), at('mac', 'entitlements'), at('deb', 'fpm')];
  expect(paths.filter((path) => path === '')).toEqual([]);
  expect(paths.filter((path) => !existsSync(join(root, path)))).toEqual([]);
});

test('the icons are what their names say', () => {
  const bytes = (...path: string[]): Buffer => readFileSync(join(root, 'resources', 'icons', ...path));
  for (const side of [16, 24, 32, 48, 64, 128, 256, 512]) {
    const image = bytes('png', `${side}x${side}.png`);
    expect([image.readUInt32BE(16), image.readUInt32BE(20)]).toEqual([side, side]);
  }
  expect(bytes('icon.icns').readUInt32BE(4)).toBe(bytes('icon.icns').length);
  for (const name of ['icon.ico', 'tray.ico']) {
    const icon = bytes(name);
    for (let index = 0; index < icon.readUInt16LE(4); index += 1) {
      const entry = 6 + 16 * index;
      const image = icon.subarray(icon.readUInt32LE(entry + 12)).subarray(0, icon.readUInt32LE(entry + 8));
      expect([image.toString('latin1', 1, 4), image.readUInt32BE(16)]).toEqual([
        'PNG',
        icon.readUInt8(entry) || 256,
      ]);
    }
  }
});

test('the Windows installer opens the firewall for the local subnet, closes it again, and never gives up over it', () => {
  const script = read('resources', 'installer.nsh');
  const lines = script.split('\n').map((line) => line.replace(/^\s*;.*/u, ''));
  const rules = lines.filter((line) => line.includes('add rule'));
  expect(rules.map((line) => /protocol=\S+(?: localport=\d+)?/u.exec(line)?.[0])).toEqual([
    'protocol=TCP',
    'protocol=UDP localport=5353',
  ]);
  for (const rule of rules) {
    expect(rule).toMatch(/dir=in action=allow .*profile=any .*remoteip=localsubnet program="\$INSTDIR/u);
  }
  const names = (word: string): unknown[] =>
    lines.flatMap((line) => (line.includes(word) ? [/name="([^"]+)"/u.exec(line)?.[1]] : []));
  expect(names('delete rule')).toEqual(names('add rule'));
  expect(script).toMatch(/!macro customUnInstall\n[^!]*!insertmacro inglenookForgetRules/u);
  expect(lines.filter((line) => /\b(?:Abort|Quit|SetErrors)\b/u.test(line))).toEqual([]);
});

test('the fuses are closed but the one the engine’s process needs', () => {
  expect(config['electronFuses']).toEqual({
    runAsNode: true,
    enableCookieEncryption: true,
    enableNodeOptionsEnvironmentVariable: false,
    enableNodeCliInspectArguments: false,
    enableEmbeddedAsarIntegrityValidation: true,
    onlyLoadAppFromAsar: true,
    loadBrowserProcessSpecificV8Snapshot: false,
    grantFileProtocolExtraPrivileges: false,
  });
});
