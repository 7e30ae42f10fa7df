import { readFileSync } from 'node:fs';
import { createRequire, stripTypeScriptTypes } from 'node:module';
import { join } from 'node:path';
import { runInNewContext } from 'node:vm';
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

test('the installers hold what the app needs, and nothing of another computer', () => {
  expect(config).toMatchObject({
    npmRebuild: false,
    files: expect.arrayContaining(['dist/**', 'node_modules/@node-llama-cpp/${os}-${arch}*/bins/**/*']),
    asarUnpack: expect.arrayContaining(['node_modules/@node-llama-cpp/*']),
    extraResources: [{ from: 'resources/models', to: 'models', filter: ['*.gguf'] }],
    mac: {
      extendInfo: { NSLocalNetworkUsageDescription: expect.any(String), NSBonjourServices: ['_http._tcp'] },
    },
  });
  // A platform's own `files` of negations alone would pack the whole project folder.
  for (const platform of ['mac', 'win', 'linux']) expect(config[platform]).not.toHaveProperty('files');
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

test('the preload requires Electron alone and shows the page no more than where it runs', () => {
  const exposed: [string, unknown][] = [];
  const sandboxedRequire = (name: string): unknown => {
    if (name !== 'electron') throw new Error(`module not found: ${name}`);
    return { contextBridge: { exposeInMainWorld: (key: string, api: unknown) => exposed.push([key, api]) } };
  };
  const script = stripTypeScriptTypes(read('electron', 'preload.cts'));
  runInNewContext(script, { require: sandboxedRequire, process: { platform: 'linux' } });
  expect(exposed).toEqual([['inglenook', { isApp: true, platform: 'linux' }]]);
});
