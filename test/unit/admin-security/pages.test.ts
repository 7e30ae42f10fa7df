import { beforeEach, describe, expect, it } from 'vitest';
import { refused, startHouse, type House } from './house.ts';

let house: House;
beforeEach(async () => {
  house = await startHouse();
});

const keysOf = async (): Promise<number> =>
  ((await house.asOwner('GET', '/api/keys')).json as unknown[]).length;

describe('pages of others', () => {
  it('attack 43: every answer of the console, the pairing page and the admin API keeps itself to itself, refusals too', async () => {
    const session = await house.signUp();
    const cases: [string, string, Record<string, string>][] = [
      ['GET', '/console/', {}],
      ['GET', '/console/assets/nothing.js', {}],
      ['GET', '/pair', {}],
      ['POST', '/pair/redeem', {}],
      ['GET', '/api/session', {}],
      ['GET', '/api/keys', {}],
      ['GET', '/api/keys', session],
      ['GET', '/api/nothing', session],
      ['PUT', '/api/keys', session],
      ['GET', '/api/keys', { host: 'evil.example' }],
      ['GET', '/', {}],
    ];
    for (const [method, path, headers] of cases) {
      const answer = await house.send(method, path, { headers });
      const policy = String(answer.headers['content-security-policy']);
      expect([path, policy]).toEqual([path, expect.stringMatching(/frame-ancestors 'none'/)]);
      expect([path, policy]).toEqual([path, expect.stringMatching(/base-uri 'none'/)]);
      expect([path, answer.headers]).toEqual([
        path,
        expect.objectContaining({
          'x-content-type-options': 'nosniff',
          'x-frame-options': 'DENY',
          'referrer-policy': 'no-referrer',
          'cross-origin-resource-policy': 'same-origin',
          'permissions-policy': expect.stringContaining('camera=()'),
        }),
      ]);
      // It would hold for every port of the name, so for servers that are not ours.
      expect(answer.headers['strict-transport-security']).toBeUndefined();
      expect(answer.headers['x-powered-by']).toBeUndefined();
      if (path.startsWith('/api')) {
        expect(policy).toMatch(/^default-src 'none'/);
        if (headers['host'] === undefined) expect(answer.headers['cache-control']).toBe('no-store');
      }
    }
  });

  it('attack 46: a form or a fetch of another page changes nothing, with a good cookie', async () => {
    const session = await house.signUp();
    const before = await keysOf();
    const attempts: Record<string, string>[] = [
      { 'content-type': 'text/plain', origin: 'http://evil.example' },
      { 'content-type': 'text/plain' },
      { 'content-type': 'application/x-www-form-urlencoded' },
      { 'content-type': 'multipart/form-data; boundary=x' },
      { 'content-type': 'application/json', origin: 'http://evil.example' },
      { 'content-type': 'application/json', 'sec-fetch-site': 'cross-site' },
    ];
    for (const headers of attempts) {
      for (const credential of [session, { cookie: session['cookie'] ?? '' }]) {
        const answer = await house.send('POST', '/api/keys', {
          headers: { ...credential, ...headers },
          body: '{"name":"planted"}',
        });
        expect([headers, [403, 415].includes(answer.status)]).toEqual([headers, true]);
      }
    }
    // Nothing that changes something can be asked for by a link.
    for (const path of ['/api/keys?name=planted', '/api/session', '/api/keys/attacker']) {
      await house.send('GET', path, { headers: session });
    }
    expect(await keysOf()).toBe(before);
  });

  it('attack 47: null, other hosts and other ports are no origin of ours, whatever else is right', async () => {
    const session = await house.signUp();
    const { port } = house;
    const foreign = [
      'null',
      'http://evil.example',
      `http://localhost:${port + 1}`,
      `https://127.0.0.1:${port}`,
      `http://127.0.0.1:${port}.evil.example`,
      'file://',
      '',
    ];
    for (const origin of foreign) {
      const answer = await house.send('POST', '/api/keys', {
        headers: { ...session, origin },
        body: { name: 'planted' },
      });
      expect([origin, ...refused(answer)]).toEqual([origin, 403, 'foreign_origin']);
    }
    const own = await house.send('POST', '/api/keys', {
      headers: { ...session, origin: house.origin },
      body: { name: 'ours' },
    });
    expect(own.status).toBe(201);
  });

  it('attack 48: Sec-Fetch-Site is believed where it is, and not missed where it is not', async () => {
    const session = await house.signUp();
    const status = async (site: string | null): Promise<number> => {
      const headers = { ...session, ...(site === null ? {} : { 'sec-fetch-site': site }) };
      return (await house.send('POST', '/api/keys', { headers, body: { name: `k-${site}` } })).status;
    };
    expect([await status('cross-site'), await status('same-site'), await status('')]).toEqual([
      403, 403, 403,
    ]);
    expect([await status('same-origin'), await status('none'), await status(null)]).toEqual([201, 201, 201]);
  });

  it('attack 49: a preflight of an origin that is not listed hears no word of CORS, on any path', async () => {
    for (const path of [
      '/v1/chat/completions',
      '/v1/models',
      '/api/keys',
      '/api/session',
      '/pair/redeem',
      '/console/',
    ]) {
      const answer = await house.send('OPTIONS', path, {
        headers: {
          origin: 'http://evil.example',
          'access-control-request-method': 'POST',
          'access-control-request-headers': 'authorization',
        },
      });
      const words = Object.keys(answer.headers).filter((name) => name.startsWith('access-control'));
      expect([path, words]).toEqual([path, []]);
    }
  });
});
