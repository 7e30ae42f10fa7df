import { hostname } from 'node:os';
import { describe, expect, test } from 'vitest';
import type { Network } from '../../../server/lan/addresses.ts';
import { AppError } from '../../../server/core/errors.ts';
import { createOffice, type Office, type OwnNetwork } from '../../../server/lan/office.ts';
import type { LanState } from '../../../server/wire/lan.ts';

const wifi: Network = {
  addresses: [
    { address: '192.168.1.20', adapter: 'wlan0', kind: 'network' },
    { address: '10.8.0.6', adapter: 'tun0', kind: 'vpn' },
  ],
  routes: [],
};
const moved: Network = {
  addresses: [{ address: '192.168.5.7', adapter: 'wlan0', kind: 'network' }],
  routes: [],
};
const none: Network = { addresses: [], routes: [] };

/** The office over a network of the test's own, with time that moves by hand. */
function startOffice(first: Network, taken: ReadonlySet<number> = new Set()) {
  let network = first;
  let port = 11500;
  const open: string[] = [];
  const changes: LanState[] = [];
  let check = (): void => {};
  let doubt = (): void => {};
  let nowMs = 0;
  const republished: string[] = [];
  const told: OwnNetwork[] = [];
  const office: Office = createOffice({
    port: () => port,
    findFreePort: async () => 11503,
    openListener: async (address) => {
      if (taken.has(port)) throw new AppError('taken', { status: 500, code: 'port_in_use' });
      open.push(address);
      return { close: async () => void open.splice(open.indexOf(address), 1) };
    },
    advertise: (address) => ({
      state: () => ({
        phase: 'announced',
        name: 'Inglenook on desk-1',
        host: `at-${address}.local`,
        contested: null,
      }),
      republish: () => void republished.push(address),
      refresh() {},
      stop: async () => {},
    }),
    onNetwork: (own) => told.push(own),
    clock: { nowMs: () => nowMs, monotonicMs: () => 0 },
    readNetwork: async () => network,
    timers: {
      after: (_ms, callback) => {
        doubt = callback;
        return () => (doubt = () => {});
      },
      every: (_ms, callback) => {
        check = callback;
        return () => (check = () => {});
      },
    },
    onChange: (state) => changes.push(state),
    onProblem: () => {},
  });
  const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
  return {
    office,
    open,
    changes,
    republished,
    told,
    aMinutePasses: () => doubt(),
    portBecomes: (next: number) => (port = next),
    /** Seen at the next look, five seconds later by the calendar unless the computer sleeps in between. */
    networkBecomes: async (next: Network, afterMs = 5_000) => {
      network = next;
      nowMs += afterMs;
      check();
      for (let turns = 0; turns < 5; turns += 1) await settled();
    },
  };
}

describe('letting the office in', () => {
  test('off at first: no listener, no address', () => {
    const { office, open } = startOffice(wifi);
    expect(office.state()).toMatchObject({ on: false, phase: 'off', address: null, qrSvg: null });
    expect(open).toEqual([]);
  });

  test('on: one listener on the office address, a QR code, waiting for proof', async () => {
    const { office, open } = startOffice(wifi);
    await office.set(true, null);
    expect(open).toEqual(['192.168.1.20']);
    expect(office.state()).toMatchObject({
      on: true,
      phase: 'waiting',
      address: 'http://192.168.1.20:11500',
      mdnsName: 'at-192.168.1.20.local',
      plain: true,
      qrSvg: expect.stringContaining('<svg'),
    });
    expect(office.isOwnName('192.168.1.20')).toBe(true);
    expect(office.isOwnName('192.168.1.21')).toBe(false);
  });

  test('only a request from another address turns it green', async () => {
    const { office } = startOffice(wifi);
    await office.set(true, null);
    for (const own of ['127.0.0.1', '::1', '192.168.1.20', '::ffff:192.168.1.20', '10.8.0.6']) {
      office.sawRequestFrom(own);
    }
    expect(office.state().phase).toBe('waiting');
    office.sawRequestFrom('::ffff:192.168.1.44');
    expect(office.state()).toMatchObject({ phase: 'reached', reachedFrom: '::ffff:192.168.1.44' });
  });

  test('a minute without one names the likely causes, a late one still counts', async () => {
    const { office, aMinutePasses } = startOffice(wifi);
    await office.set(true, null);
    aMinutePasses();
    expect(office.state()).toMatchObject({
      phase: 'doubtful',
      hints: ['firewall', 'guest-wifi', 'other-subnet'],
    });
    office.sawRequestFrom('192.168.1.44');
    expect(office.state()).toMatchObject({ phase: 'reached', hints: [] });
  });

  test('another address on the way: the listener follows and says where it was before', async () => {
    const { office, open, networkBecomes } = startOffice(wifi);
    await office.set(true, null);
    office.sawRequestFrom('192.168.1.44');
    await networkBecomes(moved);
    expect(open).toEqual(['192.168.5.7']);
    expect(office.state()).toMatchObject({
      phase: 'waiting',
      address: 'http://192.168.5.7:11500',
      previousAddress: 'http://192.168.1.20:11500',
    });
  });

  test('no network is a state, and the network coming back opens again', async () => {
    const { office, open, networkBecomes } = startOffice(none);
    await office.set(true, null);
    expect(office.state()).toMatchObject({ on: true, phase: 'no-network', address: null });
    await networkBecomes(wifi);
    expect(open).toEqual(['192.168.1.20']);
    await networkBecomes(none);
    expect(open).toEqual([]);
    expect(office.state().phase).toBe('no-network');
  });

  test('another program has the port there: that is said, with a free one, and taking it opens', async () => {
    const { office, open, portBecomes } = startOffice(wifi, new Set([11500]));
    await office.set(true, null);
    expect(office.state()).toMatchObject({
      on: true,
      phase: 'port-taken',
      address: null,
      portTaken: { port: 11500, freePort: 11503 },
    });
    portBecomes(11503);
    await office.set(true, null);
    expect(open).toEqual(['192.168.1.20']);
    expect(office.state()).toMatchObject({
      phase: 'waiting',
      address: 'http://192.168.1.20:11503',
      portTaken: null,
    });
    // A port that was chosen later is followed too, though the address is the same.
    portBecomes(11504);
    await office.set(true, null);
    expect([open, office.state().address]).toEqual([['192.168.1.20'], 'http://192.168.1.20:11504']);
  });

  test("the owner's choice of address is used", async () => {
    const { office, open } = startOffice(wifi);
    await office.set(true, '10.8.0.6');
    expect(open).toEqual(['10.8.0.6']);
  });

  test('the computer has slept: its names are said anew, and the listener stays', async () => {
    const { office, open, republished, networkBecomes } = startOffice(wifi);
    await office.set(true, null);
    await networkBecomes(wifi);
    expect(republished).toEqual([]);
    await networkBecomes(wifi, 3 * 3_600_000);
    await networkBecomes(wifi);
    expect([republished, open]).toEqual([['192.168.1.20'], ['192.168.1.20']]);
  });

  test('the same address on another adapter is another network: everything is opened anew', async () => {
    const { office, changes, networkBecomes } = startOffice(wifi);
    await office.set(true, null);
    const before = changes.length;
    await networkBecomes({
      ...wifi,
      addresses: [{ address: '192.168.1.20', adapter: 'eth0', kind: 'network' }],
    });
    expect(changes.length).toBeGreaterThan(before);
    expect(office.state().address).toBe('http://192.168.1.20:11500');
  });

  test('attack 70: whoever makes the certificate is told of every other address and name, and only then', async () => {
    const { office, told, networkBecomes } = startOffice(wifi);
    await office.set(true, null);
    await networkBecomes(wifi);
    await networkBecomes(moved);
    const own = [hostname().split('.')[0]?.toLowerCase()].flatMap((name) => [name, `${name}.local`]);
    expect(told).toEqual([
      { addresses: ['192.168.1.20', '10.8.0.6'], names: ['at-192.168.1.20.local', ...own] },
      { addresses: ['192.168.5.7'], names: ['at-192.168.5.7.local', ...own] },
    ]);
  });

  test('off closes everything, at once and for later looks', async () => {
    const { office, open, networkBecomes } = startOffice(wifi);
    await office.set(true, null);
    await office.set(false, null);
    await networkBecomes(moved);
    expect(open).toEqual([]);
    expect(office.isOwnName('192.168.1.20')).toBe(false);
  });

  test('a listener that cannot be opened is no crash and is tried again', async () => {
    let attempts = 0;
    let check = (): void => {};
    const office = createOffice({
      port: () => 1,
      findFreePort: async () => null,
      openListener: async () => {
        attempts += 1;
        if (attempts === 1) throw new Error('EADDRNOTAVAIL');
        return { close: async () => {} };
      },
      advertise: () => ({
        state: () => ({ phase: 'announcing' }),
        republish() {},
        refresh() {},
        stop: async () => {},
      }),
      clock: { nowMs: () => 0, monotonicMs: () => 0 },
      readNetwork: async () => wifi,
      timers: { after: () => () => {}, every: (_ms, callback) => ((check = callback), () => {}) },
      onChange: () => {},
      onProblem: () => {},
    });
    await office.set(true, null);
    expect(office.state().phase).toBe('no-network');
    check();
    await office.set(true, null);
    expect(office.state().phase).toBe('waiting');
  });
});

test('told to look again it does so at once, and says its names anew where the address has stayed', async () => {
  const { office, republished, open } = startOffice(wifi);
  await office.lookAgain();
  expect([open, republished]).toEqual([[], []]);
  await office.set(true, null);
  await office.lookAgain();
  expect([open, republished]).toEqual([['192.168.1.20'], ['192.168.1.20']]);
  await office.stop();
});
