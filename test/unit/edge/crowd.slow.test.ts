import type { Socket } from 'node:net';
import { describe, expect, it, vi } from 'vitest';
import { systemClock, systemTimers } from '../../../server/core/clock.ts';
import { startComposed } from '../../fakes/composed.ts';
import { startTestServer } from '../http/harness.ts';
import { openSocket, otherComputers, say, statusOf, whole } from './sockets.ts';

vi.setConfig({ testTimeout: 60_000 });

const real = { clock: systemClock, timers: systemTimers };

/** Each has begun a request and goes on with it as slowly as one can. */
async function openSlow(port: number, count: number, beforeEach: (index: number) => void = () => {}) {
  const sockets: Socket[] = [];
  for (let index = 0; index < count; index += 1) {
    beforeEach(index);
    const socket = await openSocket(port);
    socket.write('POST /v1/chat/completions HTTP/1.1\r\nHost: localhost\r\nX-A: ');
    sockets.push(socket);
  }
  const drip = setInterval(() => {
    for (const socket of sockets) if (socket.writable) socket.write('a');
  }, 500);
  return { sockets, stop: () => clearInterval(drip) };
}

describe('a thousand slow connections', () => {
  it('from this computer leave console, command line and API usable', async () => {
    const server = await startComposed();
    const { key } = (await server.admin('POST', '/keys', { name: 'test' })) as { key: string };
    const status = async (path: string) => (await fetch(server.address + path)).status;
    const before = [await status('/console/'), await status('/api/session')];
    const slow = await openSlow(server.port, 1000);
    expect([await status('/console/'), await status('/api/session')]).toEqual(before);
    expect(await server.admin('GET', '/edge')).toMatchObject({ blocks: [] });
    const models = await fetch(`${server.address}/v1/models`, { headers: { 'x-api-key': key } });
    expect(models.status).toBe(200);
    slow.stop();
  });

  it('beyond every number from this computer: the API says so, console and command line go on', async () => {
    const server = await startComposed();
    await server.admin('PATCH', '/edge', { connectionsLoopback: 256, connectionsReserved: 16 });
    const slow = await openSlow(server.port, 1000);
    expect(await server.admin('GET', '/edge')).toMatchObject({
      connections: { loopback: expect.toSatisfy((open: number) => open <= 256) },
    });
    const refused = await say(
      server.port,
      'GET /v1/models HTTP/1.1',
      'Host: localhost',
      'Connection: close',
      '',
      '',
    );
    expect(statusOf(refused)).toBe(503);
    expect(await server.admin('GET', '/status')).toMatchObject({ activeRequests: 0 });
    slow.stop();
  });

  it('from one other computer: sixteen are taken, all others get in', async () => {
    const others = otherComputers();
    const server = await startTestServer({}, real, others.front);
    const slow = await openSlow(Number(new URL(server.url).port), 1000, () => others.come('192.168.1.5'));
    await expect.poll(() => server.edge.connections.counts()).toMatchObject({ office: 16, refused: 984 });
    others.come('192.168.1.6');
    const models = ['GET /v1/models HTTP/1.1', 'Host: localhost', `X-Api-Key: ${server.key}`];
    const port = Number(new URL(server.url).port);
    expect(statusOf(await say(port, ...models, 'Connection: close', '', ''))).toBe(200);
    others.home();
    expect((await fetch(`${server.url}/healthz`)).status).toBe(200);
    slow.stop();
  });

  it('from as many other computers: who has a key still comes in, and this computer too', async () => {
    const others = otherComputers();
    const server = await startTestServer({}, real, others.front);
    const port = Number(new URL(server.url).port);
    const ask = () =>
      say(
        port,
        'GET /v1/models HTTP/1.1',
        'Host: localhost',
        `X-Api-Key: ${server.key}`,
        'Connection: close',
        '',
        '',
      );
    others.come('192.168.1.6');
    expect(statusOf(await ask())).toBe(200);
    const slow = await openSlow(port, 1200, (index) => others.come(`10.${index >> 8}.${index & 255}.7`));
    await expect
      .poll(() => server.edge.connections.counts())
      .toMatchObject({ strangers: 1024, refused: 176 });
    others.come('192.168.1.6');
    expect(statusOf(await ask())).toBe(200);
    others.home();
    expect((await fetch(`${server.url}/healthz`)).status).toBe(200);
    slow.stop();
  });
});

describe('with the times that count for real', () => {
  it('attack 11, attack 13: a dribbled head is 408 within 12 s, silence is closed within 5 s', async () => {
    const server = await startTestServer();
    const port = Number(new URL(server.url).port);
    const begun = performance.now();
    const took = () => performance.now() - begun;
    const dripping = await openSocket(port);
    const answer = whole(dripping);
    dripping.write('GET /healthz HTTP/1.1\r\nHost: localhost\r\nX-A: ');
    const drip = setInterval(() => dripping.write('a'), 1000);
    expect(await whole(await openSocket(port))).toBe('');
    // The order is what is asserted; the limits are those of Node's own timers, with room for a busy machine.
    expect(took()).toBeLessThan(9_000);
    expect(statusOf(await answer)).toBe(408);
    expect(took()).toBeLessThan(20_000);
    clearInterval(drip);
  });

  it('what was refused before its body was read is not read to the end, nor waited for', async () => {
    const server = await startTestServer();
    const socket = await openSocket(Number(new URL(server.url).port));
    const answer = whole(socket);
    const head = ['Host: localhost', 'Content-Type: application/json', 'Content-Length: 30000000'];
    // Kept open by its own word, and going on for as long as it is let.
    socket.write(['POST /v1/chat/completions HTTP/1.1', ...head, '', ''].join('\r\n'));
    const drip = setInterval(() => socket.writable && socket.write('x'), 200);
    expect(statusOf(await answer)).toBe(401);
    clearInterval(drip);
  });
});
