import { gzipSync } from 'node:zlib';
import { beforeEach, describe, expect, it } from 'vitest';
import { brokenJson } from './broken-json.ts';
import { hello, json, refused, startHouse, type House } from './house.ts';

let house: House;
beforeEach(async () => {
  house = await startHouse();
});

/** The same body for a client of the API and for the owner's script. */
const both = async (body: string, headers: Readonly<Record<string, string>> = json): Promise<number[]> => {
  const owner = { authorization: `Bearer ${house.adminToken}`, ...headers };
  const answers = [
    await house.ask('/v1/chat/completions', body, headers),
    await house.send('POST', '/api/keys', { headers: owner, body }),
  ];
  for (const answer of answers) {
    expect(answer.json.error).toMatchObject({ message: expect.any(String) });
    expect(answer.text).not.toMatch(/node_modules|\bat .*\.ts:\d/);
  }
  return answers.map(({ status }) => status);
};

const nothingHappened = async (): Promise<void> => {
  expect(house.engine.seen.requests).toEqual([]);
  expect((await house.asOwner('GET', '/api/keys')).json).toHaveLength(1);
};

describe('bodies', () => {
  it('attack 17: broken JSON of 130 kinds, bare values, trailing garbage and byte order marks are 400', async () => {
    for (const [name, body] of brokenJson) expect([name, await both(body)]).toEqual([name, [400, 400]]);
    for (const body of [
      '"text"',
      '17',
      'true',
      'null',
      '[]',
      `${JSON.stringify(hello)}x`,
      `\ufeff${JSON.stringify(hello)}`,
    ]) {
      expect([body.slice(0, 20), await both(body)]).toEqual([body.slice(0, 20), [400, 400]]);
    }
    await nothingHappened();
  });

  it('attack 18: an empty body is 400, JSON by another name 415', async () => {
    expect(await both('')).toEqual([400, 400]);
    for (const type of [
      'text/plain',
      'application/x-www-form-urlencoded',
      'multipart/form-data',
      'text/json',
      'application/jsonx',
    ]) {
      expect([type, await both(JSON.stringify({ ...hello, name: 'n' }), { 'content-type': type })]).toEqual([
        type,
        [415, 415],
      ]);
    }
    const twice = await house.raw(
      [
        'POST /api/keys HTTP/1.1',
        'Host: localhost',
        `Authorization: Bearer ${house.adminToken}`,
        'Content-Type: application/json',
        'Content-Type: text/plain',
        'Content-Length: 12',
        'Connection: close',
      ],
      '{"name":"n"}',
    );
    expect(twice).toMatch(/^HTTP\/1\.1 400/);
    await nothingHappened();
  });

  it('attack 19: another charset than UTF-8 is 415', async () => {
    for (const charset of ['utf-7', 'utf-16', 'iso-8859-1', 'utf-8; charset=utf-7', '']) {
      const headers = { 'content-type': `application/json; charset=${charset}` };
      expect([charset, await both(JSON.stringify({ ...hello, name: 'n' }), headers)]).toEqual([
        charset,
        [415, 415],
      ]);
    }
    await nothingHappened();
  });

  it('attack 20: fields that would change every object are 400 and change none', async () => {
    for (const body of [
      `{"__proto__":{"admin":true},${JSON.stringify(hello).slice(1)}`,
      `{"model":"fake-model","messages":[{"role":"user","content":"Hi","__proto__":{"admin":true}}],"name":{"__proto__":{}}}`,
    ]) {
      expect(await both(body)).toEqual([400, 400]);
    }
    const inherited = { ...hello, name: 'n', constructor: { prototype: { admin: true } } };
    expect((await house.asOwner('POST', '/api/keys', inherited)).status).toBe(400);
    expect((await house.ask('/v1/chat/completions', inherited)).status).toBeLessThan(500);
    expect(({} as { admin?: unknown }).admin).toBeUndefined();
  });

  it('attack 21: of two fields of one name the last counts, for what is allowed as for what is done', async () => {
    const key = await house.createKey({ name: 'narrow', models: ['office'] });
    const headers = { authorization: `Bearer ${key}`, ...json };
    const ask = (first: string, last: string) =>
      house.send('POST', '/v1/chat/completions', {
        headers,
        body: `{"model":"${first}","messages":[{"role":"user","content":"Hi"}],"model":"${last}"}`,
      });
    expect(refused(await ask('office', 'fake-model'))).toEqual([404, 'model_not_found']);
    const last = await ask('fake-model', 'nobody');
    expect(refused(last)).toEqual([404, 'model_not_found']);
    expect(house.engine.seen.requests).toEqual([]);
    const log = await house.requestLog();
    expect(log.map(({ model }) => model)).toEqual(['nobody', 'fake-model']);
  });

  it('attack 22: two hundred thousand levels are 400, and the next request is answered', async () => {
    const deep = `${'['.repeat(200_000)}${']'.repeat(200_000)}`;
    const messages = `{"model":"fake-model","messages":${deep}}`;
    expect((await house.ask('/v1/chat/completions', messages, json)).status).toBe(400);
    const huge = `{"model":"fake-model","messages":${'[{"a":'.repeat(1_000_000)}`;
    expect((await house.ask('/v1/chat/completions', huge, json)).status).toBe(400);
    expect(refused(await house.asOwner('POST', '/api/keys', messages))[0]).toBe(413);
    const admin = await house.asOwner(
      'POST',
      '/api/keys',
      `{"name":${'['.repeat(30_000)}${']'.repeat(30_000)}}`,
    );
    expect(admin.status).toBe(400);
    expect((await house.ask('/v1/chat/completions', hello)).status).toBe(200);
  });

  it('attack 23: fifty megabytes in fifty kilobytes of gzip are 413, and not unpacked at all for the owner', async () => {
    const bomb = gzipSync(Buffer.from(`{"model":"${' '.repeat(50_000_000)}"}`));
    expect(bomb.length).toBeLessThan(60_000);
    const ask = async (path: string, bearer: string): Promise<number> => {
      const answer = await fetch(`${house.origin}${path}`, {
        method: 'POST',
        headers: { ...json, authorization: `Bearer ${bearer}`, 'content-encoding': 'gzip' },
        body: new Uint8Array(bomb),
      });
      await answer.text();
      return answer.status;
    };
    expect(await ask('/v1/chat/completions', house.key)).toBe(413);
    expect(await ask('/api/keys', house.adminToken)).toBe(415);
    await nothingHappened();
  });
});
