import { readFileSync } from 'node:fs';
import { stripTypeScriptTypes } from 'node:module';
import { join } from 'node:path';
import { runInNewContext } from 'node:vm';
import { expect, test } from 'vitest';
import { channels, type AppBridge, type ChannelName } from '../../../electron/shared/channels.ts';

const source = readFileSync(join(import.meta.dirname, '..', '..', '..', 'electron', 'preload.cts'), 'utf8');
/** What the compiler makes of it: the types go and nothing else changes. */
const script = stripTypeScriptTypes(source);

type Exposed = { readonly name: string; readonly bridge: AppBridge; readonly asked: unknown[][] };

/** Runs it as Electron does: a CommonJS script that can require Electron alone. */
function run(): Exposed {
  const exposed: [string, AppBridge][] = [];
  const asked: unknown[][] = [];
  const electron = {
    contextBridge: { exposeInMainWorld: (key: string, api: AppBridge) => exposed.push([key, api]) },
    ipcRenderer: {
      invoke: async (...args: unknown[]) => {
        asked.push(args);
        return 'the answer';
      },
    },
  };
  const require = (name: string): unknown => {
    if (name !== 'electron') throw new Error(`module not found: ${name}`);
    return electron;
  };
  runInNewContext(script, { require });
  const [only] = exposed;
  if (only === undefined || exposed.length !== 1) throw new Error('One thing is exposed.');
  return { name: only[0], bridge: only[1], asked };
}

test('it requires Electron alone, has no ESM syntax left, and shows the page named functions only', () => {
  expect(script).not.toMatch(/^\s*(?:import|export)\b/mu);
  const { name, bridge } = run();
  expect(name).toBe('inglenook');
  expect(Object.entries(bridge).map(([key, value]) => [key, typeof value])).toEqual([
    ['info', 'function'],
    ['preferences', 'function'],
    ['setPreferences', 'function'],
    ['pickPath', 'function'],
    ['open', 'function'],
    ['restartServer', 'function'],
  ]);
});

test('each function asks its own channel, and nothing beyond its arguments gets through', async () => {
  const { bridge, asked } = run();
  const call = (name: keyof AppBridge, ...args: unknown[]) =>
    (bridge[name] as (...given: unknown[]) => Promise<unknown>)(...args, 'more', 'and more');
  expect(await call('info')).toBe('the answer');
  await call('preferences');
  await call('setPreferences', { keepAwake: true });
  await call('pickPath', 'folder');
  await call('open', 'logs');
  await call('restartServer');
  expect(asked).toEqual([
    ['shell:info'],
    ['shell:get-preferences'],
    ['shell:set-preferences', { keepAwake: true }],
    ['shell:pick-path', 'folder'],
    ['shell:open', 'logs'],
    ['shell:restart-server'],
  ]);
  const known = Object.keys(channels) as ChannelName[];
  expect(new Set(asked.map(([channel]) => channel))).toEqual(new Set(known));
});
