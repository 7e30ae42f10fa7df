import { describe, expect, it } from 'vitest';
import { setAlias } from '../../../server/store/aliases.ts';
import { setOfficeContact } from '../../../server/store/contact.ts';
import { replaceKey } from '../../../server/store/former-keys.ts';
import { createKey, revokeKey, updateKey } from '../../../server/store/keys.ts';
import { setTeam } from '../../../server/store/teams.ts';
import { setOfficeTracing, setTracingNotice } from '../../../server/store/tracing.ts';
import { gate, startTestServer, type TestServer } from '../http/harness.ts';
import { startLimited, tokens, usual } from '../http/limited.ts';
import { askMe, codeOf, stateOf } from './asking.ts';

const dayMs = 86_400_000;

const chatWith = ({ url }: Pick<TestServer, 'url'>, key: string, init: RequestInit = {}): Promise<Response> =>
  fetch(`${url}/v1/chat/completions`, {
    method: 'POST',
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
    body: JSON.stringify({ model: 'fake-model', messages: [{ role: 'user', content: 'Hi' }] }),
    ...init,
  });

describe('who is let in', () => {
  it('is whoever shows a key that holds; for all others there is one answer', async () => {
    const { url, key, keyId, store } = await startTestServer();
    const never = `sk-ink_${'a'.repeat(38)}`;
    for (const path of ['/me/state', '/me/guides']) {
      const answers = [await askMe(url, null, path), await askMe(url, never, path)];
      for (const answer of answers) expect(await codeOf(answer)).toEqual([401, 'invalid_api_key']);
      expect((await askMe(url, key, path)).status).toBe(200);
    }
    updateKey(store, keyId, { paused: true }, Date.now());
    expect(await codeOf(await askMe(url, key))).toEqual([403, 'key_paused']);
    updateKey(store, keyId, { paused: false, ips: ['10.0.0.1'] }, Date.now());
    expect(await codeOf(await askMe(url, key))).toEqual([403, 'ip_not_allowed']);
    updateKey(store, keyId, { ips: null, team: 'Support' }, Date.now());
    setTeam(store, 'Support', { paused: true }, Date.now());
    expect(await codeOf(await askMe(url, key))).toEqual([403, 'team_paused']);
    revokeKey(store, keyId, Date.now());
    expect(await codeOf(await askMe(url, key))).toEqual([401, 'invalid_api_key']);
  });

  it('ends with the key', async () => {
    const server = await startLimited({});
    updateKey(
      server.store,
      server.id,
      { expiresAt: new Date(server.time.clock.nowMs() + dayMs).toISOString() },
      server.time.clock.nowMs(),
    );
    expect((await stateOf(server, server.limitedKey)).key.expiresAt).toBe('2026-11-23T12:00:00.000Z');
    server.time.advance(dayMs);
    expect(await codeOf(await askMe(server.url, server.limitedKey))).toEqual([401, 'invalid_api_key']);
  });

  it('attack 75: takes the key in a header alone, and answers to GET alone', async () => {
    const { url, key } = await startTestServer();
    const inAddress = await fetch(`${url}/me/state?key=${key}`);
    expect([inAddress.status, await inAddress.text()]).toEqual([400, expect.stringContaining('histories')]);
    for (const path of ['/me', '/me/state', '/me/guides']) {
      const answer = await fetch(`${url}${path}`, {
        method: 'POST',
        headers: { authorization: `Bearer ${key}` },
      });
      expect([path, answer.status, answer.headers.get('allow')]).toEqual([path, 405, 'GET']);
    }
  });

  it('attack 78: is kept by nobody on the way, nor read by pages of others', async () => {
    const { url, key, store } = await startTestServer();
    const { setAllowedOrigins } = await import('../../../server/store/allowed-origins.ts');
    setAllowedOrigins(store, ['https://chat.example.org']);
    const answer = await fetch(`${url}/me/state`, {
      headers: { authorization: `Bearer ${key}`, origin: 'https://chat.example.org' },
    });
    const { headers } = answer;
    expect(headers.get('cache-control')).toBe('no-store');
    expect(headers.get('access-control-allow-origin')).toBeNull();
    expect(headers.get('cross-origin-resource-policy')).toBe('same-origin');
    // Nothing that a browser would send along by itself.
    expect(headers.get('set-cookie')).toBeNull();
  });
});

describe('what a key is told', () => {
  it('attack 77: is its own use, of today and of this month, and nothing of others', async () => {
    const server = await startLimited({ name: 'Anna’s laptop', person: 'Anna', device: 'laptop' });
    const other = createKey(
      server.store,
      { name: 'Secret project', person: 'Jonas', device: 'tower' },
      server.time.clock.nowMs(),
    );
    await server.ask(usual);
    server.time.advance(dayMs);
    await server.ask(usual);
    await server.ask({ model: 'nobody-has-this' });
    for (let i = 0; i < 3; i += 1) await chatWith(server, other.key);
    const answer = await askMe(server.url, server.limitedKey);
    const text = await answer.text();
    for (const theirs of ['Secret project', 'Jonas', 'tower', other.record.id, other.record.hint, other.key])
      expect(text).not.toContain(theirs);
    // Nor what opens anything.
    expect(text).not.toContain(server.limitedKey);
    const { usage, key, running, waiting } = await stateOf(server, server.limitedKey);
    expect(usage).toEqual({
      today: {
        from: '2026-11-23T00:00:00.000Z',
        requests: 2,
        refused: 1,
        errors: 0,
        promptTokens: 12,
        completionTokens: 5,
        cost: 0,
      },
      month: {
        from: '2026-11-01T00:00:00.000Z',
        requests: 3,
        refused: 1,
        errors: 0,
        promptTokens: 24,
        completionTokens: 10,
        cost: 0,
      },
    });
    expect(key).toMatchObject({ name: 'Anna’s laptop', person: 'Anna', device: 'laptop', expiresAt: null });
    expect([running, waiting]).toEqual([0, []]);
  });

  it('says of a text that was replaced until when it works', async () => {
    const server = await startLimited({});
    const nowMs = server.time.clock.nowMs();
    const { key } = replaceKey(server.store, server.id, { oldEndsMs: nowMs + dayMs, nowMs });
    const old = await stateOf(server, server.limitedKey);
    const now = await stateOf(server, key);
    expect([old.key.replacedUntil, now.key.replacedUntil]).toEqual(['2026-11-23T12:00:00.000Z', null]);
    expect([
      server.limitedKey.endsWith(old.key.hint.slice(-4)),
      key.endsWith(now.key.hint.slice(-4)),
    ]).toEqual([true, true]);
  });

  it('has the owner’s own words for whom to ask', async () => {
    const server = await startTestServer();
    expect((await stateOf(server, server.key)).contact).toBeNull();
    setOfficeContact(server.store, 'Eva, room 12');
    expect((await stateOf(server, server.key)).contact).toBe('Eva, room 12');
  });
});

describe('limits', () => {
  it('are told with what is left and when they begin anew', async () => {
    const server = await startLimited({
      limits: {
        requestsPerMinute: 10,
        maxParallel: 2,
        budgets: [
          { unit: 'tokens', amount: 1000, period: 'day' },
          { unit: 'tokens', amount: 5000, period: 'total' },
        ],
      },
      modelLimits: { 'fake-model': tokens(17).limits },
    });
    await server.ask(usual);
    const { limits } = await stateOf(server, server.limitedKey);
    const [own, ofModel] = limits;
    expect(own).toEqual({
      whose: 'key',
      model: null,
      requestsPerMinute: { limit: 10, left: 9 },
      tokensPerMinute: null,
      atOnce: { limit: 2, left: 2 },
      budgets: [
        {
          unit: 'tokens',
          amount: 1000,
          period: 'day',
          left: 983,
          isUsedUp: false,
          until: '2026-11-23T00:00:00.000Z',
        },
        { unit: 'tokens', amount: 5000, period: 'total', left: 4983, isUsedUp: false, until: null },
      ],
    });
    expect(ofModel).toMatchObject({
      whose: 'key',
      model: 'fake-model',
      budgets: [{ left: 0, isUsedUp: true }],
    });
    server.time.advance(dayMs / 2);
    const anew = (await stateOf(server, server.limitedKey)).limits;
    expect(anew[0]?.budgets[0]).toMatchObject({ left: 1000, until: '2026-11-24T00:00:00.000Z' });
    expect(anew[1]?.budgets[0]).toMatchObject({ left: 17, isUsedUp: false });
  });

  it('attack 77: of a team do not tell what the others have used of them', async () => {
    const server = await startLimited({ team: 'Support' });
    const nowMs = server.time.clock.nowMs();
    const limits = {
      requestsPerMinute: 50,
      budgets: [{ unit: 'tokens' as const, amount: 34, period: 'day' as const }],
    };
    setTeam(server.store, 'Support', { limits }, nowMs);
    const colleague = createKey(server.store, { name: 'Tom', team: 'Support' }, nowMs).key;
    const before = (await stateOf(server, server.limitedKey)).limits;
    await server.ask(usual);
    // What a colleague uses changes nothing in what is told, until there is nothing left for anybody.
    expect((await stateOf(server, server.limitedKey)).limits).toEqual(before);
    expect(before).toEqual([
      {
        whose: 'team',
        model: null,
        requestsPerMinute: { limit: 50, left: null },
        tokensPerMinute: null,
        atOnce: null,
        budgets: [
          {
            unit: 'tokens',
            amount: 34,
            period: 'day',
            left: null,
            isUsedUp: false,
            until: '2026-11-23T00:00:00.000Z',
          },
        ],
      },
    ]);
    await chatWith(server, colleague);
    const [team] = (await stateOf(server, server.limitedKey)).limits;
    expect(team?.budgets[0]?.isUsedUp).toBe(true);
  });

  it('that nobody has set are not told', async () => {
    const server = await startTestServer();
    expect((await stateOf(server, server.key)).limits).toEqual([]);
  });
});

describe('models', () => {
  it('attack 77: are those the key may use, by the names it may use', async () => {
    const server = await startTestServer({ models: ['fake-model', 'hidden-model'] });
    const ids = ['fake-model', 'hidden-model'];
    setAlias(server.store, { name: 'office', model: 'fake-model' }, ids);
    setAlias(server.store, { name: 'board', model: 'hidden-model' }, ids);
    const { key } = createKey(server.store, { name: 'k', models: ['office', 'not-there-yet'] }, Date.now());
    const state = await stateOf(server, key);
    expect(state.models).toEqual([
      {
        id: 'office',
        isAlias: true,
        task: 'generate',
        state: 'off',
        contextTokens: null,
        isTestModel: true,
        queue: null,
        badges: [],
      },
    ]);
    expect(state.chatModel).toBe('office');
    expect(JSON.stringify(state)).not.toMatch(/hidden-model|board|fake-model/);
    const all = await stateOf(server, server.key);
    expect(all.models.map(({ id }) => id)).toEqual(
      expect.arrayContaining(['fake-model', 'hidden-model', 'board']),
    );
  });

  it('are none for a key that is there to look after the server', async () => {
    const server = await startTestServer();
    const { key } = createKey(server.store, { name: 'monitor', role: 'ops' }, Date.now());
    const { models, chatModel, key: told } = await stateOf(server, key);
    expect([models, chatModel, told.role]).toEqual([[], null, 'ops']);
  });
});

it('attack 77: tells where in the line its own requests are, and of others only how many wait', async () => {
  const { opened, open } = gate();
  const server = await startTestServer({ slots: 1, beforePart: () => opened });
  const keys = ['one', 'two', 'three'].map((name) => createKey(server.store, { name }, Date.now()));
  const [first, second, third] = keys.map(({ key }) => key) as [string, string, string];
  const answers: Promise<Response>[] = [];
  for (const [index, key] of [first, second, third].entries()) {
    answers.push(chatWith(server, key));
    await expect.poll(() => server.router.active() + server.router.waiting()).toBe(index + 1);
  }
  const state = await stateOf(server, third);
  expect(state.waiting).toEqual([
    { model: 'fake-model', place: 2, of: 2, estimateMs: null, waitedMs: expect.any(Number) },
  ]);
  expect(state.running).toBe(1);
  expect(state.models[0]?.queue).toEqual({ slots: 1, active: 1, waiting: 2 });
  expect((await stateOf(server, first)).waiting).toEqual([]);
  expect((await stateOf(server, server.key)).waiting).toEqual([]);
  open();
  for (const answer of answers) expect((await answer).status).toBe(200);
});

describe('what becomes of prompts', () => {
  it('is said: not kept, kept for this key, kept by a policy with the owner’s sentence', async () => {
    const server = await startLimited({});
    const kept = async () => (await stateOf(server, server.limitedKey)).prompts.kept;
    expect(await kept()).toBeNull();
    setOfficeTracing(server.store, 'all');
    setTracingNotice(server.store, 'We read along while we learn.');
    expect(await kept()).toEqual({
      why: 'office',
      until: null,
      keepDays: 30,
      notice: 'We read along while we learn.',
      sentTo: [],
    });
    const traceUntil = new Date(server.time.clock.nowMs() + dayMs).toISOString();
    updateKey(server.store, server.id, { traceUntil }, server.time.clock.nowMs());
    expect(await kept()).toEqual({ why: 'key', until: traceUntil, keepDays: 30, notice: null, sentTo: [] });
  });

  it('is to stay in the office, unless the key may leave it and there is somewhere to go', async () => {
    const leaving = async (isOutside: boolean): Promise<boolean> => {
      const server = await startTestServer({ isOutside });
      updateKey(server.store, server.keyId, { mayLeave: true }, Date.now());
      return (await stateOf(server, server.key)).prompts.mayLeave;
    };
    expect([await leaving(false), await leaving(true)]).toEqual([false, true]);
  });
});

it('gives the settings of the tools with the address it was asked at, and a place for the key', async () => {
  const { url, key } = await startTestServer();
  const answer = await askMe(url, key, '/me/guides');
  const text = await answer.text();
  const { baseUrl, placeholder, guides, plain } = JSON.parse(text) as Record<string, unknown> & {
    guides: [];
  };
  expect([baseUrl, placeholder, plain]).toEqual([`${url}/v1`, '<your key>', true]);
  expect(guides.length).toBeGreaterThan(15);
  expect(text).not.toContain(key);
  expect(text).toContain('<your key>');
});
