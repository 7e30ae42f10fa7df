import { createPrivateKey } from 'node:crypto';
import { renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { openStore } from '../../../server/store/open.ts';
import { checkPair } from '../../../server/tls/check-pair.ts';
import type { Pair } from '../../../server/tls/pair.ts';
import { createManualTime } from '../../fakes/manual-time.ts';
import { begunHttps, dayMs, listening, met, temporaryFolder } from './certificates.ts';
import { chained, handedOut, type Handed } from './own-pairs.ts';

const identity = { names: ['desk-1.local', 'localhost', 'ai.office.example'], addresses: ['192.168.1.20'] };
const check = (pair: Pair, nowMs = Date.now()) => checkPair(pair, { nowMs, identity });
const good = await handedOut();
const other = await handedOut();

describe('attack 71: a pair of one’s own is refused with the reason', () => {
  const encrypted = createPrivateKey(good.leaf.key)
    .export({ type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase: 'secret' })
    .toString();
  const cases: readonly [string, () => Promise<Pair> | Pair, string][] = [
    ['whose key is another’s', () => ({ ...chained(good), key: other.leaf.key }), 'key_mismatch'],
    [
      'that has ended',
      async () => chained(await handedOut({ untilMs: Date.now() - 1 })),
      'certificate_expired',
    ],
    [
      'that has not begun',
      async () => chained(await handedOut({ fromMs: Date.now() + dayMs })),
      'certificate_not_yet_valid',
    ],
    [
      'for other names',
      async () => chained(await handedOut({ names: ['www.example'] })),
      'certificate_wrong_name',
    ],
    [
      'for no name but this computer’s to itself',
      async () => chained(await handedOut({ names: ['localhost'] })),
      'certificate_wrong_name',
    ],
    [
      'for clients',
      async () => chained(await handedOut({ isForClients: true })),
      'certificate_not_for_servers',
    ],
    [
      'whose issuer comes first',
      () => ({ certificate: good.between + '\n' + good.leaf.certificate, key: good.leaf.key }),
      'chain_order',
    ],
    [
      'with a chain that does not hang together',
      () => ({ certificate: good.leaf.certificate + other.between, key: good.leaf.key }),
      'chain_order',
    ],
    ['whose key has a passphrase', () => ({ ...chained(good), key: encrypted }), 'key_encrypted'],
    ['whose key is no key', () => ({ ...chained(good), key: 'PASSWORD=hunter2' }), 'key_unreadable'],
    ['without a certificate', () => ({ certificate: 'hello', key: good.leaf.key }), 'no_certificate'],
    [
      'with a damaged certificate',
      () => ({ certificate: good.leaf.certificate.replace(/^MII/m, 'AAA'), key: good.leaf.key }),
      'certificate_unreadable',
    ],
  ];

  test.each(cases)('%s', async (_name, make, code) => {
    const pair = await make();
    expect(() => check(pair)).toThrow(expect.objectContaining({ status: 400, code }));
    expect(() => check(pair)).not.toThrow(/hunter2|PRIVATE KEY-----\n/);
  });

  test('and the one before stays', async () => {
    const { https } = await begunHttps();
    await https.change({ publicNames: ['ai.office.example'] });
    await https.setOwn(chained(good));
    await expect(https.setOwn({ ...chained(other), key: good.leaf.key })).rejects.toMatchObject({
      code: 'key_mismatch',
    });
    expect(https.own()).toMatchObject({ problem: null, served: { pair: chained(good) } });
    const port = await listening((_request, response) => response.end(), { certificates: https.served });
    expect((await met(port, good.root, 'ai.office.example')).subject.CN).toBe('ai');
  });
});

describe('a pair of one’s own', () => {
  test('is taken for a public name, an own name, a wildcard over it, or an own address', async () => {
    for (const wish of [
      {},
      { names: ['desk-1.local'] },
      { names: ['*.office.example'] },
      { names: [], addresses: ['192.168.1.20'] },
    ]) {
      expect(check(chained(await handedOut(wish))).warningsAt(Date.now())).toEqual([]);
    }
  });

  test('that lacks what clients need, or ends soon, is taken with a warning', async () => {
    expect(check(good.leaf).warningsAt(Date.now())).toEqual(['no-intermediate']);
    expect(check(chained(good)).warningsAt(Date.now() + 80 * dayMs)).toEqual(['ends-soon']);
  });

  test('is met by who asks for its name, and our authority’s by everybody else', async () => {
    const { https } = await begunHttps();
    await https.change({ publicNames: ['ai.office.example'] });
    await https.setOwn(chained(good));
    const ours = https.authority()?.authority.certificate ?? '';
    const port = await listening((_request, response) => response.end(), { certificates: https.served });
    await met(port, good.root, 'ai.office.example');
    await met(port, ours, 'inglenook.local');
    await met(port, ours);
    expect(https.trustFor('https://ai.office.example:1/v1')).toBeNull();
    expect(https.trustFor('https://192.168.1.20:1/v1')).toMatchObject({
      caUrl: 'http://192.168.1.20:1/.well-known/inglenook-ca.pem',
    });
    expect(https.trustFor('http://192.168.1.20:1/v1')).toBeNull();
    https.removeOwn();
    await expect(met(port, good.root, 'ai.office.example')).rejects.toThrow();
  });

  test('for an own address is met by who asks for addresses', async () => {
    const { https } = await begunHttps({ addresses: ['127.0.0.1'] });
    const pair = await handedOut({ names: [], addresses: ['127.0.0.1'] });
    await https.setOwn(chained(pair));
    const port = await listening((_request, response) => response.end(), { certificates: https.served });
    await met(port, pair.root);
    expect(https.trustFor('https://127.0.0.1/')).toBeNull();
  });

  test('that was pasted is kept sealed, over a restart', async () => {
    const store = openStore(':memory:');
    const first = await begunHttps({ store });
    await first.https.change({ publicNames: ['ai.office.example'] });
    await first.https.setOwn(chained(good));
    expect(JSON.stringify(store.db.prepare('SELECT * FROM settings').all())).not.toContain('PRIVATE KEY');
    const second = await begunHttps({ store });
    expect(second.https.own()?.served?.pair).toEqual(chained(good));
    expect((await begunHttps({ store, secret: 'lost' })).https.own()).toBeNull();
  });
});

describe('files of one’s own', () => {
  const write = (folder: string, pair: Pair): void => {
    // As renewals do: a new file is moved into the place of the old one.
    for (const [name, text] of [
      ['cert.pem', pair.certificate],
      ['key.pem', pair.key],
    ] as const) {
      writeFileSync(join(folder, `${name}.new`), text);
      renameSync(join(folder, `${name}.new`), join(folder, name));
    }
  };

  async function filed(handed: Handed) {
    const folder = temporaryFolder();
    write(folder, chained(handed));
    const time = createManualTime(Date.now());
    let changes = 0;
    const { https, store } = await begunHttps({ ...time, onChange: () => (changes += 1) });
    await https.change({ publicNames: ['ai.office.example'] });
    await https.setOwn({ certFile: join(folder, 'cert.pem'), keyFile: join(folder, 'key.pem') });
    const look = async (): Promise<void> => {
      time.advance(10_000);
      // What the timer began is done when the next in turn is.
      await https.follow({ addresses: ['192.168.1.20'], names: [] });
    };
    const served = () => https.own()?.served?.pair.certificate;
    return { folder, https, store, look, served, changes: () => changes };
  }

  test('that were renewed are served by themselves, once both are in place', async () => {
    const { folder, look, served } = await filed(good);
    const renewed = await handedOut();
    writeFileSync(join(folder, 'cert.pem'), chained(renewed).certificate);
    await look();
    write(folder, chained(renewed));
    await look();
    expect(served()).toBe(chained(good).certificate);
    await look();
    expect(served()).toBe(chained(renewed).certificate);
  });

  test('that cannot be served any more change nothing but what the owner is told', async () => {
    const { folder, https, look, served } = await filed(good);
    writeFileSync(join(folder, 'key.pem'), other.leaf.key);
    await look();
    await look();
    expect(served()).toBe(chained(good).certificate);
    expect(https.own()?.problem).toContain('is not the one of the certificate');
    rmSync(join(folder, 'cert.pem'));
    await look();
    await look();
    expect(https.own()?.problem).toContain('cannot be read (ENOENT)');
    write(folder, chained(other));
    await look();
    await look();
    expect([served(), https.own()?.problem]).toEqual([chained(other).certificate, null]);
  });

  test('are read at the start; what is wrong with them then leaves our own certificate', async () => {
    const { folder, store } = await filed(good);
    expect((await begunHttps({ store })).https.own()?.served?.pair.certificate).toBe(
      chained(good).certificate,
    );
    rmSync(join(folder, 'key.pem'));
    const { https } = await begunHttps({ store });
    expect(https.own()).toMatchObject({ served: null, problem: expect.stringContaining('key.pem') });
    expect(https.served.usual()).not.toBeNull();
  });

  test('are given by whole paths, and are no devices or films', async () => {
    const { folder, https } = await filed(good);
    const keyFile = join(folder, 'key.pem');
    await expect(https.setOwn({ certFile: 'cert.pem', keyFile })).rejects.toThrow('whole path');
    await expect(https.setOwn({ certFile: folder, keyFile })).rejects.toMatchObject({ status: 400 });
    if (process.platform === 'win32') return;
    await expect(https.setOwn({ certFile: '/dev/zero', keyFile })).rejects.toThrow('is no file');
  });
});
