import { request } from 'node:http';
import { describe, expect, test } from 'vitest';
import type { Network } from '../../../server/lan/addresses.ts';
import { startComposed, type ComposedServer } from '../../fakes/composed.ts';

/**
 * On Linux all of 127.0.0.0/8 is this computer's, so 127.0.0.2 can play the office address and 127.0.0.3 another
 * device, without a packet leaving. Two real hosts are in test/model/two-hosts.test.ts.
 */
const isLinux = process.platform === 'linux';
const officeNetwork: Network = {
  addresses: [{ address: '127.0.0.2', adapter: 'wlan0', kind: 'network' }],
  routes: [],
};

/** From another address, as another device would ask. */
function ask(port: number, host: string, path = '/healthz'): Promise<number> {
  return new Promise((resolve, reject) => {
    const asked = request({ host: '127.0.0.2', port, path, localAddress: '127.0.0.3', headers: { host } });
    asked.on('response', (response) => {
      response.resume();
      resolve(response.statusCode ?? 0);
    });
    asked.on('error', reject);
    asked.end();
  });
}

async function lan(server: ComposedServer): Promise<unknown> {
  return server.admin('GET', '/lan');
}

describe.runIf(isLinux)('letting the office in, with real sockets', () => {
  test('the switch opens a listener, a request from elsewhere turns it green, off closes it', async () => {
    const server = await startComposed({ readNetwork: async () => officeNetwork });
    await expect(ask(server.port, '127.0.0.2')).rejects.toThrow('ECONNREFUSED');

    expect(await server.admin('PUT', '/lan', { on: true })).toMatchObject({
      phase: 'waiting',
      address: `http://127.0.0.2:${server.port}`,
      plain: true,
    });
    expect(await ask(server.port, `127.0.0.2:${server.port}`)).toBe(200);
    expect(await lan(server)).toMatchObject({ phase: 'reached', reachedFrom: '127.0.0.3' });

    await server.admin('PUT', '/lan', { on: false });
    await expect(ask(server.port, '127.0.0.2')).rejects.toThrow('ECONNREFUSED');
    expect(await lan(server)).toMatchObject({ on: false, phase: 'off', address: null });
  });

  test('the Host allow-list holds on this listener too', async () => {
    const server = await startComposed({ readNetwork: async () => officeNetwork });
    await server.admin('PUT', '/lan', { on: true });
    for (const host of ['evil.com', 'other.local', '192.168.1.1', '127.0.0.2.nip.io']) {
      expect([host, await ask(server.port, host)]).toEqual([host, 421]);
    }
  });

  test('the switch outlives a restart, and INGLENOOK_LAN=1 is the same as the switch', async () => {
    const first = await startComposed({ readNetwork: async () => officeNetwork });
    await first.admin('PUT', '/settings/lan.on', { value: true });
    await first.stop(0);
    const second = await startComposed({ readNetwork: async () => officeNetwork, dataDir: first.dataDir });
    expect(await lan(second)).toMatchObject({ on: true, phase: 'waiting' });
    const byVariable = await startComposed({
      readNetwork: async () => officeNetwork,
      environment: { INGLENOOK_LAN: '1' },
    });
    expect(await byVariable.admin('GET', '/settings/lan.on')).toMatchObject({ value: true });
  });

  test('a port that somebody else holds on the office address is a state, and the server lives', async () => {
    const server = await startComposed({
      readNetwork: async () => ({
        ...officeNetwork,
        addresses: [{ ...officeNetwork.addresses[0]!, address: '203.0.113.9' }],
      }),
    });
    expect(await server.admin('PUT', '/lan', { on: true })).toMatchObject({ on: true, phase: 'no-network' });
    expect(await server.admin('GET', '/status')).toMatchObject({ lan: { on: false } });
  });
});

test('a setting that does not exist, or a value it does not take, is refused with what there is', async () => {
  const server = await startComposed();
  await expect(server.admin('GET', '/settings/nope')).rejects.toThrow(/404.*lan\.on/);
  await expect(server.admin('PUT', '/settings/lan.on', { value: 'maybe' })).rejects.toThrow(
    /400.*true or false/,
  );
});
