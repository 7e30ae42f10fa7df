import { expect, test } from 'vitest';
import { startComposed } from '../../fakes/composed.ts';
import { setAllowedOrigins } from '../../../server/store/allowed-origins.ts';
import { startTestServer, type TestServer } from './harness.ts';

/** As a browser asks before an SDK's request. */
function preflight(server: TestServer, origin: string, path = '/v1/chat/completions'): Promise<Response> {
  return fetch(server.url + path, {
    method: 'OPTIONS',
    headers: {
      origin,
      'access-control-request-method': 'POST',
      'access-control-request-headers': 'authorization,content-type,x-stainless-lang',
    },
  });
}

const allowedOrigin = (response: Response) => response.headers.get('access-control-allow-origin');

test.each(['app://obsidian.md', 'capacitor://localhost', 'own'])(
  'a page of %s may ask with whatever headers its SDK has, without cookies',
  async (origin) => {
    const server = await startTestServer();
    const page = origin === 'own' ? server.url : origin;
    const asked = await preflight(server, page);
    expect([asked.status, Object.fromEntries(asked.headers)]).toMatchObject([
      204,
      {
        'access-control-allow-origin': page,
        'access-control-allow-headers': 'authorization,content-type,x-stainless-lang',
        'access-control-allow-methods': expect.stringContaining('POST'),
        vary: expect.stringContaining('Origin'),
      },
    ]);
    expect(asked.headers.has('access-control-allow-credentials')).toBe(false);
    for (const key of [server.key, 'wrong']) {
      const answer = await server.chat(
        {},
        {
          headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json', origin: page },
        },
      );
      expect([answer.status, allowedOrigin(answer)]).toEqual([key === 'wrong' ? 401 : 200, page]);
      expect(answer.headers.get('access-control-expose-headers')).toContain('x-request-id');
    }
  },
);

test.each(['http://evil.example', 'null', 'http://127.0.0.1:1', 'app://obsidian.md.evil.example'])(
  'a page of %s is not told anything',
  async (origin) => {
    const server = await startTestServer();
    const asked = await preflight(server, origin);
    expect(asked.ok).toBe(false);
    expect(allowedOrigin(asked)).toBeNull();
    const answer = await server.chat(
      {},
      {
        headers: { authorization: `Bearer ${server.key}`, 'content-type': 'application/json', origin },
      },
    );
    expect([allowedOrigin(answer), answer.headers.get('vary')]).toEqual([null, 'Origin']);
  },
);

test('the owner’s list counts at once, for the API alone', async () => {
  const server = await startTestServer();
  const page = 'https://chat.example.org';
  expect(allowedOrigin(await preflight(server, page))).toBeNull();
  setAllowedOrigins(server.store, [page]);
  expect(allowedOrigin(await preflight(server, page))).toBe(page);
  expect(allowedOrigin(await preflight(server, 'app://obsidian.md'))).toBeNull();
  for (const path of ['/api/status', '/pair/redeem', '/healthz'])
    expect([path, allowedOrigin(await preflight(server, page, path))]).toEqual([path, null]);
});

test('the list is a setting by name', async () => {
  const server = await startComposed();
  const set = (value: unknown) => server.admin('PUT', '/settings/cors.origins', { value });
  expect(await server.admin('GET', '/settings/cors.origins')).toMatchObject({
    value: 'app://obsidian.md, capacitor://localhost',
  });
  expect(await set(' https://chat.example.org ,http://10.0.0.7:3000')).toMatchObject({
    value: 'https://chat.example.org, http://10.0.0.7:3000',
  });
  expect(await set('')).toMatchObject({ value: '' });
  for (const wrong of ['*', 'chat.example.org', 'https://chat.example.org/path', 5])
    await expect(set(wrong)).rejects.toThrow(/400/);
});
