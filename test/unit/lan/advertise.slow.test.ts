import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import multicastDns from 'multicast-dns';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { advertise, type AdvertiseOptions, type Advertiser } from '../../../server/lan/advertise.ts';

/** Multicast on loopback, on a port of the test's own, so that nothing leaves this computer. */
async function freeUdpPort(): Promise<number> {
  const socket = createSocket('udp4');
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  const { port } = socket.address();
  socket.close();
  return port;
}

function start(mdnsPort: number, change: Partial<AdvertiseOptions> = {}): Advertiser {
  const advertiser = advertise({
    name: 'Inglenook on desk-1',
    address: '127.0.0.1',
    port: 11500,
    id: '0a1b2c3d',
    version: '1.2.3',
    onChange() {},
    mdnsPort,
    ...change,
  });
  onTestFinished(() => advertiser.stop());
  return advertiser;
}

function listener(mdnsPort: number): multicastDns.MulticastDNS {
  const mdns = multicastDns({ port: mdnsPort, interface: '127.0.0.1', bind: '0.0.0.0' });
  onTestFinished(() => mdns.destroy());
  return mdns;
}

async function announced(advertiser: Advertiser): Promise<void> {
  await vi.waitFor(() => expect(advertiser.state().phase).not.toBe('announcing'), { timeout: 8000 });
}

describe('announcing on the network', () => {
  test('one service, both subtypes, the one address, and no model or person', async () => {
    const port = await freeUdpPort();
    const browser = listener(port);
    const advertiser = start(port);
    await announced(advertiser);
    expect(advertiser.state()).toEqual({
      phase: 'announced',
      name: 'Inglenook on desk-1',
      host: 'inglenook.local',
    });
    for (const name of [
      '_http._tcp.local',
      '_inglenook._sub._http._tcp.local',
      '_openai._sub._http._tcp.local',
    ]) {
      expect(await answersTo(browser, name)).toContainEqual(
        expect.objectContaining({ type: 'PTR', data: 'Inglenook on desk-1._http._tcp.local' }),
      );
    }
    const addresses = await answersTo(browser, 'inglenook.local', 'A');
    expect(addresses.map((answer) => answer.data)).toEqual(['127.0.0.1']);
  });

  test('a taken name is followed by "(2)", with a host name of its own', async () => {
    const port = await freeUdpPort();
    const first = start(port);
    await announced(first);
    const second = start(port);
    await announced(second);
    expect(second.state()).toMatchObject({ name: 'Inglenook on desk-1 (2)', host: 'inglenook-2.local' });
  });

  test('goodbye is said: the records are withdrawn with a time to live of 0', async () => {
    const port = await freeUdpPort();
    const browser = listener(port);
    const advertiser = start(port);
    await announced(advertiser);
    const withdrawn = new Promise((resolve) => {
      browser.on('response', (packet) => {
        if (packet.answers?.some((answer) => answer.type === 'A' && answer.ttl === 0)) resolve(true);
      });
    });
    await advertiser.stop();
    expect(await withdrawn).toBe(true);
  });

  test('port 5353 held by another program is a state with a sentence, not a crash', async () => {
    const holder = createSocket({ type: 'udp4', reuseAddr: false });
    onTestFinished(() => void holder.close());
    holder.bind(0, '0.0.0.0');
    await once(holder, 'listening');
    const advertiser = start(holder.address().port);
    await announced(advertiser);
    expect(advertiser.state()).toMatchObject({
      phase: 'failed',
      reason: expect.stringMatching(/UDP 5353.*the QR code work/),
    });
  });

  test('an address this computer does not have is no crash', async () => {
    const advertiser = start(await freeUdpPort(), { address: '203.0.113.77' });
    await announced(advertiser);
    await advertiser.stop();
  });

  test('garbage packets are survived', async () => {
    const port = await freeUdpPort();
    const advertiser = start(port);
    await announced(advertiser);
    const socket: Socket = createSocket('udp4');
    for (const bytes of [Buffer.alloc(0), Buffer.from([1, 2, 3]), Buffer.alloc(9000, 0xff)]) {
      await new Promise((resolve) => socket.send(bytes, port, '127.0.0.1', resolve));
    }
    socket.close();
    expect(await answersTo(listener(port), '_http._tcp.local')).not.toEqual([]);
  });
});

type Answer = { readonly name: string; readonly type: string; readonly data?: unknown };

async function answersTo(
  mdns: multicastDns.MulticastDNS,
  name: string,
  type: 'PTR' | 'A' = 'PTR',
): Promise<Answer[]> {
  return new Promise((resolve) => {
    mdns.on('response', (packet) => {
      const answers = (packet.answers ?? []).filter((answer) => answer.name === name) as Answer[];
      if (answers.length > 0) resolve(answers);
    });
    mdns.query(name, type);
  });
}
