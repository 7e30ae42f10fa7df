import { describe, expect, it } from 'vitest';
import { ask, bearer, everythingElse, hello, publicName, startOutside } from './asking.ts';

const host = { host: publicName };

describe('by the public name', () => {
  it('models and chat are reached, with a key that is marked for it', async () => {
    const { port, outside } = await startOutside();
    const headers = { ...host, ...bearer(outside.key) };
    for (const path of ['/v1/models', '/models', '/v1/models/', '//v1//models']) {
      const listed = await ask(port, path, { headers });
      expect([path, listed.status]).toEqual([path, 200]);
      expect(listed.text).toContain('fake-model');
    }
    for (const path of ['/v1/chat/completions', '/chat/completions']) {
      const said = await ask(port, path, { headers, body: hello });
      expect([path, said.status, said.text.includes('Hello')]).toEqual([path, 200, true]);
    }
    // The body of the other dialect, which Cursor sends here too.
    const turned = { model: 'fake-model', input: 'Hi' };
    expect((await ask(port, '/v1/chat/completions', { headers, body: turned })).status).toBe(200);
  });

  it('also however the name is written, with a port and a dot', async () => {
    const { port, inside } = await startOutside();
    for (const written of ['AI.Example.ORG', `${publicName}:443`, `${publicName}.`]) {
      const headers = { host: written, ...bearer(inside.key) };
      expect([written, (await ask(port, '/v1/models', { headers })).status]).toEqual([written, 403]);
      expect([written, (await ask(port, '/healthz', { headers })).status]).toEqual([written, 404]);
    }
  });

  it.each(everythingElse)('%s %s is not there, in words that say nothing of it', async (method, path) => {
    const { port, outside } = await startOutside();
    const headers = { ...host, ...bearer(outside.key), origin: 'https://example.net' };
    const answered = await ask(port, path, { method, headers });
    expect(answered.status).toBe(404);
    expect(answered.headers['access-control-allow-origin']).toBeUndefined();
    expect(JSON.parse(answered.text)).toMatchObject({
      error: { message: 'There is nothing here. Under this name only models and chat can be reached.' },
    });
  });

  it('a key that is not marked is refused, with the reason; one that is wrong as everywhere', async () => {
    const { server, port, inside } = await startOutside();
    const headers = { ...host, ...bearer(inside.key) };
    for (const body of [undefined, hello]) {
      const path = body === undefined ? '/v1/models' : '/v1/chat/completions';
      const refused = await ask(port, path, { headers, body });
      expect(refused.status).toBe(403);
      expect(JSON.parse(refused.text)).toMatchObject({ error: { code: 'not_from_outside' } });
      expect(refused.headers['x-should-retry']).toBe('false');
    }
    expect((await ask(port, '/v1/models', { headers: host })).status).toBe(401);
    expect((await ask(port, '/v1/models', { headers: { ...host, ...bearer('sk-ink_x') } })).status).toBe(401);
    expect(server.engine.seen.requests).toEqual([]);
    // In the office it works as before.
    expect((await ask(port, '/v1/models', { headers: bearer(inside.key) })).status).toBe(200);
  });

  it('the limit per minute holds', async () => {
    const { server, port, outside } = await startOutside();
    await server.admin('PATCH', `/keys/${outside.id}`, { limits: { requestsPerMinute: 2 } });
    const headers = { ...host, ...bearer(outside.key) };
    const statuses: number[] = [];
    for (let count = 0; count < 3; count++) {
      statuses.push((await ask(port, '/v1/chat/completions', { headers, body: hello })).status);
    }
    expect(statuses).toEqual([200, 200, 429]);
  });

  it('nobody comes in any more once it is taken away', async () => {
    const { server, port, outside } = await startOutside();
    await server.admin('PUT', '/settings/outside.name', { value: null });
    const headers = { ...host, ...bearer(outside.key) };
    expect((await ask(port, '/v1/models', { headers })).status).toBe(421);
  });
});

describe('somebody on the internet who guesses keys', () => {
  const from = (address: string) => ({ 'x-forwarded-for': address, 'x-forwarded-proto': 'https' });
  const guess = async (port: number, count: number) => {
    const headers = { ...host, ...from('203.0.113.9'), ...bearer(`sk-ink_${'x'.repeat(38)}`) };
    const statuses: number[] = [];
    for (let done = 0; done < count; done++)
      statuses.push((await ask(port, '/v1/models', { headers })).status);
    return statuses;
  };

  it('is left outside, and nobody else: neither another there, nor a program on this computer', async () => {
    const { server, port, outside, inside } = await startOutside();
    const statuses = await guess(port, 32);
    expect(statuses.slice(0, 30)).toEqual(Array.from({ length: 30 }, () => 401));
    expect(statuses.at(-1)).toBe(429);
    const other = { ...host, ...from('198.51.100.7'), ...bearer(outside.key) };
    expect((await ask(port, '/v1/models', { headers: other })).status).toBe(200);
    expect((await ask(port, '/v1/models', { headers: bearer(inside.key) })).status).toBe(200);
    expect(await server.admin('GET', '/edge')).toMatchObject({ blocks: [{ address: '203.0.113.9' }] });
  });

  it('cannot shut out the office by naming it', async () => {
    const { server, port } = await startOutside();
    const headers = { ...host, ...from('192.168.1.5, 203.0.113.9'), ...bearer('sk-ink_x') };
    for (let done = 0; done < 31; done++) await ask(port, '/v1/models', { headers });
    expect(await server.admin('GET', '/edge')).toMatchObject({ blocks: [{ address: '203.0.113.9' }] });
  });
});

it('while other computers are answered by https alone, the proxy’s own https counts', async () => {
  const { server, port, outside } = await startOutside();
  await server.admin('PUT', '/https', { only: true });
  const by = (proto: string) => ({
    ...host,
    ...bearer(outside.key),
    'x-forwarded-for': '203.0.113.9',
    'x-forwarded-proto': proto,
  });
  expect((await ask(port, '/v1/models', { headers: by('https') })).status).toBe(200);
  expect((await ask(port, '/v1/models', { headers: by('http') })).status).toBe(403);
});

it('the log says who it was', async () => {
  const { server, port, outside } = await startOutside();
  const headers = { ...host, ...bearer(outside.key), 'x-forwarded-for': '203.0.113.9' };
  await ask(port, '/v1/chat/completions', { headers, body: hello });
  expect(await server.admin('GET', '/log?limit=1')).toMatchObject([{ key: 'Cursor', ip: '203.0.113.9' }]);
});

describe('a tunnel that hands on whatever Host the caller writes', () => {
  it.each([
    ['a public address', { 'x-forwarded-for': '203.0.113.9' }],
    ['one behind others that the caller wrote', { 'x-forwarded-for': '192.168.1.5, 203.0.113.9' }],
    ['one of IPv6, with a port', { 'x-forwarded-for': '[2001:db8::7]:443' }],
    ['nobody', { 'x-forwarded-proto': 'https' }],
    ['what is no address', { 'x-forwarded-for': 'unknown' }],
    ['the name it was asked for', { 'x-forwarded-host': publicName, 'x-forwarded-for': '192.168.1.5' }],
  ])('is outside as well where it names %s', async (_name, forwarded) => {
    const { port, inside } = await startOutside();
    const headers = { ...forwarded, ...bearer(inside.key), host: `127.0.0.1:${port}` };
    expect((await ask(port, '/v1/models', { headers })).status).toBe(403);
    expect((await ask(port, '/api/session', { headers })).status).toBe(404);
  });

  it.each(['192.168.1.5', '10.1.2.3:5000', '100.64.0.7', '[fd12::5]:80', 'fe80::1'])(
    'is a proxy of the office where it names %s',
    async (address) => {
      const { port, inside } = await startOutside();
      const headers = { 'x-forwarded-for': address, ...bearer(inside.key) };
      expect((await ask(port, '/v1/models', { headers })).status).toBe(200);
      expect((await ask(port, '/healthz', { headers })).status).toBe(200);
    },
  );
});

it('without a public name nothing of this counts', async () => {
  const { server, port, inside } = await startOutside();
  await server.admin('PUT', '/settings/outside.name', { value: null });
  const headers = { 'x-forwarded-for': '203.0.113.9', ...bearer(inside.key) };
  expect((await ask(port, '/v1/models', { headers })).status).toBe(200);
  expect((await ask(port, '/healthz', { headers })).status).toBe(200);
});

it('a proxy that the owner has listed is asked who it was, as everywhere', async () => {
  const { server, port, inside } = await startOutside();
  await server.admin('PUT', '/settings/edge.trustedProxies', { value: '127.0.0.1' });
  const from = (address: string) => ({ 'x-forwarded-for': address, ...bearer(inside.key) });
  expect((await ask(port, '/v1/models', { headers: from('203.0.113.9') })).status).toBe(403);
  expect((await ask(port, '/healthz', { headers: from('203.0.113.9') })).status).toBe(404);
  expect((await ask(port, '/v1/models', { headers: from('192.168.1.5') })).status).toBe(200);
});

it('a name that is among those for the whole API too leads to the chat alone', async () => {
  const { server, port, outside, inside } = await startOutside();
  await server.admin('PUT', '/https', { publicNames: [publicName] });
  const [marked, other] = [outside.key, inside.key].map((key) => ({ ...host, ...bearer(key) }));
  expect((await ask(port, '/v1/models', { headers: marked ?? {} })).status).toBe(200);
  expect((await ask(port, '/v1/models', { headers: other ?? {} })).status).toBe(403);
  expect((await ask(port, '/v1/embeddings', { method: 'POST', headers: marked ?? {} })).status).toBe(404);
});
