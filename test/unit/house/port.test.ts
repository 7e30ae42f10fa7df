import { createServer, type AddressInfo } from 'node:net';
import { expect, it } from 'vitest';
import { startComposed, type ComposedServer } from '../../fakes/composed.ts';
import { createManualTime } from '../../fakes/manual-time.ts';

/** One that nobody has now. */
async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => void server.close(resolve));
  return port;
}

const answers = (port: number): Promise<boolean> =>
  fetch(`http://127.0.0.1:${port}/healthz`).then(
    ({ ok }) => ok,
    () => false,
  );

/** As where nobody has named a port, but with the usual one left to others. */
function startOn(usual: number, options: Parameters<typeof startComposed>[0] = {}): Promise<ComposedServer> {
  return startComposed({ ...options, usualPort: usual });
}

it('tries another port beside the one there is, and takes it back after a minute by itself', async () => {
  const time = createManualTime(Date.now());
  const server = await startOn(await freePort(), { timers: time.timers });
  const other = await freePort();
  expect(await server.admin('POST', '/port', { port: other })).toMatchObject({ also: other });
  expect([await answers(server.port), await answers(other)]).toEqual([true, true]);
  time.advance(60_000);
  await expect.poll(() => answers(other)).toBe(false);
  expect(await answers(server.port)).toBe(true);
  expect(await server.admin('GET', '/port')).toMatchObject({ next: server.port, also: null });
});

it('keeps it: both answer until the next start, and then the new one alone', async () => {
  const usual = await freePort();
  const server = await startOn(usual);
  const other = await freePort();
  await server.admin('POST', '/port', { port: other });
  await server.admin('POST', '/trials/port/keep');
  expect([await answers(usual), await answers(other)]).toEqual([true, true]);
  expect(await server.admin('GET', '/port')).toMatchObject({ port: usual, next: other, also: other });
  await server.stop(0);
  const next = await startOn(usual, { dataDir: server.dataDir });
  expect(next.port).toBe(other);
  expect(await answers(usual)).toBe(false);
});

it('refuses a port that somebody else has, and any where one was given from outside', async () => {
  const server = await startOn(await freePort());
  const taken = createServer((socket) => void socket.destroy());
  await new Promise<void>((resolve) => void taken.listen(0, '127.0.0.1', resolve));
  const { port } = taken.address() as AddressInfo;
  await expect(server.admin('POST', '/port', { port })).rejects.toThrow(/409 .*in use/);
  expect(await server.admin('GET', '/trials')).toEqual([]);
  await new Promise((resolve) => void taken.close(resolve));
  const given = await startComposed();
  await expect(given.admin('POST', '/port', { port })).rejects.toThrow(/409 .*INGLENOOK_PORT/);
});
