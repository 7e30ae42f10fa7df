import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { expect, test, vi } from 'vitest';
import { startComposed, type ComposedServer } from '../../fakes/composed.ts';

// Each command is a process of its own.
vi.setConfig({ testTimeout: 60_000 });

type Created = { readonly key: string; readonly id: string };

async function createKey(server: ComposedServer, name: string): Promise<Created> {
  return (await server.admin('POST', '/keys', { name })) as Created;
}

/** Asks for a response and gives its id. */
async function respond(server: ComposedServer, key: string): Promise<string> {
  const response = await fetch(`${server.address}/v1/responses`, {
    method: 'POST',
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
    body: JSON.stringify({ model: 'fake-model', input: 'Hi' }),
  });
  return ((await response.json()) as { id: string }).id;
}

async function statusOf(server: ComposedServer, key: string, id: string): Promise<number> {
  const headers = { authorization: `Bearer ${key}` };
  return (await fetch(`${server.address}/v1/responses/${id}`, { headers })).status;
}

async function command(server: ComposedServer, ...words: string[]): Promise<string> {
  const child = spawn(process.execPath, ['scripts/inglenook.mjs', 'responses', ...words], {
    env: { ...process.env, INGLENOOK_DATA_DIR: server.dataDir },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let output = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (output += text));
  expect(await once(child, 'close')).toEqual([0, null]);
  return output;
}

test('the owner sees how many responses are stored, and forgets those of one key or all', async () => {
  const server = await startComposed();
  const [anna, ben] = [await createKey(server, 'anna'), await createKey(server, 'ben')];
  const ids = [await respond(server, anna.key), await respond(server, anna.key)];
  const bens = await respond(server, ben.key);
  expect(await server.admin('GET', '/responses')).toEqual(
    expect.arrayContaining([
      expect.objectContaining({ key: 'anna', keyId: anna.id, count: 2 }),
      expect.objectContaining({ key: 'ben', count: 1 }),
    ]),
  );
  expect(await server.admin('DELETE', '/keys/anna/responses')).toEqual({ forgotten: 2 });
  expect(await statusOf(server, anna.key, ids[0] ?? '')).toBe(404);
  expect(await statusOf(server, ben.key, bens)).toBe(200);
  expect(await server.admin('DELETE', '/responses')).toEqual({ forgotten: 1 });
  expect(await statusOf(server, ben.key, bens)).toBe(404);
  await expect(server.admin('DELETE', '/keys/nobody/responses')).rejects.toThrow(/404/);
});

test('the command line does the same', async () => {
  const server = await startComposed();
  const [anna, ben] = [await createKey(server, 'anna'), await createKey(server, 'ben')];
  await respond(server, anna.key);
  await respond(server, ben.key);
  expect(await command(server, 'list')).toMatch(/^KEY +RESPONSES +SIZE +OLDEST\nanna +1 /m);
  expect(await command(server, 'forget', '--key', 'anna')).toBe('1 stored response forgotten.\n');
  expect(JSON.parse(await command(server, 'forget', '--json'))).toEqual({ forgotten: 1 });
  expect(await command(server, 'list')).toBe('There are no stored responses.\n');
});

test('the owner decides for how long, or that nothing is stored', async () => {
  const server = await startComposed();
  const { key } = await createKey(server, 'anna');
  const id = await respond(server, key);
  await server.admin('PUT', '/settings/responses.keepHours', { value: 0 });
  expect(await statusOf(server, key, id)).toBe(404);
  expect(await statusOf(server, key, await respond(server, key))).toBe(404);
  await expect(server.admin('PUT', '/settings/responses.keepHours', { value: 1000 })).rejects.toThrow(/400/);
  expect(await server.admin('GET', '/settings/responses.keepHours')).toMatchObject({ value: 0 });
});
