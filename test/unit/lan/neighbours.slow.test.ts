import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { expect, onTestFinished, test, vi } from 'vitest';
import { systemTimers } from '../../../server/core/clock.ts';
import { advertise } from '../../../server/lan/advertise.ts';
import { createNeighbourhood, type NeighbourhoodOptions } from '../../../server/lan/neighbours.ts';
import { freeUdpPort } from '../../fakes/free-udp-port.ts';
import { createManualTime } from '../../fakes/manual-time.ts';
import { startMdnsPeer, type PeerRecord } from '../../fakes/mdns-peer.ts';

/** A busy machine takes its time over three processes. */
const soon = (check: () => Promise<void>): Promise<void> => vi.waitFor(check, { timeout: 8_000 });

/** What the one before the last instant of `look` has shown comes at once with the next. */
function startLooking(mdnsPort: number, change: Partial<NeighbourhoodOptions> = {}) {
  const time = createManualTime();
  const neighbourhood = createNeighbourhood({
    address: async () => '127.0.0.1',
    ownId: '00000000',
    clock: time.clock,
    timers: time.timers,
    mdnsPort,
    ...change,
  });
  onTestFinished(() => neighbourhood.stop());
  return { neighbourhood, time };
}

/** Six seconds later by its own clock each time, so that it asks the network again. */
async function seen({ neighbourhood, time }: ReturnType<typeof startLooking>) {
  const looking = neighbourhood.look();
  await new Promise((resolve) => setImmediate(resolve));
  time.advance(6_000);
  return looking;
}

/** A sentence in both languages of the console. */
const both = (words: RegExp) => ({ en: expect.stringMatching(words), de: expect.stringMatching(words) });

type Wanted = { name?: string; address?: string; port?: number; text?: readonly string[]; ttl?: number };

function records(wanted: Wanted = {}): PeerRecord[] {
  const { name = 'Inglenook on desk-2', address = '192.168.7.30', port = 11_500, ttl = 120 } = wanted;
  const text = wanted.text ?? ['txtvers=1', 'path=/', 'api=/v1', 'tls=1', 'id=12ab34cd'];
  const full = `${name}._http._tcp.local`;
  const target = `${/[^ ]+$/u.exec(name)?.[0] ?? ''}.local`;
  return [
    { name: '_inglenook._sub._http._tcp.local', type: 'PTR', ttl, data: full },
    { name: full, type: 'SRV', ttl, data: { port, target } },
    { name: full, type: 'TXT', ttl, data: text },
    { name: target, type: 'A', ttl, data: address },
  ];
}

test('a real announcement of ours is read, and our own is left out by its id', async () => {
  const mdnsPort = await freeUdpPort();
  const peer = await startMdnsPeer(mdnsPort);
  const advertiser = advertise({
    name: () => 'Inglenook on desk-1',
    address: '127.0.0.1',
    port: 11500,
    id: '0a1b2c3d',
    version: '1.2.3',
    tls: () => ({ isOn: true, fingerprint: 'ab' }),
    timers: systemTimers,
    onChange() {},
    mdnsPort,
  });
  onTestFinished(() => advertiser.stop());
  await peer.find('_inglenook._sub._http._tcp.local', 'PTR');
  const announced = peer.seen.filter(({ ttl }) => ttl !== 0);
  await advertiser.stop();

  const [others, own] = [startLooking(mdnsPort), startLooking(mdnsPort, { ownId: '0a1b2c3d' })];
  // Loopback is no office, so another address is said for it.
  const inTheOffice = announced.map((record) =>
    record.type === 'A' ? { ...record, data: '192.168.7.30' } : wordsOf(record),
  );
  await soon(async () => {
    await Promise.all([seen(others), seen(own)]);
    peer.say(inTheOffice);
    expect(await seen(others)).toEqual({
      neighbours: [
        {
          name: 'Inglenook on desk-1',
          id: '0a1b2c3d',
          host: 'inglenook.local',
          address: '192.168.7.30',
          port: 11_500,
          path: '/v1',
          hasHttps: true,
        },
      ],
      problem: null,
    });
  });
  expect((await seen(own)).neighbours).toEqual([]);
});

/** TXT comes from the other process as JSON of its bytes. */
function wordsOf(record: PeerRecord): PeerRecord {
  if (record.type !== 'TXT') return record;
  const words = record.data as readonly { readonly data: readonly number[] }[];
  return { ...record, data: words.map((word) => Buffer.from(word.data).toString()) };
}

test('comes, says goodbye, comes again, and is forgotten when it is silent for two minutes', async () => {
  const mdnsPort = await freeUdpPort();
  const peer = await startMdnsPeer(mdnsPort);
  const looking = startLooking(mdnsPort);
  expect(await seen(looking)).toEqual({ neighbours: [], problem: null });
  const found = {
    name: 'Inglenook on desk-2',
    id: '12ab34cd',
    host: 'desk-2.local',
    address: '192.168.7.30',
    port: 11_500,
    path: '/v1',
    hasHttps: true,
  };
  peer.say(records());
  await soon(async () => expect((await seen(looking)).neighbours).toEqual([found]));
  peer.say(records({ ttl: 0 }));
  await soon(async () => expect((await seen(looking)).neighbours).toEqual([]));
  // With the hours that other libraries give, too.
  peer.say(records({ ttl: 28_800 }));
  await soon(async () => expect((await seen(looking)).neighbours).toEqual([found]));
  looking.time.advance(115_000);
  expect((await seen(looking)).neighbours).toEqual([]);
});

test('attack 72: forged and broken announcements are no neighbours, or harmless ones', async () => {
  const mdnsPort = await freeUdpPort();
  const peer = await startMdnsPeer(mdnsPort);
  const looking = startLooking(mdnsPort);
  await seen(looking);
  const id = 'id=12ab34cd';
  const nonsense: Wanted[] = [
    { name: 'to the cloud', address: '169.254.169.254' },
    { name: 'to the internet', address: '8.8.8.8' },
    { name: 'to myself', address: '127.0.0.1' },
    { name: 'without any id', text: ['txtvers=1', 'api=/v1'] },
    { name: 'with a false id', text: ['id=<script>', 'api=/v1'] },
    { name: 'with a path of its choice', text: [id, 'api=/v1/../../admin?x=@evil'] },
    { name: 'without a path', text: [id] },
    { name: 'at port 0', port: 0 },
  ];
  for (const wanted of nonsense) {
    peer.say(records(wanted));
    peer.say([{ name: `${wanted.name} is over.local`, type: 'A', data: '10.0.0.1' }]);
    await peer.find(`${wanted.name} is over.local`, 'A');
    expect([wanted.name, (await seen(looking)).neighbours]).toEqual([wanted.name, []]);
  }
  peer.say(records({ name: 'Inglenook\u001b[2J on \u202edesk-9' }));
  await soon(async () =>
    expect((await seen(looking)).neighbours.map(({ name }) => name)).toEqual(['Inglenook[2J on desk-9']),
  );
});

test('attack 72: a flood of names fills no memory', async () => {
  const mdnsPort = await freeUdpPort();
  const peer = await startMdnsPeer(mdnsPort);
  const looking = startLooking(mdnsPort);
  await seen(looking);
  for (let number = 0; number < 500; number += 1) peer.say(records({ name: `flood ${number}` }));
  await soon(async () => expect((await seen(looking)).neighbours).toHaveLength(64));
});

test('a taken port, and no network, are sentences', async () => {
  const holder = createSocket({ type: 'udp4', reuseAddr: false });
  onTestFinished(() => void holder.close());
  holder.bind(0, '0.0.0.0');
  await once(holder, 'listening');
  const held = startLooking(holder.address().port);
  await soon(async () => expect(await seen(held)).toEqual({ neighbours: [], problem: both(/UDP 5353/u) }));
  const nowhere = startLooking(await freeUdpPort(), { address: async () => null });
  expect(await seen(nowhere)).toEqual({
    neighbours: [],
    problem: both(/in no network|in keinem Netz/u),
  });
});

test('nobody looks any more: the socket is given back', async () => {
  const mdnsPort = await freeUdpPort();
  const looking = startLooking(mdnsPort);
  await seen(looking);
  looking.time.advance(120_000);
  await soon(async () => {
    const holder = createSocket({ type: 'udp4', reuseAddr: false });
    try {
      const failed = once(holder, 'error').then(([error]) => Promise.reject(error as Error));
      holder.bind(mdnsPort, '0.0.0.0');
      await Promise.race([once(holder, 'listening'), failed]);
    } finally {
      holder.close();
    }
  });
});
