import { X509Certificate } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { getAuthority } from '../../../server/store/https-settings.ts';
import { openStore } from '../../../server/store/open.ts';
import { hostNamesOf, identityOf } from '../../../server/tls/own-names.ts';
import { permitsAddress, permitsName } from '../../../server/tls/permitted.ts';
import { createManualTime } from '../../fakes/manual-time.ts';
import { begunHttps, dayMs, met, nowMs, served, signed } from './certificates.ts';

const facts = (https: Awaited<ReturnType<typeof begunHttps>>['https']) => {
  const current = https.authority();
  if (current === null) throw new Error('no certificate was made');
  return current;
};

/** A clock for years: nothing else moves with it. */
function movedByHand() {
  let atMs = nowMs;
  const clock = { nowMs: () => atMs, monotonicMs: () => 0 };
  const timers = { after: () => () => {}, every: () => () => {} };
  return { clock, timers, move: (ms: number) => void (atMs += ms) };
}

describe('our authority and its certificate', () => {
  test('name every own name and address, for 397 days, and a key of 256 bits on P-256', async () => {
    const { https } = await begunHttps({ addresses: ['192.168.1.20', '10.1.2.3', 'fd00::7'] });
    const { leaf, authorityCertificate, facts: own } = facts(https);
    expect(own.names).toEqual(['desk-1', 'desk-1.local', 'inglenook.local', 'localhost']);
    expect([...own.addresses].sort()).toEqual(['10.1.2.3', '127.0.0.1', '192.168.1.20', '::1', 'fd00::7']);
    expect((own.validUntilMs - own.validFromMs) / dayMs).toBe(397);
    expect(authorityCertificate.ca).toBe(true);
    expect(new X509Certificate(leaf.certificate).publicKey.asymmetricKeyDetails).toEqual({
      namedCurve: 'prime256v1',
    });
    expect(Math.floor((authorityCertificate.validToDate.getTime() - Date.now()) / dayMs / 365)).toBe(10);
  });

  test('leave out what the authority may not vouch for, since one name too many spoils all', async () => {
    const { https } = await begunHttps({
      hostname: 'Desk-1.Example.ORG.',
      addresses: ['203.0.113.5', '192.168.1.20'],
    });
    const { facts: own, leaf, authority } = facts(https);
    expect(own.addresses).not.toContain('203.0.113.5');
    expect(own.names).toContain('desk-1.example.org');
    const port = await served(leaf, authority.certificate);
    expect((await met(port, authority.certificate, 'desk-1.example.org')).subject.CN).toBe('desk-1.local');

    await https.change({ publicNames: ['ai.example.com'] });
    expect(https.notCovered()).toEqual(['ai.example.com']);
    expect(facts(https).facts.names).not.toContain('ai.example.com');
  });

  test('are the same after a restart, with their keys sealed in the database', async () => {
    const store = openStore(':memory:');
    const before = facts((await begunHttps({ store })).https);
    const after = facts((await begunHttps({ store })).https);
    expect(after.authority.certificate).toBe(before.authority.certificate);
    expect(after.leaf).toEqual(before.leaf);
    const rows = JSON.stringify(store.db.prepare('SELECT * FROM settings').all());
    expect(rows).toContain('BEGIN CERTIFICATE');
    expect(rows).not.toContain('PRIVATE KEY');
    expect(getAuthority(store, 'another server.key')).toBeNull();
  });

  test('are made anew where server.key is another one', async () => {
    const store = openStore(':memory:');
    const before = facts((await begunHttps({ store })).https);
    const after = facts((await begunHttps({ store, secret: 'another' })).https);
    expect(after.authority.certificate).not.toBe(before.authority.certificate);
  });

  test('of another office domain are others, and vouch for names in it', async () => {
    const { https } = await begunHttps();
    const before = facts(https).authority.certificate;
    const pin = https.pin();
    await https.change({
      officeDomain: 'office.example',
      publicNames: ['ai.office.example', 'ai.example.com'],
    });
    const { authority, leaf, facts: own } = facts(https);
    expect(authority.certificate).not.toBe(before);
    expect(https.pin()).not.toBe(pin);
    expect(own.names).toEqual(expect.arrayContaining(['inglenook.office.example', 'ai.office.example']));
    const port = await served(leaf, authority.certificate);
    await met(port, authority.certificate, 'desk-1.office.example');
    expect([https.isOutsideName('ai.office.example'), https.isOutsideName('ai.example.com')]).toEqual([
      false,
      true,
    ]);
    expect(
      ['ai.example.com', 'inglenook.office.example', 'evil.office.example'].map(https.isOwnName),
    ).toEqual([true, true, false]);
  });
});

describe('renewal', () => {
  test('comes with 30 days left, with a key of its own, and the authority stays', async () => {
    const time = movedByHand();
    const { https } = await begunHttps(time);
    const before = facts(https);
    time.move(365 * dayMs);
    await https.follow({ addresses: ['192.168.1.20'], names: [] });
    expect(facts(https).leaf).toBe(before.leaf);
    time.move(2 * dayMs);
    await https.follow({ addresses: ['192.168.1.20'], names: [] });
    const after = facts(https);
    expect(after.leaf.key).not.toBe(before.leaf.key);
    expect(after.authority).toBe(before.authority);
    expect(after.facts.validUntilMs).toBeGreaterThan(before.facts.validUntilMs);
  });

  test('is seen by the clock, without anybody asking', async () => {
    const time = createManualTime();
    let changes = 0;
    const { https } = await begunHttps({ ...time, onChange: () => (changes += 1) });
    const before = { leaf: facts(https).leaf, changes };
    time.setBack(-370 * dayMs);
    time.advance(10_000);
    await expect.poll(() => changes).toBe(before.changes + 1);
    expect(facts(https).leaf).not.toBe(before.leaf);
  });

  test('keeps the key while only names change', async () => {
    const { https } = await begunHttps();
    const before = facts(https);
    await https.follow({ addresses: ['192.168.1.21'], names: ['inglenook-2.local'] });
    const after = facts(https);
    expect(after.leaf.key).toBe(before.leaf.key);
    expect(after.facts.names).toContain('inglenook-2.local');
    expect(after.facts.addresses).toContain('192.168.1.21');
    expect(after.facts.addresses).not.toContain('192.168.1.20');
  });

  test('makes a new authority when the old one comes to its end, and says so', async () => {
    const time = movedByHand();
    const { https, logged } = await begunHttps(time);
    const before = facts(https).authority;
    time.move(3640 * dayMs);
    await https.follow({ addresses: [], names: [] });
    expect(facts(https).authority.certificate).not.toBe(before.certificate);
    expect(logged.join()).toContain('devices must trust a new one');
  });

  test('is done too when the clock is set back before the certificate', async () => {
    const time = movedByHand();
    const { https } = await begunHttps(time);
    const before = facts(https);
    time.move(-20 * dayMs);
    await https.follow({ addresses: ['192.168.1.20'], names: [] });
    expect(facts(https).facts.validFromMs).toBeLessThan(before.facts.validFromMs);
  });
});

describe('attack 69: a certificate for somebody else, signed by our authority', () => {
  test.each([
    ['google.com', [], 'google.com'],
    ['localhost.evil.com', [], 'localhost.evil.com'],
    ['notlocal', [], 'notlocal'],
    ['an address of the internet', ['8.8.8.8', '127.0.0.1'], undefined],
    ['an IPv6 address of the internet', ['2001:db8::1', '127.0.0.1'], undefined],
  ])('for %s is refused by Node', async (name, addresses, servername) => {
    const { authority, leaf } = await signed(addresses.length > 0 ? ['inglenook.local'] : [name], addresses);
    const port = await served(leaf, authority.certificate);
    await expect(met(port, authority.certificate, servername)).rejects.toThrow('permitted subtree violation');
  });

  test('while one for this office is taken', async () => {
    const { authority, leaf } = await signed(
      ['inglenook.local', 'desk-1'],
      ['127.0.0.1', '192.168.1.20', 'fe80::1'],
    );
    const port = await served(leaf, authority.certificate);
    await met(port, authority.certificate, 'inglenook.local');
    await met(port, authority.certificate);
  });
});

describe('what we are called', () => {
  test('leaves out what no DNS name can be', () => {
    expect(hostNamesOf('DESK_1')).toEqual([]);
    expect(hostNamesOf('localhost')).toEqual([]);
    expect(hostNamesOf('desk-1.corp.example.')).toEqual(['desk-1', 'desk-1.corp.example']);
    const none = { hostname: '', addresses: ['', 'x'], mdnsName: null, officeDomain: null, publicNames: [] };
    expect(identityOf(none)).toEqual({
      names: ['inglenook.local', 'localhost'],
      addresses: ['127.0.0.1', '::1'],
    });
  });

  test('is permitted by whole labels and by ranges', () => {
    expect(['local', 'a.local', 'alocal', 'local.com'].map((name) => permitsName(['local'], name))).toEqual([
      true,
      true,
      false,
      false,
    ]);
    const inside = [
      '10.255.0.1',
      '172.31.0.1',
      '192.168.0.1',
      '127.0.0.2',
      '169.254.1.1',
      '100.100.0.1',
      '::1',
      'fd00::1',
    ];
    const outside = ['11.0.0.1', '172.32.0.1', '192.169.0.1', '8.8.8.8', '100.128.0.1', '2001:db8::1', 'x'];
    expect(inside.filter((address) => !permitsAddress(address))).toEqual([]);
    expect(outside.filter(permitsAddress)).toEqual([]);
  });
});
