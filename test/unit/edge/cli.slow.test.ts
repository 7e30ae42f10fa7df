import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { expect, it, vi } from 'vitest';
import { startComposed, type ComposedServer } from '../../fakes/composed.ts';

// Each command is a process of its own.
vi.setConfig({ testTimeout: 60_000 });

async function cli({ dataDir }: ComposedServer, ...words: string[]): Promise<string> {
  const child = spawn(process.execPath, ['scripts/inglenook.mjs', ...words], {
    env: { ...process.env, INGLENOOK_DATA_DIR: dataDir, TZ: 'UTC' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (output += String(chunk)));
  const [code] = (await once(child, 'close')) as [number];
  return `${code} ${output}`;
}

async function showWrongKeys(server: ComposedServer, count: number, from: string): Promise<number> {
  let status = 0;
  for (let index = 0; index < count; index += 1) {
    const headers = { 'x-api-key': `sk-ink_${'a'.repeat(38)}`, 'x-forwarded-for': from };
    status = (await fetch(`${server.address}/v1/models`, { headers })).status;
  }
  return status;
}

it('shows the rules, lists who is blocked, and lifts a block of an address or of a network', async () => {
  const server = await startComposed();
  expect(await cli(server, 'edge')).toMatch(
    /^0 let in +everybody\ntrusted proxies +none\n[^]*Nobody is blocked/,
  );
  expect(await cli(server, 'edge', 'blocks', '--json')).toBe('0 []\n');
  expect(await cli(server, 'settings', 'set', 'edge.trustedProxies', '127.0.0.1')).toMatch(/^0 /);
  expect(await cli(server, 'settings', 'set', 'edge.allow', '300.1.1.1')).toMatch(/192\.168\.1\.0\/24\.\n?$/);
  expect(await cli(server, 'settings', 'set', 'edge.allow', '192.168.1.0/24,2001:db8::/32')).toMatch(/^0 /);
  for (const from of ['192.168.1.5', '2001:db8:1:2::7']) {
    expect(await showWrongKeys(server, 31, from)).toBe(429);
  }
  const shown = await cli(server, 'edge');
  expect(shown).toMatch(/^0 let in +192\.168\.1\.0\/24, 2001:db8::\/32\ntrusted proxies +127\.0\.0\.1\n/);
  expect(shown).toMatch(/ 2 blocked, /);
  expect(shown).toMatch(/^192\.168\.1\.5 +30 wrong API keys +\d{4}-\d\d-\d\d /m);
  expect(await cli(server, 'edge', 'blocks')).toMatch(
    /^0 BLOCKED .*\n2001:db8:1:2::\/64 +30 wrong API keys .* +1\n192\.168\.1\.5 /,
  );
  expect(await cli(server, 'edge', 'lift', '192.168.1.5')).toBe('0 192.168.1.5 may come in again.\n');
  expect(await cli(server, 'edge', 'lift', '2001:db8:1:2::/64', '--json')).toBe(
    '0 {\n  "lifted": "2001:db8:1:2::/64"\n}\n',
  );
  expect(await showWrongKeys(server, 1, '192.168.1.5')).toBe(401);
  expect(await cli(server, 'edge', 'lift', '192.168.1.5')).toMatch(/^1 .*is not blocked/);
  expect(await cli(server, 'edge', 'lift')).toMatch(/^2 /);
  expect(await cli(server, 'edge', 'lower')).toMatch(/^2 /);
});
