import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { systemTimers } from '../../../server/core/clock.ts';
import { advertise, type AdvertiseOptions, type Advertiser } from '../../../server/lan/advertise.ts';
import { freeUdpPort } from '../../fakes/free-udp-port.ts';
import { createManualTime } from '../../fakes/manual-time.ts';
import { startMdnsPeer } from '../../fakes/mdns-peer.ts';

function start(mdnsPort: number, change: Partial<AdvertiseOptions> = {}): Advertiser {
  const advertiser = advertise({
    name: () => 'Inglenook on desk-1',
    address: '127.0.0.1',
    port: 11500,
    id: '0a1b2c3d',
    version: '1.2.3',
    tls: () => ({ isOn: false, fingerprint: null }),
    timers: systemTimers,
    onChange() {},
    mdnsPort,
    ...change,
  });
  onTestFinished(() => advertiser.stop());
  return advertiser;
}

async function settled(advertiser: Advertiser): Promise<void> {
  await vi.waitFor(() => expect(advertiser.state().phase).not.toBe('announcing'), { timeout: 8000 });
}

const instance = 'Inglenook on desk-1._http._tcp.local';
/** A sentence in both languages of the console. */
const both = (words: RegExp) => ({ en: expect.stringMatching(words), de: expect.stringMatching(words) });
const announcedAs = (name: string, host: string) => ({ phase: 'announced', name, host });

describe('announcing on the network', () => {
  test('one service, both subtypes, the one address, and no model or person', async () => {
    const port = await freeUdpPort();
    const peer = await startMdnsPeer(port);
    const tls = { isOn: true, fingerprint: 'ab12cd34' };
    const advertiser = start(port, { tls: () => tls });
    await settled(advertiser);
    expect(advertiser.state()).toEqual({
      ...announcedAs('Inglenook on desk-1', 'inglenook.local'),
      contested: null,
    });
    for (const name of [
      '_http._tcp.local',
      '_inglenook._sub._http._tcp.local',
      '_openai._sub._http._tcp.local',
    ]) {
      expect(await peer.find(name, 'PTR')).toMatchObject({ data: instance });
    }
    expect(await peer.find('inglenook.local', 'A')).toMatchObject({ data: '127.0.0.1', flush: true });
    expect(await peer.find(instance, 'SRV')).toMatchObject({
      data: { port: 11500, target: 'inglenook.local' },
      flush: true,
    });
    const { data } = await peer.find(instance, 'TXT');
    const words = (data as { data: number[] }[]).map((word) => Buffer.from(word.data).toString());
    expect(words).toEqual([
      'txtvers=1',
      'path=/',
      'api=/v1',
      'tls=1',
      'id=0a1b2c3d',
      'fp=ab12cd34',
      'ver=1.2',
    ]);
    const addresses = peer.seen.filter(({ type }) => type === 'A' || type === 'AAAA');
    expect([...new Set(addresses.map((record) => record.data))]).toEqual(['127.0.0.1']);
  });

  test('whoever asks for an IPv6 address is told that there is none, and need not wait', async () => {
    const port = await freeUdpPort();
    const peer = await startMdnsPeer(port);
    await settled(start(port));
    peer.ask('inglenook.local', 'AAAA');
    expect(await peer.find('inglenook.local', 'NSEC')).toMatchObject({ data: { rrtypes: ['A'] } });
  });

  test('goodbye is said: the records are withdrawn with a time to live of 0', async () => {
    const port = await freeUdpPort();
    const peer = await startMdnsPeer(port);
    const advertiser = start(port);
    await settled(advertiser);
    await peer.find(instance, 'SRV');
    await advertiser.stop();
    await vi.waitFor(() => {
      for (const type of ['A', 'SRV', 'PTR']) {
        expect(peer.seen).toContainEqual(expect.objectContaining({ type, ttl: 0 }));
      }
    });
  });

  test('what is said of https follows, with the names kept', async () => {
    const port = await freeUdpPort();
    const peer = await startMdnsPeer(port);
    let tls = { isOn: false, fingerprint: null as string | null };
    const advertiser = start(port, { tls: () => tls });
    await settled(advertiser);
    const before = peer.seen.length;
    advertiser.refresh();
    peer.say([{ name: 'nothing-new.local', type: 'A', ttl: 120, data: '127.0.0.1' }]);
    await peer.find('nothing-new.local', 'A');
    expect(peer.seen.slice(before).filter(({ ttl }) => ttl === 0)).toEqual([]);
    tls = { isOn: true, fingerprint: 'ff00' };
    advertiser.refresh();
    await vi.waitFor(
      () => expect(JSON.stringify(peer.seen)).toContain(JSON.stringify([...Buffer.from('fp=ff00')])),
      { timeout: 8000 },
    );
    expect(advertiser.state()).toMatchObject(announcedAs('Inglenook on desk-1', 'inglenook.local'));
  });

  test('attack 72: after sleep everything is said anew: goodbye, and the same names again', async () => {
    const port = await freeUdpPort();
    const peer = await startMdnsPeer(port);
    const advertiser = start(port);
    await settled(advertiser);
    await peer.find(instance, 'SRV');
    const before = peer.seen.length;
    advertiser.republish();
    await vi.waitFor(
      () => {
        const since = peer.seen.slice(before).filter(({ type, name }) => type === 'SRV' && name === instance);
        expect(since.map(({ ttl }) => ttl === 0)).toEqual(expect.arrayContaining([true, false]));
      },
      { timeout: 8000 },
    );
    expect(advertiser.state()).toMatchObject(announcedAs('Inglenook on desk-1', 'inglenook.local'));
  });

  test('a computer with a very long name is announced with the beginning of it', async () => {
    const port = await freeUdpPort();
    const advertiser = start(port, { name: () => `Inglenook on ${'grün.'.repeat(30)}` });
    await settled(advertiser);
    const state = advertiser.state();
    expect(state.phase === 'announced' && Buffer.byteLength(state.name)).toBeLessThanOrEqual(63);
    expect(state.phase === 'announced' && state.name).toMatch(/^Inglenook on grün-grün-/u);
  });
});

describe('attack 72: names that somebody else has', () => {
  test('the host name taken: the next number, and the instance keeps its name', async () => {
    const port = await freeUdpPort();
    const peer = await startMdnsPeer(port);
    peer.claim(['inglenook.local'], [{ name: '', type: 'A', ttl: 120, data: '127.0.0.77' }]);
    const advertiser = start(port);
    await settled(advertiser);
    expect(advertiser.state()).toMatchObject(announcedAs('Inglenook on desk-1', 'inglenook-2.local'));
  });

  test('the instance name taken: “(2)”, and the host keeps its name', async () => {
    const port = await freeUdpPort();
    const peer = await startMdnsPeer(port);
    peer.claim(
      [instance],
      [{ name: '', type: 'SRV', ttl: 120, data: { port: 80, target: 'printer.local' } }],
    );
    const advertiser = start(port);
    await settled(advertiser);
    expect(advertiser.state()).toMatchObject(announcedAs('Inglenook on desk-1 (2)', 'inglenook.local'));
  });

  test('two Inglenooks that start in the same moment end up with two names', async () => {
    const port = await freeUdpPort();
    const both = [start(port), start(port, { port: 11501 })];
    await Promise.all(both.map(settled));
    await vi.waitFor(
      () => {
        const names = both.map((advertiser) => {
          const state = advertiser.state();
          return state.phase === 'announced' ? state.name : '';
        });
        expect(names).not.toContain('');
        expect(new Set(names).size).toBe(2);
      },
      { timeout: 10_000 },
    );
  });

  test('a forged answer for a name that is ours: another is taken, and answers', async () => {
    const port = await freeUdpPort();
    const peer = await startMdnsPeer(port);
    const advertiser = start(port);
    await settled(advertiser);
    peer.say([{ name: 'inglenook.local', type: 'A', ttl: 120, flush: true, data: '127.0.0.66' }]);
    await vi.waitFor(
      () => expect(advertiser.state()).toMatchObject(announcedAs('Inglenook on desk-1', 'inglenook-2.local')),
      { timeout: 8000 },
    );
    expect(await peer.find('inglenook-2.local', 'A')).toMatchObject({ data: '127.0.0.1' });
  });

  // 127.0.0.0/8 is this computer's on Linux only, and the rule goes by the sender's address.
  test.runIf(process.platform === 'linux')(
    'the greater address keeps a contested name, says so again, and the owner is told for a while',
    async () => {
      const port = await freeUdpPort();
      const peer = await startMdnsPeer(port, '127.0.0.1');
      const time = createManualTime();
      const advertiser = start(port, { address: '127.0.0.9', timers: time.timers });
      await settled(advertiser);
      peer.say([{ name: 'inglenook.local', type: 'A', ttl: 120, data: '127.0.0.1' }]);
      await vi.waitFor(() =>
        expect(advertiser.state()).toMatchObject({
          host: 'inglenook.local',
          contested: both(/127\.0\.0\.1.*inglenook\.local.*QR[- ][cC]ode/u),
        }),
      );
      time.advance(60_000);
      expect(advertiser.state()).toMatchObject({ host: 'inglenook.local', contested: null });
    },
  );

  test('somebody who answers to every name: a state with a sentence, and it is tried again', async () => {
    const port = await freeUdpPort();
    const peer = await startMdnsPeer(port);
    peer.claim('all', [{ name: '', type: 'A', ttl: 120, data: '127.0.0.66' }]);
    const time = createManualTime();
    const advertiser = start(port, { timers: time.timers });
    await vi.waitFor(
      () =>
        expect(advertiser.state()).toMatchObject({
          phase: 'failed',
          reason: both(/(Every name.*taken|Jeder.*Name.*vergeben).*QR[- ][cC]ode/u),
        }),
      { timeout: 12_000 },
    );
    peer.claim([], []);
    time.advance(5_000);
    await vi.waitFor(() => expect(advertiser.state().phase).toBe('announced'), { timeout: 8000 });
  });
});

describe('attack 72: a network that does not work', () => {
  test('port 5353 held by another program is a state with a sentence; once it is free, it is announced', async () => {
    const holder = createSocket({ type: 'udp4', reuseAddr: false });
    holder.bind(0, '0.0.0.0');
    await once(holder, 'listening');
    const time = createManualTime();
    const advertiser = start(holder.address().port, { timers: time.timers });
    await settled(advertiser);
    expect(advertiser.state()).toMatchObject({
      phase: 'failed',
      reason: both(/UDP 5353.*QR[- ][cC]ode/u),
    });
    time.advance(5_000);
    await vi.waitFor(() => expect(time.waiting()).toEqual([10_000]), { timeout: 8000 });
    holder.close();
    await once(holder, 'close');
    time.advance(10_000);
    await vi.waitFor(() => expect(advertiser.state().phase).toBe('announced'), { timeout: 8000 });
  });

  test('an address this computer does not have is a state too', async () => {
    const advertiser = start(await freeUdpPort(), { address: '203.0.113.77' });
    await settled(advertiser);
    expect(advertiser.state()).toMatchObject({
      phase: 'failed',
      reason: both(/does not carry announcements|trägt gerade keine Ankündigungen/u),
    });
    await advertiser.stop();
  });

  test('stopped in the middle of it all: nothing is announced afterwards', async () => {
    const port = await freeUdpPort();
    const peer = await startMdnsPeer(port);
    const changes: string[] = [];
    const advertiser = start(port, { onChange: () => changes.push('changed') });
    await advertiser.stop();
    advertiser.republish();
    peer.say([{ name: 'the-end.local', type: 'A', data: '127.0.0.1' }]);
    await peer.find('the-end.local', 'A');
    expect(changes).toEqual([]);
  });
});

describe('attack 72: packets that mean harm', () => {
  test('garbage is survived', async () => {
    const port = await freeUdpPort();
    const advertiser = start(port);
    await settled(advertiser);
    const header = (flags: number, counts: readonly number[]): Buffer => {
      const bytes = Buffer.alloc(12);
      [0, flags, ...counts].forEach((word, index) => bytes.writeUInt16BE(word, index * 2));
      return bytes;
    };
    await send(port, [
      Buffer.alloc(0),
      Buffer.from([1, 2, 3]),
      Buffer.alloc(9000, 0xff),
      // Counts without content, a name that points at itself, and an answer that ends too early.
      header(0, [65_535, 0, 0, 0]),
      header(0x8400, [0, 65_535, 65_535, 65_535]),
      Buffer.concat([header(0, [1, 0, 0, 0]), Buffer.from([0xc0, 0x0c, 0, 255, 0, 1])]),
      Buffer.concat([header(0x8400, [0, 1, 0, 0]), Buffer.from([3, 97, 98, 99, 0, 0, 33, 0, 1, 0, 0, 0, 9])]),
      // An SRV of our own name without anything in it.
      Buffer.concat([
        header(0x8400, [0, 1, 0, 0]),
        Buffer.from([19, ...Buffer.from('Inglenook on desk-1'), 5, ...Buffer.from('_http')]),
        Buffer.from([
          4,
          ...Buffer.from('_tcp'),
          5,
          ...Buffer.from('local'),
          0,
          0,
          33,
          0,
          1,
          0,
          0,
          0,
          9,
          0,
          0,
        ]),
      ]),
    ]);
    const peer = await startMdnsPeer(port);
    expect(await peer.find('_http._tcp.local', 'PTR')).toMatchObject({ data: instance });
    expect(advertiser.state()).toMatchObject(announcedAs('Inglenook on desk-1', 'inglenook.local'));
  });

  test('a packet with a thousand questions is no thousand answers', async () => {
    const port = await freeUdpPort();
    const advertiser = start(port);
    await settled(advertiser);
    const peer = await startMdnsPeer(port);
    await peer.find('inglenook.local', 'A');
    const before = peer.seen.length;
    const question = Buffer.concat([
      Buffer.from([9, ...Buffer.from('inglenook'), 5, ...Buffer.from('local'), 0, 0, 1, 0, 1]),
    ]);
    const header = Buffer.alloc(12);
    header.writeUInt16BE(1000, 4);
    await send(port, [Buffer.concat([header, ...Array.from({ length: 1000 }, () => question)])]);
    peer.say([{ name: 'the-end.local', type: 'A', data: '127.0.0.1' }]);
    await peer.find('the-end.local', 'A');
    expect(peer.seen.length - before).toBeLessThan(40);
  });
});

async function send(port: number, packets: readonly Buffer[]): Promise<void> {
  const socket: Socket = createSocket('udp4');
  for (const bytes of packets) {
    await new Promise((resolve) => socket.send(bytes, port, '127.0.0.1', resolve));
  }
  socket.close();
}
