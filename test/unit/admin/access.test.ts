import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { adminRoutes } from '../../../server/http/admin-table.ts';
import { createKey } from '../../../server/store/keys.ts';
import { signUp, startAdminServer, type AdminServer } from './admin-server.ts';

let server: AdminServer;
beforeEach(async () => {
  server = await startAdminServer();
});
afterEach(() => server.close());

const everyRoute = adminRoutes.map((route) => ({
  method: route.method.toUpperCase(),
  path: `/api${route.path.replaceAll(/:\w+/g, 'fake-model')}`,
  access: route.access,
}));
const ownerRoutes = everyRoute.filter((route) => route.access === 'owner');

function bodyFor(method: string): unknown {
  return method === 'POST' || method === 'PATCH' ? {} : undefined;
}

describe('who may use the admin API', () => {
  it('has only the routes of signing in open', () => {
    const open = everyRoute.filter((route) => route.access === 'public');
    expect(open.map(({ method, path }) => `${method} ${path}`)).toEqual([
      'GET /api/session',
      'POST /api/session',
      'POST /api/session/ticket',
      'POST /api/setup',
      'POST /api/setup/restore',
      'POST /api/setup/restore/uploads',
      'PUT /api/setup/restore/uploads/fake-model',
    ]);
  });

  it.each(ownerRoutes)('answers 401 to $method $path without a credential', async ({ method, path }) => {
    const answer = await server.send(method, path, { body: bodyFor(method) });
    expect(answer.status).toBe(401);
    expect(answer.json.error).toMatchObject({ code: 'not_signed_in', message: expect.any(String) });
    expect(answer.headers['cache-control']).toBe('no-store');
  });

  it.each(ownerRoutes)('answers 401 to $method $path with a wrong token', async ({ method, path }) => {
    const headers = { authorization: `Bearer ink-admin_${'b'.repeat(43)}` };
    expect((await server.send(method, path, { headers, body: bodyFor(method) })).status).toBe(401);
  });

  it.each(everyRoute)('answers 403 to $method $path with an API key of either role', async (route) => {
    for (const role of ['inference', 'ops'] as const) {
      const { key } = createKey(server.store, { name: role, role }, server.time.nowMs);
      for (const headers of [{ authorization: `Bearer ${key}` }, { 'x-api-key': key }, { 'api-key': key }]) {
        const answer = await server.send(route.method, route.path, { headers, body: bodyFor(route.method) });
        expect([answer.status, answer.json.error.code]).toEqual([403, 'api_key_not_allowed']);
      }
    }
  });

  it('does not let a signed-in browser carry an API key in', async () => {
    const session = await signUp(server);
    const { key } = createKey(server.store, { name: 'n' }, server.time.nowMs);
    const headers = { ...session, 'x-api-key': key };
    expect((await server.send('GET', '/api/keys', { headers })).status).toBe(403);
  });

  it('takes the admin token and the window’s token before any password is set', async () => {
    for (const token of [server.adminToken, server.windowToken]) {
      const headers = { authorization: `Bearer ${token}` };
      expect((await server.send('GET', '/api/keys', { headers })).json).toEqual([]);
    }
  });

  it('does not fall back to the cookie when a wrong token is shown', async () => {
    const session = await signUp(server);
    const headers = { ...session, authorization: 'Bearer nonsense' };
    expect((await server.send('GET', '/api/keys', { headers })).status).toBe(401);
  });

  it('refuses Basic, injection and odd authorization headers with 401 and keeps its tables', async () => {
    for (const value of [
      `Basic ${Buffer.from(`x:${server.adminToken}`).toString('base64')}`,
      "Bearer ' OR 1=1--",
      "Bearer abc'; DROP TABLE keys;--",
      'Bearer',
      `Bearer ${server.adminToken} x`,
      server.adminToken,
    ]) {
      const answer = await server.send('GET', '/api/keys', { headers: { authorization: value } });
      expect([value, answer.status]).toEqual([value, 401]);
    }
    expect((await server.asOwner('GET', '/api/keys')).json).toEqual([]);
  });

  it('does not take the token from the address', async () => {
    const answer = await server.send('GET', `/api/keys?token=${server.adminToken}`);
    expect(answer.status).toBe(401);
    expect(server.logged.join()).not.toContain(server.adminToken);
  });
});

describe('pages of other websites', () => {
  it.each(['null', 'http://evil.example', 'http://localhost:1', 'https://127.0.0.1'])(
    'are refused by their Origin %s, with a good cookie as with a good token',
    async (origin) => {
      const session = await signUp(server);
      for (const credential of [session, { authorization: `Bearer ${server.adminToken}` }]) {
        for (const [method, path] of [
          ['GET', '/api/keys'],
          ['POST', '/api/keys'],
          ['DELETE', '/api/session'],
        ] as const) {
          const answer = await server.send(method, path, {
            headers: { ...credential, origin },
            body: method === 'POST' ? { name: 'planted' } : undefined,
          });
          expect([answer.status, answer.json.error.code]).toEqual([403, 'foreign_origin']);
          expect(answer.headers['access-control-allow-origin']).toBeUndefined();
        }
      }
      expect((await server.asOwner('GET', '/api/keys')).json).toEqual([]);
    },
  );

  it('cannot sign the owner in either (login CSRF)', async () => {
    await signUp(server);
    const answer = await server.send('POST', '/api/session', {
      headers: { origin: 'http://evil.example' },
      body: { password: 'correct horse battery' },
    });
    expect(answer.status).toBe(403);
    expect(answer.headers['set-cookie']).toBeUndefined();
  });

  it('are refused by Sec-Fetch-Site when it is there, and its absence does no harm', async () => {
    const session = await signUp(server);
    const statusWith = async (site: string | null): Promise<number> => {
      const headers = { ...session, ...(site === null ? {} : { 'sec-fetch-site': site }) };
      return (await server.send('POST', '/api/keys', { headers, body: { name: `k-${site}` } })).status;
    };
    expect(await statusWith('cross-site')).toBe(403);
    expect(await statusWith('same-site')).toBe(403);
    expect(await statusWith('same-origin')).toBe(201);
    expect(await statusWith('none')).toBe(201);
    expect(await statusWith(null)).toBe(201);
  });

  it('cannot use a form: other bodies than JSON are 415 and change nothing', async () => {
    const session = await signUp(server);
    for (const type of [
      'text/plain',
      'application/x-www-form-urlencoded',
      'multipart/form-data',
      'application/json; charset=utf-7',
    ]) {
      const answer = await server.send('POST', '/api/keys', {
        headers: { ...session, 'content-type': type },
        body: '{"name":"planted"}',
      });
      expect([type, answer.status]).toEqual([type, 415]);
    }
    expect((await server.asOwner('GET', '/api/keys')).json).toEqual([]);
  });

  it('get no permission from a preflight', async () => {
    const answer = await server.send('OPTIONS', '/api/keys', {
      headers: { origin: 'http://evil.example', 'access-control-request-method': 'POST' },
    });
    expect(answer.status).toBe(403);
    expect(Object.keys(answer.headers).filter((name) => name.startsWith('access-control'))).toEqual([]);
  });

  it('lack the CSRF token: a cookie alone changes nothing', async () => {
    const { cookie = '' } = await signUp(server);
    const without = await server.send('POST', '/api/keys', { headers: { cookie }, body: { name: 'n' } });
    expect([without.status, without.json.error.code]).toEqual([403, 'csrf_token_missing']);
    const wrong = { cookie, 'x-inglenook-csrf': 'wrong' };
    expect((await server.send('POST', '/api/keys', { headers: wrong, body: { name: 'n' } })).status).toBe(
      403,
    );
    expect((await server.send('GET', '/api/keys', { headers: { cookie } })).json).toEqual([]);
  });

  it('are told from our own by the whole origin, which is accepted', async () => {
    const session = await signUp(server);
    const headers = { ...session, origin: server.origin };
    expect((await server.send('POST', '/api/keys', { headers, body: { name: 'n' } })).status).toBe(201);
  });
});
