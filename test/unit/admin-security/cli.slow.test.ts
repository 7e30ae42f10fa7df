import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { expect, it, vi } from 'vitest';
import { codeAt } from './app-codes.ts';
import { password, refused, startHouse, type House } from './house.ts';

// Each command is a process of its own.
vi.setConfig({ testTimeout: 60_000 });

async function cli({ dataDir }: House, ...words: string[]): Promise<string> {
  const child = spawn(process.execPath, ['scripts/inglenook.mjs', ...words], {
    env: { ...process.env, INGLENOOK_DATA_DIR: dataDir },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (output += String(chunk)));
  const [code] = (await once(child, 'close')) as [number];
  return `${code} ${output}`;
}

it('an owner who is locked out comes back in by the command line', async () => {
  const house = await startHouse();
  const headers = await house.signUp();
  const begun = await house.send('POST', '/api/totp', { headers, body: { currentPassword: password } });
  const code = codeAt((begun.json as { secret: string }).secret, Date.now());
  expect((await house.send('POST', '/api/totp/confirm', { headers, body: { code } })).status).toBe(200);
  const signIn = () => house.send('POST', '/api/session', { body: { password } });
  expect(refused(await signIn())).toEqual([401, 'code_needed']);
  expect(await cli(house, 'owner', 'sessions')).toMatch(/^0 SESSION .*\nses_[0-9a-f]{16} .*127\.0\.0\.1/);
  expect(await cli(house, 'owner', 'reset-totp')).toMatch(
    /^0 The second step is off: signing in needs the password alone/,
  );
  expect((await signIn()).status).toBe(200);
  expect(await cli(house, 'owner', 'reset-totp', '--json')).toMatch(/^0 \{\s+"was": "off"/);
  expect(await cli(house, 'owner', 'end-sessions')).toMatch(/^0 0 browsers were signed out/);
  expect(await cli(house, 'owner', 'set-password')).toMatch(/^2 .*nobody is here to type it/);
});

it('a token for a script elsewhere is made, listed and revoked, and the audit tells whose act it was', async () => {
  const house = await startHouse();
  const [, token = ''] =
    /^0 (adm-ink_\w+)\n$/.exec(
      await cli(house, 'admin-token', 'create', '--name', 'deploy', '--expires', '90d'),
    ) ?? [];
  const headers = { authorization: `Bearer ${token}` };
  expect((await house.send('POST', '/api/keys', { headers, body: { name: 'by-deploy' } })).status).toBe(201);
  expect(await cli(house, 'admin-token', 'list')).toMatch(
    /^0 NAME +STATUS.*\ndeploy +active .*127\.0\.0\.1 +adm-ink_…\w{4}\n$/,
  );
  expect(await cli(house, 'audit', 'list', '--act', 'key.create')).toMatch(/owner \(token deploy\)/);
  expect(await cli(house, 'admin-token', 'create', '--name', 'b', '--expires', '400d')).toMatch(
    /^1 .*365 days at most/,
  );
  expect(await cli(house, 'admin-token', 'create', '--name', 'b')).toMatch(/^2 .*--expires is missing/);
  expect(await cli(house, 'admin-token', 'revoke', 'deploy')).toBe('0 deploy is revoked.\n');
  expect((await house.send('GET', '/api/keys', { headers })).status).toBe(401);
});
