import { generateKeyPairSync, sign } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { envelope } from '../../../scripts/lib/release-feed.mjs';
import { UpdateFault } from '../../../server/updates/fault.ts';
import { keyId, readFeed } from '../../../server/updates/manifest.ts';
import { newsFrom, type Installed } from '../../../server/updates/news.ts';
import { compareVersions } from '../../../server/updates/version.ts';
import { feedOf, maker, news, stranger } from './feeds.ts';

const keys = [maker.shared];

function problemOf(feed: string, trusted: readonly string[] = keys): string {
  try {
    readFeed(feed, trusted);
    return 'believed';
  } catch (error) {
    return error instanceof UpdateFault ? error.problem : String(error);
  }
}

describe('news are believed', () => {
  test('when one of the build’s keys has signed them, whichever it is', () => {
    expect(readFeed(feedOf(), keys)).toMatchObject({ version: '0.2.0', issuedAt: news.issuedAt });
    expect(problemOf(feedOf(), [stranger.shared, maker.shared])).toBe('believed');
  });

  test('not of a stranger, not under somebody else’s name, not changed, not without a key', () => {
    const foreign = JSON.parse(feedOf({}, stranger.secret)) as Envelope;
    const [signature] = foreign.signatures;
    const named = { ...foreign, signatures: [{ ...signature, key: keyId(maker.shared) }] };
    const own = JSON.parse(feedOf()) as Envelope;
    const other = JSON.parse(feedOf({ version: '9.9.9' }, stranger.secret)) as Envelope;
    expect([
      problemOf(JSON.stringify(foreign)),
      problemOf(JSON.stringify(named)),
      problemOf(JSON.stringify({ ...own, payload: other.payload })),
      problemOf(JSON.stringify({ ...own, signatures: [] })),
      problemOf(feedOf(), []),
    ]).toEqual(Array.from({ length: 5 }, () => 'not-signed'));
  });

  test('not with a signature that was made over the same words for something else', () => {
    const { privateKey, publicKey } = generateKeyPairSync('ed25519');
    const shared = publicKey.export({ type: 'spki', format: 'der' }).toString('base64');
    const payload = Buffer.from(JSON.stringify(news));
    const signature = sign(null, payload, privateKey).toString('base64');
    const feed = { payload: payload.toString('base64'), signatures: [{ key: keyId(shared), signature }] };
    expect(problemOf(JSON.stringify(feed), [shared])).toBe('not-signed');
  });

  test('not by another kind of key, though it was trusted by mistake', () => {
    const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const shared = publicKey.export({ type: 'spki', format: 'der' }).toString('base64');
    const payload = Buffer.from(JSON.stringify(news));
    const signed = Buffer.concat([Buffer.from('inglenook-updates-v1\n'), payload]);
    const signature = sign('sha256', signed, privateKey).toString('base64');
    const feed = { payload: payload.toString('base64'), signatures: [{ key: keyId(shared), signature }] };
    expect(problemOf(JSON.stringify(feed), [shared])).toBe('not-signed');
  });

  test.each([
    ['no JSON', '<html>'],
    ['something else', '{"version":"0.2.0"}'],
    ['a version that is none', feedOf({ version: 'newest' })],
    ['a page that is no https', feedOf({ page: 'javascript:alert(1)' })],
    ['a file’s name that leads elsewhere', feedOf({ files: [{ ...news.files[0], name: '../../evil' }] })],
    ['another form', feedOf({ v: 2 })],
    ['signed nonsense', envelope('{', maker.secret)],
  ])('not when they are %s', (_name, feed) => {
    expect(problemOf(feed)).toBe('not-understood');
  });
});

type Envelope = { readonly payload: string; readonly signatures: readonly Record<string, string>[] };

describe('what news mean here', () => {
  const installed: Installed = {
    version: '0.1.0',
    releasedOn: '2026-11-23',
    edition: 'standard',
    platform: 'linux',
    arch: 'x64',
  };
  const seen = (change: Partial<Installed> = {}, ownFeed: string | null = null) =>
    newsFrom(readFeed(feedOf(), keys), { installed: { ...installed, ...change }, ownFeed });

  test.each([
    ['0.1.0', true],
    ['0.1.4', true],
    ['0.1.5', false],
    ['0.2.0-beta.1', false],
  ])('for %s it is about security: %s', (version, isSecurity) => {
    expect(seen({ version })).toMatchObject({ version: '0.2.0', isSecurity });
  });

  test.each(['0.2.0', '0.2.1', '1.0.0'])('%s needs none of it', (version) => {
    expect(seen({ version })).toBeNull();
  });

  test.each([
    [{}, 'Inglenook-0.2.0-linux-x64-standard.deb'],
    [{ platform: 'win32' }, 'Inglenook-0.2.0-win-x64-standard.exe'],
    [{ platform: 'darwin', arch: 'arm64' }, 'Inglenook-0.2.0-mac-arm64-standard.dmg'],
    [{ edition: null }, 'inglenook-0.2.0.tgz'],
    [{ edition: 'cuda' }, null],
    [{ platform: 'darwin', arch: 'x64' }, null],
    [{ platform: 'freebsd' }, null],
  ] as const)('the file for %j is %s', (change, name) => {
    expect(seen(change)?.file?.name ?? null).toBe(name);
  });

  test('files lie beside the owner’s own feed, and at the makers’ when another Inglenook hands the news on', () => {
    const name = 'Inglenook-0.2.0-linux-x64-standard.deb';
    expect([
      seen()?.file?.url,
      seen({}, 'http://nas.lan/inglenook/updates.json')?.file?.url,
      seen({}, 'http://10.0.0.7:11500/.well-known/inglenook-updates.json')?.file?.url,
    ]).toEqual([
      `https://inglenook.example/files/${name}`,
      `http://nas.lan/inglenook/${name}`,
      `https://inglenook.example/files/${name}`,
    ]);
  });
});

test('versions stand in SemVer’s order', () => {
  const ordered = [
    '?',
    '0.1.0-alpha',
    '0.1.0-alpha.1',
    '0.1.0-alpha.beta',
    '0.1.0-beta.2',
    '0.1.0-beta.11',
    '0.1.0',
    '0.1.1',
    '0.10.0',
    '1.0.0',
  ];
  expect(ordered.toReversed().toSorted(compareVersions)).toEqual(ordered);
  expect(compareVersions('1.2.3', '1.2.3')).toBe(0);
});
