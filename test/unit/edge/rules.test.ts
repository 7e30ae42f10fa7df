import { describe, expect, it } from 'vitest';
import { systemTimers } from '../../../server/core/clock.ts';
import { setEdgeSettings } from '../../../server/store/edge-settings.ts';
import { createManualTime } from '../../fakes/manual-time.ts';
import { gate, startTestServer, type TestServer } from '../http/harness.ts';
import { openSocket, otherComputers, say, statusOf, whole } from './sockets.ts';

const wrongKey = `sk-ink_${'a'.repeat(38)}`;
const portOf = (server: TestServer): number => Number(new URL(server.url).port);

/** The clock is the test's, the timers are real. */
async function start(engine: Parameters<typeof startTestServer>[0] = {}) {
  const time = createManualTime();
  const others = otherComputers();
  const server = await startTestServer(engine, { clock: time.clock, timers: systemTimers }, others.front);
  const ask = (key: string, path = '/v1/models') =>
    say(
      portOf(server),
      `GET ${path} HTTP/1.1`,
      'Host: localhost',
      `Authorization: Bearer ${key}`,
      'Connection: close',
      '',
      '',
    );
  const statuses = async (count: number, key = server.key) => {
    const found: (number | null)[] = [];
    for (let index = 0; index < count; index += 1) found.push(statusOf(await ask(key)));
    return found;
  };
  return { time, others, server, ask, statuses };
}

const errorOf = (answer: string): unknown => JSON.parse(answer.slice(answer.indexOf('\r\n\r\n') + 4));

describe('the allow-list', () => {
  it('refuses in the client’s own language, and says who can change it', async () => {
    const { others, server, ask } = await start();
    setEdgeSettings(server.store, { allow: ['10.0.0.0/8', '2001:db8::/32'] });
    others.come('192.168.1.5');
    const refused = await ask(server.key);
    expect(statusOf(refused)).toBe(403);
    expect(errorOf(refused)).toMatchObject({
      error: { code: 'ip_not_allowed', message: expect.stringContaining('edge.allow') },
    });
    expect(errorOf(await ask(server.key, '/v1/messages'))).toMatchObject({ type: 'error' });
    others.come('10.1.2.3');
    expect(statusOf(await ask(server.key))).toBe(200);
    others.come('2001:db8::9');
    expect(statusOf(await ask(server.key))).toBe(200);
    others.come('2001:db9::9');
    expect(statusOf(await ask(server.key))).toBe(403);
    expect(server.edge.state().refused.notAllowed).toBe(3);
  });

  it('this computer is always in; but not what an unknown proxy on it passes on', async () => {
    const { server } = await start();
    setEdgeSettings(server.store, { allow: ['10.0.0.5'] });
    const status = async (headers: Record<string, string>) =>
      (
        await fetch(`${server.url}/v1/models`, {
          headers: { authorization: `Bearer ${server.key}`, ...headers },
        })
      ).status;
    expect(await status({})).toBe(200);
    expect(await status({ 'x-forwarded-for': '10.0.0.5' })).toBe(403);
    setEdgeSettings(server.store, { trustedProxies: ['127.0.0.1'] });
    expect(await status({ 'x-forwarded-for': '10.0.0.5' })).toBe(200);
    expect(await status({ 'x-forwarded-for': '10.0.0.6' })).toBe(403);
    expect(await status({ 'x-forwarded-for': '127.0.0.1' })).toBe(403);
  });

  it('nothing of the body of who is refused is waited for', async () => {
    const { others, server } = await start();
    setEdgeSettings(server.store, { allow: ['10.0.0.5'] });
    others.come('192.168.1.5');
    const socket = await openSocket(portOf(server));
    const answer = whole(socket);
    socket.write(
      `POST /v1/chat/completions HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Length: 9000000\r\n\r\n{`,
    );
    expect(statusOf(await answer)).toBe(403);
  });
});

describe('requests of one address', () => {
  it('more than a sixth of the minute’s at once are 429 with a time; others and this computer go on', async () => {
    const { time, others, server, ask, statuses } = await start();
    setEdgeSettings(server.store, { requestsPerMinute: 60 });
    others.come('192.168.1.5');
    expect(await statuses(12)).toEqual([...Array.from({ length: 10 }, () => 200), 429, 429]);
    expect(await ask(server.key)).toMatch(/^retry-after: 1\r$/im);
    time.advance(1_000);
    expect(await statuses(2)).toEqual([200, 429]);
    others.come('192.168.1.6');
    expect(await statuses(1)).toEqual([200]);
    others.home();
    expect(await statuses(20)).not.toContain(429);
    setEdgeSettings(server.store, { requestsPerMinute: null });
    others.come('192.168.1.5');
    expect(await statuses(20)).not.toContain(429);
  });

  it('what stands at the proxy counts by whom it comes from', async () => {
    const { server } = await start();
    setEdgeSettings(server.store, { requestsPerMinute: 60, trustedProxies: ['127.0.0.1'] });
    const status = async (from: string) =>
      (await fetch(`${server.url}/healthz`, { headers: { 'x-forwarded-for': from } })).status;
    for (let index = 0; index < 10; index += 1) expect(await status('192.168.1.5')).toBe(200);
    expect(await status('192.168.1.5')).toBe(429);
    expect(await status('192.168.1.6')).toBe(200);
  });
});

it('answers to one address run at the same time only up to the limit; each that ends makes room', async () => {
  const held = gate();
  const { others, server, ask } = await start({
    beforePart: (index) => (index === 1 ? held.opened : undefined),
  });
  setEdgeSettings(server.store, { streamsPerAddress: 2 });
  others.come('192.168.1.5');
  const body = JSON.stringify({ model: 'fake-model', messages: [{ role: 'user', content: 'Hi' }] });
  const chat = () =>
    say(
      portOf(server),
      'POST /v1/chat/completions HTTP/1.1',
      'Host: localhost',
      `Authorization: Bearer ${server.key}`,
      'Content-Type: application/json',
      `Content-Length: ${body.length}`,
      'Connection: close',
      '',
      body,
    );
  const running = [chat(), chat()];
  await expect.poll(() => server.engine.seen.active).toBe(2);
  const refused = await ask(server.key);
  expect(statusOf(refused)).toBe(429);
  expect(errorOf(refused)).toMatchObject({
    error: { message: expect.stringContaining('edge.streamsPerAddress') },
  });
  others.come('192.168.1.6');
  expect(statusOf(await ask(server.key))).toBe(200);
  others.come('192.168.1.5');
  held.open();
  expect((await Promise.all(running)).map(statusOf)).toEqual([200, 200]);
  await expect.poll(async () => statusOf(await ask(server.key))).toBe(200);
});

describe('who shows wrong keys', () => {
  it('is left outside after thirty within a minute, with a valid key as well, and let in again', async () => {
    const { time, others, server, ask, statuses } = await start();
    others.come('192.168.1.5');
    expect(new Set(await statuses(30, wrongKey))).toEqual(new Set([401]));
    const refused = await ask(server.key);
    expect(statusOf(refused)).toBe(429);
    expect(refused).toMatch(/^retry-after: 60\r$/im);
    expect(errorOf(refused)).toMatchObject({ error: { code: 'address_blocked' } });
    others.come('192.168.1.6');
    expect(await statuses(1)).toEqual([200]);
    others.come('192.168.1.5');
    time.advance(60_000);
    expect(await statuses(1)).toEqual([200]);
    expect(new Set(await statuses(30, wrongKey))).toEqual(new Set([401]));
    expect(server.edge.state().blocks).toMatchObject([{ address: '192.168.1.5', reason: 'keys', times: 2 }]);
    expect(server.edge.lift('192.168.1.5')).toBe(true);
    expect(await statuses(1)).toEqual([200]);
  });

  it('is not who shows none at all, or whom the owner does not want blocked', async () => {
    const { others, server, statuses } = await start();
    others.come('192.168.1.5');
    for (let index = 0; index < 40; index += 1) {
      expect(
        statusOf(
          await say(
            portOf(server),
            'GET /v1/models HTTP/1.1',
            'Host: localhost',
            'Connection: close',
            '',
            '',
          ),
        ),
      ).toBe(401);
    }
    expect(await statuses(1)).toEqual([200]);
    setEdgeSettings(server.store, { blockGuessers: false });
    await statuses(40, wrongKey);
    expect(await statuses(1)).toEqual([200]);
  });

  it('on this computer is told to wait and listed; valid keys, console and health go on', async () => {
    const { time, server, ask, statuses } = await start();
    expect(new Set(await statuses(30, wrongKey))).toEqual(new Set([401]));
    const again = await ask(wrongKey);
    expect(statusOf(again)).toBe(429);
    expect(again).toMatch(/^retry-after: 60\r$/im);
    expect(again).toMatch(/^x-should-retry: false\r$/im);
    expect(errorOf(again)).toMatchObject({
      error: {
        code: 'address_blocked',
        message: expect.stringContaining('a valid one, which works at once'),
      },
    });
    expect(await statuses(2)).toEqual([200, 200]);
    expect((await server.chat()).status).toBe(200);
    expect(server.edge.state()).toMatchObject({
      blocks: [{ address: '127.0.0.1', reason: 'keys', wrong: 30 }],
      refused: { blocked: 1 },
    });
    const status = async (path: string) => (await fetch(server.url + path, { redirect: 'manual' })).status;
    expect([await status('/console/'), await status('/api/session'), await status('/')]).not.toContain(429);
    expect(await status('/healthz')).toBe(200);
    time.advance(60_000);
    expect(await statuses(1, wrongKey)).toEqual([401]);
  });

  it('on this computer wrong passwords and codes do not end the API, nor does one kind the other', async () => {
    const { server, statuses } = await start();
    for (let index = 0; index < 10; index += 1) server.edge.strike('127.0.0.1', 'passwords');
    expect(server.edge.state().blocks).toMatchObject([{ address: '127.0.0.1', reason: 'passwords' }]);
    expect(await statuses(1)).toEqual([200]);
    expect(await statuses(1, wrongKey)).toEqual([401]);
  });

  it('behind a proxy here that nobody has named, all are one address and left outside together', async () => {
    const { server } = await start();
    const status = async (key: string, headers = {}) =>
      (await fetch(`${server.url}/v1/models`, { headers: { authorization: `Bearer ${key}`, ...headers } }))
        .status;
    const proxied = { 'x-forwarded-for': '192.168.1.5' };
    for (let index = 0; index < 30; index += 1) expect(await status(wrongKey, proxied)).toBe(401);
    expect(await status(server.key, proxied)).toBe(429);
    expect(await status(server.key)).toBe(200);
    setEdgeSettings(server.store, { trustedProxies: ['127.0.0.1'] });
    expect(await status(server.key, proxied)).toBe(200);
  });
});

it('the places of this computer that are kept answer the console alone', async () => {
  const { server } = await start();
  setEdgeSettings(server.store, { connectionsLoopback: 64, connectionsReserved: 16 });
  for (let index = 0; index < 48; index += 1) await openSocket(portOf(server));
  await expect.poll(() => server.edge.connections.counts().loopback).toBe(48);
  const status = async (path: string) =>
    statusOf(
      await say(portOf(server), `GET ${path} HTTP/1.1`, 'Host: localhost', 'Connection: close', '', ''),
    );
  expect(await status('/v1/models')).toBe(503);
  expect(await status('/healthz')).toBe(200);
  // Silent ones in these places give way, however many there are.
  for (let index = 0; index < 100; index += 1) await openSocket(portOf(server));
  expect(await status('/healthz')).toBe(200);
  expect(server.edge.connections.counts().loopback).toBeLessThanOrEqual(64);
});
