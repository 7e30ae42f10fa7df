import { expect, it } from 'vitest';
import { createOwnUsage } from '../../../server/http/me-usage.ts';
import { openReader, type Reader } from '../../../server/store/threads/reader.ts';
import { startLimited, usual } from '../http/limited.ts';

const readUsage = (reader: Reader, before: () => void): Pick<Reader, 'read'> => ({
  read: (name, ...ask) => {
    before();
    return reader.read(name, ...ask);
  },
});

it('reads the sums once for all who ask within two seconds, and again after that', async () => {
  const server = await startLimited({});
  const reader = openReader(server.store);
  let reads = 0;
  const counted = readUsage(reader, () => {
    reads += 1;
  });
  const usageOf = createOwnUsage(counted, server.time.clock);
  const requests = async (): Promise<number> => (await usageOf(server.id, 'UTC')).today.requests;
  await server.ask(usual);
  server.ledger.catchUp();
  expect(await Promise.all([requests(), requests(), requests()])).toEqual([1, 1, 1]);
  expect(reads).toBe(2);
  await server.ask(usual);
  server.ledger.catchUp();
  expect(await requests()).toBe(1);
  server.time.advance(2_000);
  expect(await requests()).toBe(2);
  expect(reads).toBe(4);
});

it('asks again after a failure, which is told to whoever waits', async () => {
  const server = await startLimited({});
  const reader = openReader(server.store);
  let isBroken = true;
  const breaking = readUsage(reader, () => {
    if (isBroken) throw new Error('no thread');
  });
  const usageOf = createOwnUsage(breaking, server.time.clock);
  await expect(usageOf(server.id, 'UTC')).rejects.toThrow('no thread');
  isBroken = false;
  expect((await usageOf(server.id, 'UTC')).month.requests).toBe(0);
});

it('begins months where the zone does, also across a change of its clocks', async () => {
  const server = await startLimited({});
  const usageOf = createOwnUsage(openReader(server.store), server.time.clock);
  // 22 November: Berlin has changed its clocks since the month before.
  const { today, month } = await usageOf(server.id, 'Europe/Berlin');
  expect([today.from, month.from]).toEqual(['2026-11-21T23:00:00.000Z', '2026-10-31T23:00:00.000Z']);
  expect((await usageOf('key_nobody', 'Asia/Kolkata')).month.from).toBe('2026-10-31T18:30:00.000Z');
});
