import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import type { LogRow } from '../../../server/core/log-row.ts';
import { createAbleModel } from '../../fakes/able-model.ts';
import { startComposed, type ComposedServer } from '../../fakes/composed.ts';
import { createManualTime, type ManualTime } from '../../fakes/manual-time.ts';
import type { ModelCheck } from '../../../server/wire/checks.ts';
import { gate } from '../http/harness.ts';
import { checked, checkOf, settled, statesOf, toolsBy } from './checked.ts';

async function rowsOf(server: ComposedServer): Promise<LogRow[]> {
  return (await server.admin('GET', '/log?limit=100')) as LogRow[];
}

async function newKey(server: ComposedServer): Promise<string> {
  return ((await server.admin('POST', '/keys', { name: 'Anna' })) as { key: string }).key;
}

async function say(
  server: ComposedServer,
  key: string,
  model = 'fake-model',
  content = 'Hi',
): Promise<Response> {
  return await fetch(`${server.address}/v1/chat/completions`, {
    method: 'POST',
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
    body: JSON.stringify({ model, messages: [{ role: 'user', content }] }),
  });
}

function urlOf(input: Parameters<typeof fetch>[0]): string {
  return input instanceof Request ? input.url : input.toString();
}

/** Time in which whatever waits for it has its chance. */
async function passSlowly(server: ComposedServer, time: ManualTime, ms: number): Promise<void> {
  for (let passed = 0; passed < ms; passed += 5_000) {
    time.advance(5_000);
    await server.admin('GET', '/checks');
  }
}

/** As much time as it takes; in steps so small that nothing that is at work comes too late. */
async function passUntil(
  time: ManualTime,
  isSo: () => boolean | Promise<boolean>,
  stepMs = 1_000,
): Promise<void> {
  await expect
    .poll(
      async () => {
        time.advance(stepMs);
        return await isSo();
      },
      { timeout: 8_000, interval: 2 },
    )
    .toBe(true);
}

describe('what a check asks', () => {
  it('stands in the log as ours, in no budget, no cache and no trace, and its key opens nothing afterwards', async () => {
    const shown: string[] = [];
    const server = await startComposed({ withEngine: createAbleModel() });
    await server.admin('PUT', '/settings/tracing.office', { value: 'all' });
    await server.admin('PUT', '/settings/cache.enabled', { value: true });
    const realFetch = globalThis.fetch;
    vi.spyOn(globalThis, 'fetch').mockImplementation((input, init) => {
      const key = new Headers(init?.headers).get('authorization') ?? '';
      if (urlOf(input).includes('/v1/')) shown.push(key);
      return realFetch(input, init);
    });
    await checked(server);
    vi.restoreAllMocks();

    const rows = await rowsOf(server);
    expect(rows.length).toBeGreaterThan(12);
    for (const row of rows) {
      expect(row).toMatchObject({
        key: 'Inglenook (model check)',
        keyId: 'check',
        client: 'inglenook-check',
        servedModel: 'fake-model',
        cache: null,
      });
    }
    // On Home it is neither among the last requests nor in the day's numbers.
    expect(await server.admin('GET', '/log?checks=no')).toEqual([]);
    expect(await server.admin('GET', '/status')).toMatchObject({ today: { requests: 0, promptTokens: 0 } });
    expect(await server.admin('GET', '/spending')).toMatchObject({ keys: [], teams: [] });
    expect(await server.admin('GET', '/traces?limit=10')).toMatchObject({ traces: [] });
    const [bearer] = new Set(shown);
    expect(new Set(shown).size).toBe(1);
    const late = await fetch(`${server.address}/v1/models`, { headers: { authorization: bearer ?? '' } });
    expect(late.status).toBe(401);
  });

  it('is answered by the model itself, even where its name was pointed elsewhere', async () => {
    const engine = createAbleModel({ models: ['fake-model', 'other-model'] });
    let isThere = false;
    const later = {
      ...engine,
      models: () => engine.models().filter(({ id }) => isThere || id !== 'fake-model'),
    };
    const server = await startComposed({ withEngine: later });
    await server.admin('PUT', '/aliases/fake-model', { model: 'other-model' });
    // The name goes on leading elsewhere, for everybody who asks by it.
    isThere = true;
    await checked(server);
    expect(new Set(engine.seen.requests.map(({ model }) => model))).toEqual(new Set(['fake-model']));
  });

  it('is refused from any other model, and a withdrawn or foreign key is a wrong one', async () => {
    const held = gate();
    const engine = createAbleModel({
      models: ['fake-model', 'other-model'],
      beforePart: (index) => (index === 0 ? held.opened : undefined),
    });
    const server = await startComposed({ withEngine: engine });
    const realFetch = globalThis.fetch;
    let key = '';
    vi.spyOn(globalThis, 'fetch').mockImplementation((input, init) => {
      if (urlOf(input).includes('/v1/')) {
        key ||= new Headers(init?.headers).get('authorization')?.replace('Bearer ', '') ?? '';
      }
      return realFetch(input, init);
    });
    const { address } = server;
    void server.admin('POST', '/models/fake-model/check');
    await expect.poll(() => key.startsWith('sk-ink_')).toBe(true);
    vi.restoreAllMocks();
    expect((await say(server, key, 'other-model')).status).toBe(404);
    const listed = await fetch(`${address}/v1/models`, { headers: { authorization: `Bearer ${key}` } });
    expect(((await listed.json()) as { data: { id: string }[] }).data.map(({ id }) => id)).toEqual([
      'fake-model',
    ]);
    held.open();
    await settled(server);
    expect((await say(server, key)).status).toBe(401);
  });
});

describe('people go first', () => {
  it('a request that waits ends the one of the check, is answered, and the point is tried again', async () => {
    const held = gate();
    let isHeld = true;
    const engine = createAbleModel({
      slots: 1,
      beforePart: async (_index, request) => {
        const isHello = request.messages.some(({ content }) => JSON.stringify(content).includes('Say hello'));
        if (isHello && isHeld) await held.opened;
      },
    });
    const server = await startComposed({ withEngine: engine });
    const key = await newKey(server);
    await server.admin('POST', '/models/fake-model/check');
    await expect.poll(() => engine.seen.active).toBe(1);
    const anna = await say(server, key);
    expect(anna.status).toBe(200);
    // The check's own was given up for it, and nothing else was.
    expect(engine.seen.cancelled).toBe(1);
    isHeld = false;
    held.open();
    const found = await settled(server);
    expect(statesOf(found)).toMatchObject({ text: 'ok', tools: 'ok', 'long-context': 'ok' });
    const rows = await rowsOf(server);
    expect(rows.filter(({ status }) => status === 'cancelled').map(({ keyId }) => keyId)).toEqual(['check']);
  });

  it('a model is never unloaded or loaded in the way of others: who waits for memory ends it too', async () => {
    const held = gate();
    const loading = gate();
    const engine = createAbleModel({
      models: ['fake-model', 'other-model'],
      beforePart: (index, request) =>
        index === 0 && request.model === 'fake-model' && engine.seen.cancelled === 0
          ? held.opened
          : undefined,
      beforeReady: (model) => (model === 'other-model' ? loading.opened : undefined),
    });
    const server = await startComposed({ withEngine: engine });
    const key = await newKey(server);
    await server.admin('POST', '/models/fake-model/check');
    await expect.poll(() => engine.seen.active).toBe(1);
    const anna = say(server, key, 'other-model');
    await expect.poll(() => engine.seen.cancelled).toBe(1);
    expect((await checkOf(server)).run?.point).toBe('text');
    loading.open();
    expect((await anna).status).toBe(200);
    expect(statesOf(await settled(server))).toMatchObject({ text: 'ok' });
  });

  it('nothing is asked while the model answers somebody, also with places left; who comes then ends it', async () => {
    const time = createManualTime();
    const [ofAnna, ofBen, ofCheck] = [gate(), gate(), gate()];
    const engine = createAbleModel({
      slots: 4,
      beforePart: (_index, request) => {
        const text = JSON.stringify(request.messages);
        if (text.includes('Anna')) return ofAnna.opened;
        if (text.includes('Ben')) return ofBen.opened;
        return text.includes('Say hello') && engine.seen.cancelled === 0 ? ofCheck.opened : undefined;
      },
    });
    const server = await startComposed({ withEngine: engine, clock: time.clock, timers: time.timers });
    const key = await newKey(server);
    const anna = say(server, key, 'fake-model', 'Anna');
    await expect.poll(() => engine.seen.active).toBe(1);
    await server.admin('POST', '/models/fake-model/check');
    await passSlowly(server, time, 60_000);
    expect((await checkOf(server)).run).toMatchObject({ state: 'running', point: 'text', verdicts: [] });
    expect(engine.seen.requests).toHaveLength(1);

    ofAnna.open();
    await (await anna).text();
    await passUntil(time, () => engine.seen.requests.length === 2);
    const ben = say(server, key, 'fake-model', 'Ben');
    await passUntil(time, () => engine.seen.cancelled === 1);
    ofBen.open();
    expect((await ben).status).toBe(200);
    await passUntil(time, async () => (await checkOf(server)).run === null);
    expect(statesOf(await checkOf(server))).toMatchObject({ text: 'ok', 'long-context': 'ok' });
  });

  it('what others leave no time for keeps what was found before, unless that is stale, and is made up for', async () => {
    const time = createManualTime();
    let busy = gate();
    const engine = createAbleModel({
      beforePart: (_index, request) =>
        JSON.stringify(request.messages).includes('Anna') ? busy.opened : undefined,
    });
    const server = await startComposed({ withEngine: engine, clock: time.clock, timers: time.timers });
    const key = await newKey(server);
    const checkBesides = async (): Promise<ModelCheck> => {
      busy = gate();
      const anna = say(server, key, 'fake-model', 'Anna');
      await expect.poll(() => engine.seen.active).toBe(1);
      await server.admin('POST', '/models/fake-model/check');
      await passUntil(time, async () => (await checkOf(server)).run === null, 10_000);
      busy.open();
      await (await anna).text();
      return await checkOf(server);
    };
    const first = await checked(server);
    const second = await checkBesides();
    expect(second.checkedAt).not.toBe(first.checkedAt);
    expect(second.verdicts).toEqual(first.verdicts);

    await server.admin('PATCH', '/models/fake-model', { contextTokens: 8192 });
    const third = await checkBesides();
    expect(third.verdicts.find(({ point }) => point === 'text')).toMatchObject({
      state: 'skipped',
      code: 'busy',
    });
    expect(toolsBy(third)).toMatchObject({ works: [], limited: [] });

    await passUntil(time, async () => statesOf(await checkOf(server)).text === 'ok');
    expect(toolsBy(await checkOf(server)).works).toContain('aider');
  });
});

describe('a check', () => {
  it('can be ended: its request stops, nothing is kept, and what was found before stays', async () => {
    const held = gate();
    let holds = false;
    const engine = createAbleModel({
      beforePart: async (_index, { chat }) => {
        if (holds && chat !== undefined && chat.tools.length > 0) await held.opened;
      },
    });
    const server = await startComposed({ withEngine: engine });
    const before = await checked(server);
    holds = true;
    await server.admin('POST', '/models/fake-model/check');
    await expect.poll(async () => (await checkOf(server)).run?.point).toBe('tools');
    await expect.poll(() => engine.seen.active).toBe(1);
    await server.admin('DELETE', '/models/fake-model/check');
    const after = await settled(server);
    await expect.poll(() => engine.seen.cancelled).toBe(1);
    expect(after).toEqual(before);
    await expect(server.admin('DELETE', '/models/fake-model/check')).rejects.toThrow(
      /409.*not being checked/s,
    );
  });

  it('of several models is made one after the other; asking twice changes nothing', async () => {
    const engine = createAbleModel({ models: ['one', 'two'] });
    const server = await startComposed({ withEngine: engine });
    expect(await server.admin('POST', '/models/one/check')).toMatchObject({ run: { by: 'owner' } });
    expect(await server.admin('POST', '/models/two/check')).toMatchObject({ run: { state: 'waiting' } });
    await server.admin('POST', '/models/two/check');
    await settled(server, 'two');
    const models = engine.seen.requests.map(({ model }) => model);
    expect(models.lastIndexOf('one')).toBeLessThan(models.indexOf('two'));
    expect(models.filter((model) => model === 'one')).toHaveLength(models.length / 2);
    expect(await server.admin('GET', '/checks')).toMatchObject([
      { model: 'one', state: 'fresh' },
      { model: 'two', state: 'fresh' },
    ]);
  });

  it('that waits is taken out of the line at once, and can be asked for anew', async () => {
    const held = gate();
    const engine = createAbleModel({
      models: ['one', 'two'],
      beforePart: (_index, { model }) => (model === 'one' ? held.opened : undefined),
    });
    const server = await startComposed({ withEngine: engine });
    await server.admin('POST', '/models/one/check');
    await server.admin('POST', '/models/two/check');
    await server.admin('DELETE', '/models/two/check');
    expect((await checkOf(server, 'two')).run).toBe(null);
    await server.admin('POST', '/models/two/check');
    // So can the one that runs, although its request is only just ending.
    await expect.poll(() => engine.seen.active).toBe(1);
    await server.admin('DELETE', '/models/one/check');
    expect(await server.admin('POST', '/models/one/check')).toMatchObject({ run: { state: 'waiting' } });
    held.open();
    expect((await settled(server, 'two')).state).toBe('fresh');
    expect((await settled(server, 'one')).state).toBe('fresh');
    expect(engine.seen.cancelled).toBe(1);
  });

  it('of a model that cannot be loaded says why, and keeps nothing', async () => {
    const engine = createAbleModel({
      beforeReady: () => {
        throw new Error('no');
      },
    });
    const server = await startComposed({ withEngine: engine });
    const found = await checked(server);
    expect(found).toMatchObject({ state: 'none', verdicts: [], badges: [] });
    expect(found.problem).toMatch(/went wrong/);
  });

  it('of an unknown model is 404, and every act is in the audit', async () => {
    const server = await startComposed({ withEngine: createAbleModel() });
    await expect(server.admin('POST', '/models/nobody/check')).rejects.toThrow('404');
    await expect(server.admin('GET', '/models/nobody/check')).rejects.toThrow('404');
    await checked(server);
    const acts = (await server.admin('GET', '/audit?act=model')) as {
      act: string;
      object: string;
      outcome: string;
    }[];
    expect(acts.map(({ act, object, outcome }) => [act, object, outcome])).toEqual([
      ['model.check', 'fake-model', 'done'],
      ['model.check', 'nobody', 'refused'],
    ]);
  });

  it('outlives a restart, and says what has changed since', async () => {
    const dataDir = mkdtempSync(join(tmpdir(), 'inglenook-test-'));
    const first = await startComposed({ withEngine: createAbleModel(), dataDir });
    const before = await checked(first);
    expect(before.engineVersion).toMatch(/^Inglenook \S+, node-llama-cpp \d/);
    await first.stop(0);
    const second = await startComposed({ withEngine: createAbleModel(), dataDir });
    expect(await checkOf(second)).toEqual(before);
    await second.admin('PATCH', '/models/fake-model', { contextTokens: 8192 });
    expect(await checkOf(second)).toMatchObject({
      state: 'stale',
      changed: ['settings'],
      verdicts: before.verdicts,
    });
  });
});

describe('by itself', () => {
  it('checks a loaded model once nobody has asked for a minute, again after a change, and not when switched off', async () => {
    const time = createManualTime();
    const engine = createAbleModel();
    const server = await startComposed({ withEngine: engine, clock: time.clock, timers: time.timers });
    const pass = (ms: number): void => time.advance(ms);
    const key = await newKey(server);

    // Not loaded: nothing is loaded for it.
    pass(10 * 60_000);
    await settledNow();
    expect(engine.seen.loads).toBe(0);

    expect((await say(server, key)).status).toBe(200);
    await settledNow();
    pass(45_000);
    await settledNow();
    expect(engine.seen.requests).toHaveLength(1);
    pass(60_000);
    await expect.poll(async () => (await checkOf(server)).state).toBe('fresh');
    const { length } = engine.seen.requests;

    pass(10 * 60_000);
    await settledNow();
    expect(engine.seen.requests).toHaveLength(length);

    await server.admin('PUT', '/settings/check.auto', { value: false });
    await server.admin('PATCH', '/models/fake-model', { contextTokens: 8192 });
    pass(10 * 60_000);
    await settledNow();
    expect(engine.seen.requests).toHaveLength(length);

    await server.admin('PUT', '/settings/check.auto', { value: true });
    pass(60_000);
    await expect.poll(async () => (await checkOf(server)).state).toBe('fresh');
    expect(engine.seen.requests.length).toBeGreaterThan(length);

    /** What was begun by time that has passed has had its chance to ask. */
    async function settledNow(): Promise<void> {
      for (let turn = 0; turn < 20; turn += 1) await server.admin('GET', '/checks');
    }
  });

  it('is given up as soon as anybody asks for anything, and keeps nothing of it', async () => {
    const time = createManualTime();
    const held = gate();
    let holds = false;
    const engine = createAbleModel({
      beforePart: (_index, request) =>
        holds && JSON.stringify(request.messages).includes('weather') ? held.opened : undefined,
    });
    const server = await startComposed({ withEngine: engine, clock: time.clock, timers: time.timers });
    const key = await newKey(server);
    await say(server, key);
    await server.admin('GET', '/status');
    holds = true;
    time.advance(120_000);
    await expect.poll(async () => (await checkOf(server)).run?.point).toBe('tools');
    await expect.poll(() => engine.seen.active).toBe(1);
    const anna = say(server, key, 'fake-model', 'Bad weather?');
    await expect.poll(() => engine.seen.active).toBe(2);
    time.advance(1_000);
    await expect.poll(() => engine.seen.cancelled).toBe(1);
    await expect.poll(async () => (await checkOf(server)).run).toBe(null);
    expect(await checkOf(server)).toMatchObject({ state: 'none', problem: null });
    held.open();
    expect((await anna).status).toBe(200);
  });
});
