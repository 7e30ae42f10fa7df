import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { systemClock } from '../../../server/core/clock.ts';
import { adminRoutes } from '../../../server/http/admin-table.ts';
import { hello, json, refused, startHouse, type House } from './house.ts';

let house: House;
beforeEach(async () => {
  house = await startHouse();
});

const bearer = (key: string): Record<string, string> => ({ authorization: `Bearer ${key}` });
const aliases = [
  '/v1/chat/completions',
  '/chat/completions',
  '//v1//chat/completions',
  '/v1/chat/completions/',
  '/V1/chat/completions',
];

/** What of an answer may differ: the id of the request, and the times. */
const comparable = ({ status, text }: { status: number; text: string }): string =>
  `${status} ${text.replaceAll(/req_\w+/g, 'req')}`;

describe('keys', () => {
  it('attack 29: a model that is not for the key is an unknown one, byte for byte, on every route, and not listed', async () => {
    const key = await house.createKey({ name: 'narrow', models: ['office'] });
    const bodies: Readonly<Record<string, object>> = {
      '/v1/chat/completions': { messages: hello.messages },
      '/v1/completions': { prompt: 'Hi' },
      '/v1/messages': { messages: hello.messages, max_tokens: 5 },
      '/v1/responses': { input: 'Hi' },
      '/v1/embeddings': { input: 'Hi' },
      '/v1/rerank': { query: 'a', documents: ['a'] },
    };
    for (const [path, body] of Object.entries(bodies)) {
      const ask = (model: string) =>
        house.send('POST', path, { headers: bearer(key), body: { model, ...body } });
      const [closed, unknown] = [await ask('fake-model'), await ask('no-such-12')];
      expect([path, closed.status]).toEqual([path, 404]);
      expect(comparable(closed).replaceAll('fake-model', 'no-such-12')).toBe(comparable(unknown));
    }
    const list = await house.send('GET', '/v1/models', { headers: bearer(key) });
    expect((list.json as { data: { id: string }[] }).data.map(({ id }) => id)).toEqual(['office']);
    for (const name of ['fake-model', 'no-such-12']) {
      expect((await house.send('GET', `/v1/models/${name}`, { headers: bearer(key) })).status).toBe(404);
    }
  });

  it('attack 31: no key, half a key, a revoked or expired one are told apart by nobody', async () => {
    let aheadMs = 0;
    const nowMs = (): number => systemClock.nowMs() + aheadMs;
    house = await startHouse({ clock: { ...systemClock, nowMs } });
    const revoked = await house.createKey({ name: 'revoked' });
    await house.asOwner('DELETE', '/api/keys/revoked');
    const expiresAt = new Date(nowMs() + 3_600_000).toISOString();
    const expired = await house.createKey({ name: 'expired', expiresAt });
    const models = (key: string) => house.send('GET', '/v1/models', { headers: bearer(key) });
    expect((await models(expired)).status).toBe(200);
    aheadMs = 3_600_001;
    const headers = [
      {},
      bearer(house.key.slice(0, -3)),
      bearer(`${house.key.slice(0, -1)}${house.key.endsWith('0') ? '1' : '0'}`),
      bearer('sk-proj-somebody-elses'),
      bearer(`sk-ink_${'A'.repeat(38)}`),
      bearer(revoked),
      bearer(expired),
      bearer(house.adminToken),
    ];
    const answers = await Promise.all(
      headers.map((one) => house.send('POST', '/v1/chat/completions', { headers: one, body: hello })),
    );
    expect(new Set(answers.map(comparable)).size).toBe(1);
    expect(refused(answers[0] ?? answers[1]!)).toEqual([401, 'invalid_api_key']);
  });

  it('attack 31: a paused one is told so, since who shows it knows all of it', async () => {
    await house.asOwner('PATCH', '/api/keys/attacker', { paused: true });
    const answer = await house.ask('/v1/chat/completions', hello);
    expect(refused(answer)).toEqual([403, 'key_paused']);
    expect(house.engine.seen.requests).toEqual([]);
  });

  it('attack 32: a key in the address, a cookie or Basic opens nothing and is in no log', async () => {
    const { key } = house;
    const basic = Buffer.from(`x:${key}`).toString('base64');
    const tries: [string, Record<string, string>][] = [
      [`/v1/models?key=${key}`, {}],
      [`/v1/models?api_key=${key}`, bearer(key)],
      [`/v1/models?access_token=${key}`, {}],
      ['/v1/models', { cookie: `key=${key}; authorization=Bearer ${key}` }],
      ['/v1/models', { authorization: `Basic ${basic}` }],
      [`/v1/${key}`, {}],
    ];
    for (const [path, headers] of tries) {
      const answer = await house.send('GET', path, { headers });
      expect([path.replace(key, 'KEY'), [400, 401, 404].includes(answer.status)]).toEqual([
        path.replace(key, 'KEY'),
        true,
      ]);
    }
    const told = [
      JSON.stringify(await house.requestLog()),
      ...readdirSync(join(house.dataDir, 'logs')).map((name) =>
        readFileSync(join(house.dataDir, 'logs', name), 'utf8'),
      ),
    ].join('\n');
    expect(told).not.toContain(key);
    expect(told).not.toContain(key.slice(8, 30));
    expect(told).not.toContain(basic);
  });

  it('attack 33: two different keys in one request are 400, the same twice is one', async () => {
    const other = await house.createKey({ name: 'other' });
    const get = (headers: Record<string, string>) => house.send('GET', '/v1/models', { headers });
    expect((await get({ ...bearer(house.key), 'x-api-key': other })).status).toBe(400);
    expect((await get({ 'api-key': house.key, 'x-api-key': other })).status).toBe(400);
    expect((await get({ ...bearer(house.key), 'x-api-key': house.key })).status).toBe(200);
  });

  it('attack 34: an address that is not the key’s is 403 by each header and each way of writing the route', async () => {
    const key = await house.createKey({ name: 'elsewhere', ips: ['10.0.0.5'] });
    const shown: Record<string, string>[] = [bearer(key), { 'x-api-key': key }, { 'api-key': key }];
    const seen = new Set<string>();
    for (const headers of shown) {
      for (const path of aliases) {
        const answer = await house.send('POST', path, { headers, body: hello });
        expect([path, [403, 404].includes(answer.status)]).toEqual([path, true]);
        // Written in capitals it is no route at all.
        if (answer.status === 404)
          expect([path, refused(answer)[1]]).toEqual(['/V1/chat/completions', 'unknown_url']);
        else seen.add(comparable(answer));
      }
    }
    expect(seen.size).toBe(1);
    expect(house.engine.seen.requests).toEqual([]);
  });

  it('attack 35: SQL in place of a key or token is 401, and the tables are what they were', async () => {
    const tables = async () => (await house.asOwner('GET', '/api/keys')).text;
    const before = await tables();
    for (const text of [
      "' OR 1=1--",
      "abc'; DROP TABLE keys;--",
      '" UNION SELECT * FROM keys --',
      `sk-ink_${"'".repeat(38)}`,
      `adm-ink_${"'".repeat(38)}`,
    ]) {
      for (const path of ['/v1/models', '/api/keys', '/metrics']) {
        const answer = await house.send('GET', path, { headers: bearer(text) });
        expect([text, path, [401, 403].includes(answer.status)]).toEqual([text, path, true]);
      }
    }
    expect(await tables()).toBe(before);
  });

  it('attack 36: a key of either role gets 403 on every route of the admin API, none missing', async () => {
    const ops = await house.createKey({ name: 'ops', role: 'ops' });
    expect(adminRoutes.length).toBeGreaterThan(90);
    for (const key of [house.key, ops]) {
      for (const { method, path } of adminRoutes) {
        const answer = await house.send(method, `/api${path.replaceAll(/:\w+/g, 'fake-model')}`, {
          headers: { ...bearer(key), ...json },
          ...(method === 'get' || method === 'delete' ? {} : { body: {} }),
        });
        expect([method, path, ...refused(answer)]).toEqual([method, path, 403, 'api_key_not_allowed']);
      }
    }
  });

  it('attack 37: what one key has stored is 404 for another, and no list shows it', async () => {
    const other = await house.createKey({ name: 'other' });
    const stored = (await house.ask('/v1/responses', { model: 'fake-model', input: 'Hi' })).json as {
      id: string;
    };
    const paths: [string, string][] = [
      ['GET', `/v1/responses/${stored.id}`],
      ['GET', `/v1/responses/${stored.id}/input_items`],
      ['POST', `/v1/responses/${stored.id}/cancel`],
      ['DELETE', `/v1/responses/${stored.id}`],
    ];
    for (const [method, path] of paths) {
      const answer = await house.send(method, path, { headers: bearer(other) });
      const unknown = await house.send(method, path.replace(stored.id, 'resp_nobody'), {
        headers: bearer(other),
      });
      expect([method, path.replace(stored.id, ''), answer.status]).toEqual([
        method,
        path.replace(stored.id, ''),
        404,
      ]);
      expect(comparable(answer).replaceAll(stored.id, 'resp_nobody')).toBe(comparable(unknown));
    }
    const goOn = async (id: string) =>
      comparable(
        await house.send('POST', '/v1/responses', {
          headers: bearer(other),
          body: { model: 'fake-model', input: 'more', previous_response_id: id },
        }),
      ).replaceAll(id, 'resp_nobody');
    expect(await goOn(stored.id)).toMatch(/^400 .*previous_response_not_found/s);
    expect(await goOn(stored.id)).toBe(await goOn('resp_nobody'));
    expect(
      (await house.send('GET', `/v1/responses/${stored.id}`, { headers: bearer(house.key) })).status,
    ).toBe(200);
  });
});
