import { describe, expect, it } from 'vitest';
import { logPage, serverStatus, type WireLogRow } from '../../../server/wire/admin.ts';
import { gate } from '../http/harness.ts';
import { startFakeUpstream } from '../../fakes/fake-upstream.ts';
import { startPaused, type PausedServer } from './paused.ts';

const told = async (response: Response): Promise<string> => {
  const { error } = (await response.json()) as { error: { message: string } };
  return error.message;
};
const rows = async (server: PausedServer): Promise<WireLogRow[]> =>
  logPage.parse(await server.admin('GET', '/log'));
/** Work that other promises do between two moments of a clock that stands. */
const settle = async (): Promise<void> => {
  for (let turn = 0; turn < 20; turn += 1) await new Promise((resolve) => setImmediate(resolve));
};
const phaseOf = async (server: PausedServer): Promise<string | undefined> =>
  (await server.owner()).pauses.gpu?.phase;

describe('“I need my GPU”', () => {
  it('lets a running answer end, takes no new one, unloads, and loads again when its time is over', async () => {
    const held = gate();
    const server = await startPaused({
      engine: { beforePart: (index) => (index === 3 ? held.opened : undefined) },
    });
    const stream = await server.chat({ stream: true });
    const reader = stream.body?.getReader();
    await reader?.read();

    const { pauses } = await server.take('gpu', { seconds: 3600 });
    expect(pauses.gpu).toMatchObject({
      until: '2026-11-22T13:00:00.000Z',
      by: 'owner',
      phase: 'draining',
      running: 1,
      drainUntil: '2026-11-22T12:01:00.000Z',
      models: ['fake-model'],
    });
    expect(server.engine.models()[0]?.state).toBe('busy');

    const refused = await server.chat();
    expect([
      refused.status,
      refused.headers.get('retry-after'),
      refused.headers.get('x-should-retry'),
    ]).toEqual([503, '3600', 'false']);
    expect(await told(refused)).toMatch(
      /^The owner needs this computer for other work, so its own models answer nobody until \d\d:\d\d \(.+\)\. Only the owner can end it earlier\.$/,
    );

    held.open();
    let text = '';
    for (let part = await reader?.read(); part?.done === false; part = await reader?.read()) {
      text += new TextDecoder().decode(part.value);
    }
    expect(text).toContain('[DONE]');
    await settle();
    server.time.advance(200);
    await expect.poll(() => phaseOf(server)).toBe('held');
    expect(server.engine.models()[0]?.state).toBe('off');

    server.time.advance(3_599_800);
    await settle();
    expect((await server.owner()).pauses.gpu).toBeNull();
    await expect.poll(() => server.engine.models()[0]?.state).toBe('ready');
    expect((await server.chat()).status).toBe(200);
    const statuses = (await rows(server)).map(({ status, httpStatus }) => `${status} ${httpStatus}`);
    expect(statuses.toSorted()).toEqual(['ok 200', 'ok 200', 'refused 503']);
  });

  it('ends what runs at the end of the drain, with a sentence, and at once where that was asked', async () => {
    const server = await startPaused({
      engine: { beforePart: (index) => (index === 3 ? new Promise<void>(() => {}) : undefined) },
    });
    const first = await server.chat({ stream: true });
    await server.take('gpu', { seconds: null, drainSeconds: 5 });
    server.time.advance(4_800);
    await settle();
    expect(await phaseOf(server)).toBe('draining');
    server.time.advance(400);
    expect(await first.text()).toContain('This answer ends here. The owner needs this computer');
    await expect.poll(() => phaseOf(server)).toBe('held');
    await server.lift('gpu');

    const second = await server.chat({ stream: true });
    await server.take('gpu', { drainSeconds: 0 });
    expect(await second.text()).toContain('gpu_released');
    await expect.poll(() => phaseOf(server)).toBe('held');
    expect(server.engine.seen.cancelled).toBe(2);
    expect((await rows(server)).map(({ status }) => status)).toEqual(['error', 'error']);
  });

  it('sends to the fallbacks elsewhere, and says so in the answer', async () => {
    const upstream = await startFakeUpstream({ models: ['large'] });
    const server = await startPaused();
    await server.admin('POST', '/upstreams', { name: 'far', url: upstream.url, mayLeave: true });
    await server.admin('PUT', '/aliases/team', { model: 'fake-model', fallback: ['large'] });
    await expect
      .poll(async () => ((await server.admin('GET', '/models')) as { id: string }[]).map(({ id }) => id))
      .toContain('large');
    await server.take('gpu');
    const answer = await server.chat({ model: 'team' });
    expect([
      answer.status,
      answer.headers.get('x-inglenook-model'),
      answer.headers.get('x-inglenook-tried'),
    ]).toEqual([200, 'large', 'fake-model,large']);
    expect((await server.chat()).status).toBe(503);
    expect((await server.chat({ model: 'large' })).status).toBe(200);
    expect((await server.owner()).pauses.gpu?.others).toEqual(['far']);
    await upstream.close();
  });

  it('tells who waits for a place at once, and sends it on where somebody else can answer', async () => {
    const held = gate();
    const upstream = await startFakeUpstream({ models: ['large'] });
    const server = await startPaused({
      engine: { slots: 1, beforePart: (index) => (index === 1 ? held.opened : undefined) },
    });
    await server.admin('POST', '/upstreams', { name: 'far', url: upstream.url, mayLeave: true });
    await server.admin('PUT', '/aliases/team', { model: 'fake-model', fallback: ['large'] });
    await expect
      .poll(async () => ((await server.admin('GET', '/models')) as { id: string }[]).length)
      .toBe(2);
    const running = server.chat();
    await expect.poll(() => server.engine.seen.active).toBe(1);
    const waiting = server.chat();
    const sentOn = server.chat({ model: 'team' });
    await expect
      .poll(async () => serverStatus.parse(await server.admin('GET', '/status')).waitingRequests)
      .toBe(2);
    await server.take('gpu', { seconds: 600 });
    expect((await waiting).status).toBe(503);
    expect((await sentOn).headers.get('x-inglenook-model')).toBe('large');
    held.open();
    expect((await running).status).toBe(200);
    await upstream.close();
  });

  it('outlives a restart, loads nothing meanwhile, and ends by its time', async () => {
    const first = await startPaused();
    await first.chat();
    await first.take('gpu', { seconds: 1800 });
    await expect.poll(() => phaseOf(first)).toBe('held');
    const { dataDir, time, key } = first;
    await first.stop(0);

    const second = await startPaused({ dataDir, time, key });
    expect(await second.owner()).toMatchObject({
      pauses: {
        gpu: { phase: 'held', models: ['fake-model'], until: '2026-11-22T12:30:00.000Z' },
        all: null,
      },
    });
    expect((await second.chat()).status).toBe(503);
    expect(second.engine.seen.loads).toBe(0);
    time.advance(1_800_000);
    await expect.poll(() => second.engine.models()[0]?.state).toBe('ready');
    expect((await second.chat()).status).toBe(200);
  });

  it('keeps the console, names the office’s contact, and writes who did what', async () => {
    const server = await startPaused();
    await server.admin('PUT', '/settings/office.contact', { value: 'Eva, room 12' });
    await server.take('gpu', { seconds: 60 });
    expect(await told(await server.chat())).toContain('Only the owner (Eva, room 12) can end it earlier.');
    expect(serverStatus.parse(await server.admin('GET', '/status')).pauses).toMatchObject({
      all: null,
      gpu: {},
    });
    const ready = await fetch(`${server.address}/readyz`);
    expect([ready.status, await ready.json()]).toEqual([
      200,
      { status: 'ready', gpu: { released: true, until: '2026-11-22T12:01:00.000Z' } },
    ]);
    await server.lift('gpu');
    await server.take('gpu', { seconds: 60 });
    server.time.advance(60_000);
    await settle();
    const acts = ((await server.admin('GET', '/audit')) as { act: string; actor: string; object: string }[])
      .filter(({ act }) => act.startsWith('pause.'))
      .map(({ act, actor, object }) => `${actor} ${act} ${object}`);
    expect(acts).toEqual([
      'server pause.end gpu',
      'owner pause.begin gpu',
      'owner pause.end gpu',
      'owner pause.begin gpu',
    ]);
  });

  it('is lifted while answers still run: nothing is unloaded, and what was begun goes on', async () => {
    const held = gate();
    const server = await startPaused({
      engine: { beforePart: (index) => (index === 2 ? held.opened : undefined) },
    });
    const running = server.chat();
    await expect.poll(() => server.engine.seen.active).toBe(1);
    await server.take('gpu');
    await server.lift('gpu');
    server.time.advance(120_000);
    held.open();
    expect((await running).status).toBe(200);
    expect(server.engine.models()[0]?.state).toBe('ready');
  });

  it('may be given another end, and keeps its beginning', async () => {
    const server = await startPaused();
    await server.chat();
    await server.take('gpu', { seconds: 600 });
    await expect.poll(() => phaseOf(server)).toBe('held');
    server.time.advance(300_000);
    const { pauses } = await server.take('gpu', { seconds: 3600 });
    expect(pauses.gpu).toMatchObject({
      since: '2026-11-22T12:00:00.000Z',
      until: '2026-11-22T13:05:00.000Z',
      models: ['fake-model'],
    });
    server.time.advance(400_000);
    expect((await server.chat()).status).toBe(503);
  });

  it.each([
    [{ seconds: 0 }, 400],
    [{ seconds: 14 * 86_400 + 1 }, 400],
    [{ seconds: 60, drainSeconds: 601 }, 400],
    [{ hours: 2 }, 400],
  ])('refuses %o', async (wish, status) => {
    const server = await startPaused();
    await expect(server.take('gpu', wish)).rejects.toThrow(String(status));
    await expect(server.admin('PUT', '/pauses/tv', {})).rejects.toThrow('404');
    expect((await server.owner()).pauses.gpu).toBeNull();
  });
});
