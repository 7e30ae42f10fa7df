import { expect, it } from 'vitest';
import type { LedgerState as LogState } from '../../../server/record/settle.ts';
import type { WireLogRow } from '../../../server/wire/admin.ts';
import type { UsageAnswer } from '../../../server/wire/usage.ts';
import { canBeShortOf, startShortOf, type Shortage, type SmallDiskServer } from '../../fakes/small-disk.ts';

for (const shortage of ['pages', 'disk'] as const) {
  // `pages` always runs.
  it.skipIf(!canBeShortOf(shortage))(
    `room (${shortage}) that ends in the middle of writing loses no finished row, and the owner is told until it is over`,
    { timeout: 60_000 },
    () => endTheRoom(shortage),
  );
}

async function endTheRoom(shortage: Shortage): Promise<void> {
  const server = await startShortOf(shortage);
  const { key } = (await admin(server, '/keys', { name: 'usual' })) as { readonly key: string };
  const ids: string[] = [];
  const askMany = async (count: number): Promise<void> => {
    for (let done = 0; done < count; done += 10) {
      ids.push(...(await Promise.all(Array.from({ length: 10 }, (_, at) => ask(server, key, at % 2 === 0)))));
    }
  };
  await askMany(20);
  expect(await logState(server)).toMatchObject({ unwritten: 0, problem: null });

  await server.fill();
  // What the files still have room for is used up first; from then on rows wait in memory.
  while ((await logState(server)).problem === null && ids.length < 20_000) await askMany(50);
  await askMany(200);
  const log = await logState(server);
  expect(log).toMatchObject({ lost: 0, problem: expect.stringContaining('disk is full') });
  expect(log.unwritten).toBeGreaterThanOrEqual(200);
  expect(Date.parse(log.since ?? '')).toBeLessThanOrEqual(Date.now());
  // The rows there are can be read all the same.
  expect(((await admin(server, '/log?limit=10')) as WireLogRow[]).length).toBe(10);

  await server.free();
  await askMany(10);
  expect(await logState(server)).toMatchObject({ unwritten: 0, lost: 0, problem: null, since: null });
  const rows = (await admin(server, '/requests/export?format=json')) as WireLogRow[];
  expect(rows.map(({ id }) => id).toSorted()).toEqual(ids.toSorted());
  expect(rows.every((row) => row.status === 'ok')).toBe(true);
  const usage = (await admin(server, '/usage?by=person,model')) as UsageAnswer;
  expect(usage.rows.map(({ requests }) => requests)).toEqual([ids.length]);
}

/** @returns the id of its row */
async function ask({ address }: SmallDiskServer, key: string, stream: boolean): Promise<string> {
  const response = await fetch(`${address}/v1/chat/completions`, {
    method: 'POST',
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
    body: JSON.stringify({ model: 'fake-model', stream, messages: [{ role: 'user', content: 'Hi' }] }),
  });
  const text = await response.text();
  expect([response.status, text]).toEqual([200, expect.stringContaining('fake')]);
  if (stream) expect(text).toContain('data: [DONE]');
  return response.headers.get('x-request-id') ?? '';
}

async function admin({ address, token }: SmallDiskServer, path: string, body?: object): Promise<unknown> {
  const response = await fetch(`${address}/api${path}`, {
    method: body === undefined ? 'GET' : 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  expect([path, response.status, text]).toEqual([path, body === undefined ? 200 : 201, text]);
  return JSON.parse(text);
}

async function logState(server: SmallDiskServer): Promise<LogState> {
  const { log } = (await admin(server, '/status')) as { readonly log: LogState };
  return log;
}
