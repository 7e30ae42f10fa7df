import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, onTestFinished, test, vi } from 'vitest';
import { createUpdates } from '../../../server/updates/updates.ts';
import { openStore, closeStore } from '../../../server/store/open.ts';
import { setStoredUpdates, storedUpdates } from '../../../server/store/updates.ts';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { createHash } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startFileServer, type FileServer } from '../../fakes/file-server.ts';
import { createManualTime } from '../../fakes/manual-time.ts';
import { feedOf, installer, maker, news, stranger } from './feeds.ts';

const path = '/updates.json';
const silent = { debug() {}, info() {}, warn() {}, error() {} };

type Options = {
  readonly offline?: boolean;
  readonly feed?: string | null;
  readonly keys?: readonly string[];
  readonly files?: Readonly<Record<string, Buffer | string>>;
  readonly lookup?: Parameters<typeof createUpdates>[0]['lookup'];
};

async function setUp({
  offline = false,
  keys = [maker.shared],
  files = { [path]: feedOf() },
  ...rest
}: Options = {}) {
  const folder = mkdtempSync(join(tmpdir(), 'inglenook-test-'));
  const server = await startFileServer(files);
  const store = openStore(join(folder, 'test.db'));
  const time = createManualTime(Date.parse('2026-11-23T12:00:00Z'));
  const feed = rest.feed === undefined ? `${server.origin}${path}` : rest.feed;
  const updates = createUpdates({
    store,
    ...time,
    log: silent,
    installed: {
      version: '0.1.0',
      releasedOn: '2026-11-20',
      edition: 'standard',
      platform: 'linux',
      arch: 'x64',
    },
    source: { feed, keys },
    isOffline: () => offline,
    folder: join(folder, 'updates'),
    onChange: () => {},
    ...(rest.lookup === undefined ? {} : { lookup: rest.lookup }),
  });
  onTestFinished(async () => {
    await updates.stop();
    closeStore(store);
    rmSync(folder, { recursive: true, force: true });
  });
  return { updates, server, store, time, folder };
}

const looked = ({ asked }: FileServer): number => asked.length;

test('one request brings the news, and says nothing of who asks', async () => {
  const seen: Record<string, unknown>[] = [];
  const listener = createServer((request, response) => {
    seen.push({ method: request.method, url: request.url, ...request.headers });
    response.end(feedOf());
  });
  await new Promise<void>((resolve) => void listener.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void listener.close());
  const host = `127.0.0.1:${(listener.address() as AddressInfo).port}`;
  const { updates } = await setUp({ feed: `http://${host}/news.json` });
  expect(await updates.look()).toMatchObject({
    problem: null,
    ageDays: 3,
    knownAt: '2026-11-23T12:00:00.000Z',
    news: { version: '0.2.0', isSecurity: true, page: news.page },
  });
  expect(seen).toEqual([
    {
      method: 'GET',
      url: '/news.json',
      host,
      'user-agent': 'inglenook',
      'accept-encoding': 'identity',
      connection: 'close',
    },
  ]);
});

test('it looks by itself only when the owner has said yes, once a day, also over restarts and clocks set back', async () => {
  const { updates, server, store, time } = await setUp();
  updates.begin();
  const dayMs = 86_400_000;
  time.advance(3 * dayMs);
  expect(looked(server)).toBe(0);
  setStoredUpdates(store, { choice: 'no' });
  time.advance(3 * dayMs);
  expect(looked(server)).toBe(0);

  setStoredUpdates(store, { choice: 'yes' });
  time.advance(3_600_000);
  await vi.waitFor(() => expect(storedUpdates(store).knownMs).not.toBeNull());
  time.advance(dayMs - 3_600_001);
  expect(looked(server)).toBe(1);
  time.advance(3_600_001);
  await vi.waitFor(() => expect(looked(server)).toBe(2));
  await vi.waitFor(() => expect(storedUpdates(store).lookedMs).toBe(time.clock.nowMs()));

  time.setBack(10 * dayMs);
  time.advance(3_600_000);
  await vi.waitFor(() => expect(looked(server)).toBe(3));
});

test('a look that fails counts for the day, too', async () => {
  const { updates, server, store, time } = await setUp({ files: {} });
  setStoredUpdates(store, { choice: 'yes' });
  updates.begin();
  time.advance(300_000);
  await vi.waitFor(() => expect(storedUpdates(store).problem).toBe('not-found'));
  time.advance(12 * 3_600_000);
  expect(looked(server)).toBe(1);
});

test('who asks at the same time shares one look', async () => {
  const { updates, server } = await setUp();
  await Promise.all([updates.look(), updates.look(), updates.look()]);
  expect(looked(server)).toBe(1);
});

test.each([
  ['a stranger’s signature', { [path]: feedOf({}, stranger.secret) }, 'not-signed'],
  ['what is too long to be news', { [path]: Buffer.alloc(70_000, 32) }, 'too-large'],
  ['a page', { [path]: '<!doctype html>' }, 'not-understood'],
  ['nothing', {}, 'not-found'],
])('%s is told as it is, and what was known stays', async (_name, files, problem) => {
  const { updates, server } = await setUp();
  await updates.look();
  server.files.clear();
  for (const [name, content] of Object.entries(files)) server.files.set(name, content);
  expect(await updates.look()).toMatchObject({ problem, news: { version: '0.2.0' } });
});

test('news older than those seen are not believed, though they are signed', async () => {
  const { updates, server } = await setUp();
  await updates.look();
  server.files.set(path, feedOf({ issuedAt: '2026-11-21T08:00:00.000Z', version: '0.1.0' }));
  expect(await updates.look()).toMatchObject({ problem: 'older', news: { version: '0.2.0' } });
  server.files.set(path, feedOf({ issuedAt: '2026-11-23T08:00:00.000Z', version: '0.1.0' }));
  expect(await updates.look()).toMatchObject({ problem: null, news: null });
});

test('a redirect is followed, but not without end and not to where nothing is fetched from', async () => {
  const { updates, server } = await setUp();
  server.files.set('/moved.json', feedOf());
  server.fault = ({ path: asked }) => (asked === path ? { redirect: '/moved.json' } : null);
  expect(await updates.look()).toMatchObject({ problem: null, news: { version: '0.2.0' } });
  server.fault = () => ({ redirect: path });
  expect(await updates.look()).toMatchObject({ problem: 'unreachable' });
  server.fault = () => ({ redirect: 'http://169.254.169.254/latest' });
  expect(await updates.look()).toMatchObject({ problem: 'refused-address' });
});

test('never going online leaves the own network, and asks nobody outside', async () => {
  const here = await setUp({ offline: true });
  expect(await here.updates.look()).toMatchObject({ problem: null, news: { version: '0.2.0' } });
  const asked: string[] = [];
  const outside = await setUp({
    offline: true,
    feed: 'https://news.example/updates.json',
    lookup: ((name: string, _options: unknown, done: (error: null, found: object[]) => void) => {
      asked.push(name);
      done(null, [{ address: '203.0.113.7', family: 4 }]);
    }) as unknown as NonNullable<Options['lookup']>,
  });
  expect(await outside.updates.look()).toMatchObject({ problem: 'offline', news: null });
  const byNumber = await setUp({ offline: true, feed: 'https://203.0.113.7/updates.json' });
  expect(await byNumber.updates.look()).toMatchObject({ problem: 'offline' });
});

test.each([
  [{ keys: [] }, 'no-key'],
  [{ feed: null }, 'no-feed'],
] as const)('with %j there is nobody to ask', async (options, problem) => {
  const { updates, server } = await setUp(options);
  expect(updates.state()).toMatchObject({ isPossible: false, problem });
  expect(await updates.look()).toMatchObject({ problem });
  expect(looked(server)).toBe(0);
});

test('an update forgets the news of itself; a key that is withdrawn takes its news along', async () => {
  const { updates, store } = await setUp();
  await updates.look();
  const seen = updates.seen();
  expect(seen).toBe(feedOf());
  const withoutKey = await setUp({ keys: [stranger.shared] });
  setStoredUpdates(withoutKey.store, { seen });
  expect([withoutKey.updates.state().news, withoutKey.updates.seen()]).toEqual([null, null]);
  expect(storedUpdates(store).seen).toBe(seen);
});

const sha256 = createHash('sha256').update(installer).digest('hex');
const [deb] = news.files;
const withSum = feedOf({ files: [{ ...deb, sha256 }] });

test('the file is fetched beside the owner’s own feed, held against its sum, and never started', async () => {
  const { updates, server, store, folder } = await setUp({
    files: { [path]: withSum, [`/${deb?.name}`]: installer },
  });
  setStoredUpdates(store, { feed: `${server.origin}${path}` });
  await updates.look();
  expect(updates.download().download).toMatchObject({ state: 'running', sizeBytes: installer.length });
  await vi.waitFor(() => expect(updates.state().download.state).not.toBe('running'));
  const kept = join(folder, 'updates', deb?.name ?? '');
  expect(updates.state().download).toEqual({ state: 'ready', name: deb?.name, path: kept });
  expect(readFileSync(kept)).toEqual(installer);
  // What lies there whole is not fetched again.
  const before = looked(server);
  updates.download();
  await vi.waitFor(() => expect(updates.state().download.state).toBe('ready'));
  expect(looked(server)).toBe(before);
});

test.each([
  ['other bytes', Buffer.alloc(installer.length, 1)],
  ['more bytes', Buffer.concat([installer, installer])],
  ['fewer bytes', installer.subarray(1)],
])('%s than were signed are deleted', async (_name, bytes) => {
  const { updates, server, store, folder } = await setUp({
    files: { [path]: withSum, [`/${deb?.name}`]: bytes },
  });
  setStoredUpdates(store, { feed: `${server.origin}${path}` });
  await updates.look();
  updates.download();
  await vi.waitFor(() => expect(updates.state().download.state).toBe('failed'));
  expect(readdirSync(join(folder, 'updates'))).toEqual([]);
});

test('there is nothing to fetch before anything newer is known', async () => {
  const { updates } = await setUp();
  expect(() => updates.download()).toThrow(expect.objectContaining({ status: 404 }));
});
