import { expect, onTestFinished, test, vi } from 'vitest';
import { systemClock, systemTimers } from '../../../server/core/clock.ts';
import type { Finding } from '../../../server/doctor/check.ts';
import { mdnsCheck } from '../../../server/doctor/network.ts';
import { advertise } from '../../../server/lan/advertise.ts';
import type { LanState } from '../../../server/wire/lan.ts';
import { closedOffice } from '../../fakes/closed-office.ts';
import { freeUdpPort } from '../../fakes/free-udp-port.ts';
import { startMdnsPeer } from '../../fakes/mdns-peer.ts';

async function look(mdnsPort: number, change: Partial<LanState> = {}): Promise<Finding> {
  const office = closedOffice({
    on: true,
    phase: 'waiting',
    address: 'http://127.0.0.1:11500',
    mdnsName: 'inglenook.local',
    ...change,
  });
  const check = mdnsCheck({
    clock: systemClock,
    office: office.state,
    lastRequest: () => null,
    addressChanges: () => [],
    readNetwork: async () => ({ addresses: [], routes: [] }),
    port: () => 11500,
    certificate: () => ({ isOn: false, problems: [], validUntilMs: null, addresses: [] }),
    mdnsPort,
  });
  return check.look(new AbortController().signal);
}

test('the name that is announced is asked for, by a socket of its own', async () => {
  const mdnsPort = await freeUdpPort();
  expect(await look(mdnsPort)).toMatchObject({
    state: 'warn',
    sentence: { en: expect.stringContaining('Nobody answers to inglenook.local') },
  });
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
  });
  onTestFinished(() => advertiser.stop());
  await vi.waitFor(() => expect(advertiser.state().phase).toBe('announced'), { timeout: 8000 });
  expect(await look(mdnsPort)).toMatchObject({
    state: 'ok',
    sentence: { en: expect.stringContaining('inglenook.local leads to 127.0.0.1') },
  });
});

test('somebody else who answers to it is named', async () => {
  const mdnsPort = await freeUdpPort();
  const peer = await startMdnsPeer(mdnsPort);
  peer.claim(['inglenook.local'], [{ name: '', type: 'A', ttl: 120, data: '127.0.0.66' }]);
  expect(await look(mdnsPort)).toMatchObject({
    state: 'warn',
    sentence: { en: expect.stringContaining('127.0.0.66') },
  });
});

test('what is wrong with announcing is said as it is; a closed office is no fault', async () => {
  const mdnsPort = await freeUdpPort();
  expect(
    await look(mdnsPort, {
      mdnsName: null,
      mdnsProblem: { en: 'Port 5353 is taken.', de: 'Port 5353 ist vergeben.' },
    }),
  ).toMatchObject({
    state: 'warn',
    sentence: { en: 'Port 5353 is taken.', de: 'Port 5353 ist vergeben.' },
  });
  expect(await look(mdnsPort, { phase: 'off', address: null, mdnsName: null })).toMatchObject({
    state: 'ok',
  });
});
