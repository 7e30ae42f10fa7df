import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { expect, it, vi } from 'vitest';
import { ownerState } from '../../../server/wire/owner.ts';
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

it('the owner takes the computer back and gives it to the office from the command line', async () => {
  const server = await startComposed({ inhibitor: null });
  expect(await cli(server, 'gpu', 'release', '--for', '1h')).toMatch(
    /^0 The models of this computer answer nobody, until \d{4}-\d\d-\d\d /,
  );
  expect(await cli(server, 'status')).toMatch(/GPU +The models of this computer answer nobody, until/);
  const [, json] = (await cli(server, 'pause', '--now', '--json')).split(/^0 /);
  const { all, gpu } = ownerState.parse(JSON.parse(json ?? '')).pauses;
  expect([all?.until, all?.since === all?.drainUntil, gpu === null]).toEqual([null, true, false]);
  expect(await cli(server, 'resume')).toMatch(
    /^0 The server answers\.\nThe models of this computer answer nobody, until/,
  );
  expect(await cli(server, 'gpu', 'back')).toBe('0 The models of this computer answer.\n');
  expect(await cli(server, 'gpu', 'release', '--for', 'ever')).toMatch(/^2 .*--for takes a span/);
  expect(await cli(server, 'gpu', 'release', '--for', '30d')).toMatch(/^1 /);
  expect(await cli(server, 'gpu', 'release', '--now', '--drain', '5s')).toMatch(/^2 .*exclude each other/);
  expect(await cli(server, 'gpu', 'list', '--language', 'de')).toMatch(
    /^0 Modelle rechnen auf dem Prozessor: Es wurde keine nutzbare Grafikkarte gefunden\.\n/,
  );
  expect(await cli(server, 'settings', 'set', 'hours.week', 'mo-fr 8:00-18:00')).toBe(
    '0 Mon-Fri 08:00-18:00\n',
  );
  expect(await cli(server, 'settings', 'set', 'hours.week', 'Mon 8-18')).toMatch(/^1 .*“8-18” is not one/);
});
