import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { updateFeedPath, updateState, type UpdateState } from '../../../server/wire/updates.ts';
import { startComposed, type ComposedServer } from '../../fakes/composed.ts';
import { startFileServer } from '../../fakes/file-server.ts';
import { feedOf, maker } from './feeds.ts';

const run = promisify(execFile);

async function setUp(files: Readonly<Record<string, string>> = { '/updates.json': feedOf() }) {
  const makers = await startFileServer(files);
  const source = { feed: `${makers.origin}/updates.json`, keys: [maker.shared] };
  const server = await startComposed({
    environment: { INGLENOOK_OFFLINE: '1' },
    updates: { source, installed: { version: '0.1.0', edition: 'standard' } },
  });
  return { makers, server, source };
}

const stateOf = async (server: ComposedServer): Promise<UpdateState> =>
  updateState.parse(await server.admin('GET', '/updates'));

test('nobody is asked before the owner has said so, or asks', async () => {
  const { makers, server } = await setUp();
  expect(await stateOf(server)).toMatchObject({
    choice: 'ask',
    isPossible: true,
    lookedAt: null,
    news: null,
  });
  expect(await server.admin('PUT', '/settings/updates.check', { value: 'yes' })).toMatchObject({
    value: 'yes',
  });
  expect(makers.asked).toEqual([]);
  expect(updateState.parse(await server.admin('POST', '/updates/check'))).toMatchObject({
    choice: 'yes',
    news: { version: '0.2.0', isSecurity: true },
  });
  expect(makers.asked).toHaveLength(1);
  const acts = (await server.admin('GET', '/audit?limit=10')) as { entries?: { act: string }[] };
  expect(JSON.stringify(acts)).toContain('update.look');
});

test('the app below which the server runs is told of it, for its tray', async () => {
  const { server } = await setUp();
  expect(server.host.state().update).toBeNull();
  await server.admin('POST', '/updates/check');
  expect(server.host.state().update).toEqual({ version: '0.2.0', isSecurity: true });
});

test('another Inglenook gets the news from here, word for word, and believes them by their signature', async () => {
  const first = await setUp();
  const address = `${first.server.address}${updateFeedPath}`;
  expect((await fetch(address)).status).toBe(404);
  await first.server.admin('POST', '/updates/check');
  expect(await (await fetch(address)).text()).toBe(feedOf());

  const second = await setUp({});
  await second.server.admin('PUT', '/settings/updates.feed', { value: address });
  expect(updateState.parse(await second.server.admin('POST', '/updates/check'))).toMatchObject({
    isOwnFeed: true,
    feed: address,
    problem: null,
    news: { version: '0.2.0' },
  });
  expect(second.makers.asked).toEqual([]);
});

test('the feed must be an address of the web without a password in it; null takes the makers’ again', async () => {
  const { server, source } = await setUp();
  for (const value of [
    'ftp://nas/updates.json',
    'http://me:secret@nas/updates.json',
    'http://169.254.1.1/',
    'nas',
  ]) {
    await expect(server.admin('PUT', '/settings/updates.feed', { value })).rejects.toThrow('400');
  }
  await expect(server.admin('PUT', '/settings/updates.check', { value: 'always' })).rejects.toThrow(
    'yes, no or ask',
  );
  await server.admin('PUT', '/settings/updates.feed', { value: 'http://nas.lan/updates.json' });
  expect(await stateOf(server)).toMatchObject({ feed: 'http://nas.lan/updates.json', isOwnFeed: true });
  await server.admin('PUT', '/settings/updates.feed', { value: null });
  expect(await stateOf(server)).toMatchObject({ feed: source.feed, isOwnFeed: false });
});

test('the command line tells it in words and in JSON', async () => {
  const { server } = await setUp();
  const cli = async (...words: string[]): Promise<string> => {
    const environment = { ...process.env, INGLENOOK_DATA_DIR: server.dataDir };
    const { stdout } = await run(process.execPath, ['scripts/inglenook.mjs', ...words], { env: environment });
    return stdout;
  };
  expect(await cli('update')).toMatch(/Newer +none known/);
  expect(await cli('update', 'check')).toMatch(/Newer +0\.2\.0, security: YES[^]*Closes a hole\./);
  expect(JSON.parse(await cli('update', '--json'))).toMatchObject({
    version: '0.1.0',
    news: { version: '0.2.0' },
  });
  await expect(cli('update', 'download')).rejects.toMatchObject({ code: 1 });
});

test('without a session or the token there is no answer', async () => {
  const { server } = await setUp();
  for (const [method, path] of [
    ['GET', '/updates'],
    ['POST', '/updates/check'],
    ['POST', '/updates/download'],
  ] as const) {
    expect([path, (await fetch(`${server.address}/api${path}`, { method })).status]).toEqual([path, 401]);
  }
});
