import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { expect, it, vi } from 'vitest';
import { startComposed, type ComposedServer } from '../../fakes/composed.ts';

// Each command is a process of its own.
vi.setConfig({ testTimeout: 60_000 });

async function cli({ dataDir }: ComposedServer, ...words: string[]): Promise<string> {
  const child = spawn(process.execPath, ['scripts/inglenook.mjs', ...words], {
    env: { ...process.env, INGLENOOK_DATA_DIR: dataDir },
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (output += String(chunk)));
  const [code] = (await once(child, 'close')) as [number];
  return `${code} ${output}`;
}

it('the owner rules the cache from the command line', async () => {
  const server = await startComposed();
  expect(await cli(server, 'settings', 'set', 'cache.enabled', 'true')).toBe('0 true\n');
  expect(await cli(server, 'settings', 'set', 'cache.maxAgeMinutes', '0')).toMatch(/^1 .*1 to 43200/);
  expect(await cli(server, 'key', 'create', '--name', 'a', '--no-cache')).toMatch(/^0 sk-ink_/);
  expect(await cli(server, 'key', 'show', 'a')).toMatch(/Response cache +no\n/);
  expect(await cli(server, 'key', 'update', 'a', '--cache')).toMatch(/Response cache +while it is on\n/);
  expect(await cli(server, 'cache', 'show')).toMatch(/Response cache +on\nKept +0 answers, 0\.0 of 64 MB\n/);
  const [, json] = (await cli(server, 'cache', 'clear', '--json')).split(/^0 /);
  expect(JSON.parse(json ?? '')).toMatchObject({ enabled: true, answers: 0, shareAnswers: false });
});
