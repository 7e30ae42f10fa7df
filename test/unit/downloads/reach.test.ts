import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createReach } from '../../../server/engines/builtin/supply/reach.ts';
import { systemTimers } from '../../../server/core/clock.ts';
import { createManualTime } from '../../fakes/manual-time.ts';

async function hub(listener: RequestListener): Promise<{ readonly address: string; asked: number }> {
  const seen = { address: '', asked: 0 };
  const server = createServer((request, response) => {
    seen.asked += 1;
    listener(request, response);
  });
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  seen.address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return seen;
}

const reachOf = (address: string, offline = false) =>
  createReach({ hubAddress: () => address, isOffline: () => offline, timers: systemTimers });

describe('whether models can be fetched', () => {
  it.each([200, 403, 404, 429, 503])('is yes where the hub answers, also with %i', async (status) => {
    const source = await hub((_request, response) => void response.writeHead(status).end());
    expect(await reachOf(source.address)()).toMatchObject({ source: source.address, state: 'reachable' });
  });

  it('is no where nobody listens, or the line breaks', async () => {
    expect((await reachOf('http://127.0.0.1:9')()).state).toBe('unreachable');
    const broken = await hub((request) => void request.socket.destroy());
    expect((await reachOf(broken.address)()).state).toBe('unreachable');
  });

  it('is no after two seconds without an answer, and the question is given up', async () => {
    const time = createManualTime();
    const asked = Promise.withResolvers<void>();
    const source = await hub(() => asked.resolve());
    const reach = createReach({
      hubAddress: () => source.address,
      isOffline: () => false,
      timers: time.timers,
    });
    const answer = reach();
    await asked.promise;
    expect(Math.max(...time.waiting())).toBe(2_000);
    time.advance(2_000);
    expect((await answer).state).toBe('unreachable');
    expect(time.waiting()).toEqual([]);
  });

  it('asks once for all who ask at the same time, and again for the next', async () => {
    const source = await hub((_request, response) => void response.end());
    const reach = reachOf(source.address);
    await Promise.all([reach(), reach(), reach()]);
    expect(source.asked).toBe(1);
    await reach();
    expect(source.asked).toBe(2);
  });

  it('asks nobody where the server never goes online', async () => {
    const source = await hub((_request, response) => void response.end());
    expect(await reachOf(source.address, true)()).toEqual({ state: 'never', source: source.address });
    expect(source.asked).toBe(0);
  });
});
