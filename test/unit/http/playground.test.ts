import { describe, expect, it } from 'vitest';
import { playgroundKeyId, playgroundName } from '../../../server/core/playground.ts';
import { keyRecord, logPage } from '../../../server/wire/admin.ts';
import { auditPage } from '../../../server/wire/audit.ts';
import * as wire from '../../../server/wire/playground.ts';
import { hello, json, refused, startHouse, type House } from '../admin-security/house.ts';

const path = '/api/playground/chat';
const ask = (house: House, query = '', body: object = hello) =>
  house.asOwner('POST', `${path}${query}`, body);
const rowsOf = async (house: House) => logPage.parse((await house.asOwner('GET', '/api/log')).json);
const keyOf = async (house: House, name: string) =>
  keyRecord.parse((await house.asOwner('GET', `/api/keys/${encodeURIComponent(name)}`)).json);

it('is called the same in the log and in the console', () => {
  expect(wire.playgroundKeyId).toBe(playgroundKeyId);
});

describe('the owner, as nobody', () => {
  it('is answered as a client is, without a key, and logged as a device of its own', async () => {
    const house = await startHouse();
    const answer = await ask(house);
    expect(answer.status).toBe(200);
    const asClient = await house.ask('/v1/chat/completions', hello);
    const shape = ({ choices, model, object }: Record<string, unknown>) => ({ choices, model, object });
    expect(shape(answer.json)).toEqual(shape(asClient.json));
    expect(answer.headers['x-inglenook-model']).toBe('fake-model');
    const [, row] = await rowsOf(house);
    expect(row).toMatchObject({
      id: answer.headers['x-request-id'],
      key: playgroundName,
      keyId: playgroundKeyId,
      device: playgroundName,
      person: null,
      route: '/v1/chat/completions',
      client: wire.playgroundClient,
      status: 'ok',
      completionTokens: 5,
    });
  });

  it('streams, with the usage at the end', async () => {
    const house = await startHouse();
    const { headers, text } = await ask(house, '', {
      ...hello,
      stream: true,
      stream_options: { include_usage: true },
    });
    expect(headers['content-type']).toMatch(/^text\/event-stream/);
    expect(text).toContain('"completion_tokens":5');
    expect(text.trimEnd()).toMatch(/data: \[DONE\]$/);
  });

  it('gets a client’s own refusals, each with a row', async () => {
    const house = await startHouse();
    expect(refused(await ask(house, '', { ...hello, model: 'nobody' }))).toEqual([404, 'model_not_found']);
    expect((await ask(house, '', { model: 'fake-model' })).status).toBe(400);
    expect((await ask(house, '', { ...hello, temperature: 'hot' })).status).toBe(400);
    expect((await rowsOf(house)).map(({ status, keyId }) => [status, keyId])).toEqual(
      Array.from({ length: 3 }, () => ['refused', playgroundKeyId]),
    );
  });

  it('takes a conversation far longer than other bodies of the admin API', async () => {
    const house = await startHouse();
    const long = 'word '.repeat(100_000);
    const answer = await ask(house, '', { ...hello, messages: [{ role: 'user', content: long }] });
    expect(answer.status).toBe(200);
    expect(JSON.stringify(house.engine.seen.requests[0]?.messages)).toContain(long);
  });

  it('sends nothing out of the office unless that is wanted', async () => {
    const house = await startHouse({ engine: { isOutside: true } });
    expect(refused(await ask(house))).toEqual([404, 'model_not_found']);
    expect(refused(await ask(house, '?mayLeave=false'))).toEqual([404, 'model_not_found']);
    expect(house.engine.seen.requests).toEqual([]);
    expect((await ask(house, '?mayLeave=true')).status).toBe(200);
  });

  it('may stop while the model is being loaded', async () => {
    const loading = Promise.withResolvers<void>();
    const never = Promise.withResolvers<void>();
    const house = await startHouse({
      engine: {
        beforeReady: () => {
          loading.resolve();
          return never.promise;
        },
      },
    });
    const stop = new AbortController();
    const asked = fetch(house.origin + path, {
      method: 'POST',
      headers: { ...json, authorization: `Bearer ${house.adminToken}` },
      body: JSON.stringify({ ...hello, stream: true }),
      signal: stop.signal,
    });
    await loading.promise;
    stop.abort();
    await expect(asked).rejects.toThrow('aborted');
    await expect.poll(async () => (await rowsOf(house)).map(({ status }) => status)).toEqual(['cancelled']);
    expect((await house.asOwner('GET', '/api/status')).json).toMatchObject({ activeRequests: 0 });
    never.resolve();
  });
});

describe('the owner, as a key', () => {
  it('has its limits, counts in them, and is no sign of life of it', async () => {
    const house = await startHouse();
    await house.createKey({
      name: 'Anna’s laptop',
      person: 'Anna',
      models: ['fake-model'],
      ips: ['10.0.0.0/8'],
      limits: { requestsPerMinute: 1 },
    });
    const as = `?as=${encodeURIComponent('Anna’s laptop')}`;
    const first = await ask(house, as);
    expect([first.status, first.headers['x-ratelimit-remaining-requests']]).toEqual([200, '0']);
    const second = await ask(house, as);
    expect(refused(second)).toEqual([429, 'rate_limit_exceeded']);
    expect(second.text).toContain('Anna’s laptop');
    expect(refused(await ask(house, as, { ...hello, model: 'office' }))).toEqual([404, 'model_not_found']);

    const { id, lastUsedAt, lastIp } = await keyOf(house, 'Anna’s laptop');
    expect([lastUsedAt, lastIp]).toEqual([null, null]);
    const rows = await rowsOf(house);
    expect(rows.map(({ keyId, client }) => [keyId, client])).toEqual(
      Array.from({ length: 3 }, () => [id, wire.playgroundClient]),
    );
  });

  it('spends its budget', async () => {
    const house = await startHouse();
    const key = await house.createKey({
      name: 'phone',
      limits: { budgets: [{ unit: 'tokens', amount: 50, period: 'day' }] },
    });
    for (let asked = 0; asked < 2; asked++) {
      const answer = await ask(house, '?as=phone', { ...hello, max_tokens: 5 });
      expect(answer.status).toBe(200);
    }
    const own = await house.send('POST', '/v1/chat/completions', {
      headers: { ...json, authorization: `Bearer ${key}` },
      body: { ...hello, max_tokens: 40 },
    });
    expect(refused(own)).toEqual([429, 'insufficient_quota']);
  });

  it('is refused as the key is: paused, revoked, or not there', async () => {
    const house = await startHouse();
    await house.createKey({ name: 'phone' });
    await house.asOwner('PATCH', '/api/keys/phone', { paused: true });
    expect((await ask(house, '?as=phone')).status).toBe(403);
    await house.asOwner('DELETE', '/api/keys/phone');
    expect(refused(await ask(house, '?as=phone'))).toEqual([401, 'invalid_api_key']);
    expect(refused(await ask(house, '?as=tablet'))).toEqual([404, 'key_not_found']);
    expect(house.engine.seen.requests).toEqual([]);
  });

  it('keeps nothing of what is asked, and finds nothing that was kept for it', async () => {
    const house = await startHouse();
    await house.asOwner('PUT', '/api/settings/cache.enabled', { value: true });
    const key = await house.createKey({ name: 'phone', trace: true });
    const body = { ...hello, temperature: 0, seed: 1 };
    const headers = { ...json, authorization: `Bearer ${key}` };
    const own = await house.send('POST', '/v1/chat/completions', { headers, body });
    expect(own.headers['x-inglenook-cache']).toBe('miss');
    const answer = await ask(house, '?as=phone', body);
    expect([answer.headers['x-inglenook-cache'], answer.headers['x-inglenook-traced']]).toEqual([
      undefined,
      undefined,
    ]);
    expect(house.engine.seen.requests).toHaveLength(2);
    const [first, second] = house.engine.seen.requests;
    expect(second?.cacheScope).toBe(playgroundKeyId);
    expect(first?.cacheScope).not.toBe(second?.cacheScope);
    const kept = (await house.asOwner('GET', '/api/traces')).json as { traces: unknown[] };
    expect(kept.traces).toHaveLength(1);
  });
});

it('is for the owner alone, and every question has its row in the audit, without its words', async () => {
  const house = await startHouse();
  const headers = await house.signUp();
  expect((await house.send('POST', path, { headers: json, body: hello })).status).toBe(401);
  expect((await house.ask(path, hello, json)).status).toBe(403);
  const { 'x-inglenook-csrf': _token, ...withoutToken } = headers;
  expect((await house.send('POST', path, { headers: withoutToken, body: hello })).status).toBe(403);
  const browser = { ...headers, 'user-agent': 'Firefox' };
  expect((await house.send('POST', path, { headers: browser, body: hello })).status).toBe(200);
  await ask(house, '?as=attacker', { ...hello, messages: [{ role: 'user', content: 'Wolkenkratzer' }] });
  const rows = auditPage.parse((await house.asOwner('GET', '/api/audit?act=playground.ask')).json);
  expect(rows.map(({ outcome, object }) => [outcome, object])).toEqual([
    ['done', 'attacker'],
    ['done', null],
    ['refused', null],
    ['refused', null],
    ['refused', null],
  ]);
  expect(rows[1]?.client).toBe('Firefox');
  expect(JSON.stringify(rows)).not.toContain('Wolkenkratzer');
});
