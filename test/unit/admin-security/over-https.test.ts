import { request as plainRequest } from 'node:http';
import { request as secureRequest } from 'node:https';
import { connect } from 'node:tls';
import { text as textOf } from 'node:stream/consumers';
import { describe, expect, test } from 'vitest';
import { createdAdminToken } from '../../../server/wire/security.ts';
import { startComposed, type ComposedServer } from '../../fakes/composed.ts';
import type { Answer } from '../admin/admin-server.ts';
import { password, refused } from './house.ts';

/**
 * As in `tls/doors.test.ts`: on Linux 127.0.0.2 plays the office's address and 127.0.0.3 another computer, which asks for
 * this one by its name in the office and trusts its authority.
 */
const deskName = 'desk.office.example';
const isLinux = process.platform === 'linux';

type Wish = {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: unknown;
};
type Office = ComposedServer & {
  readonly ca: string;
  readonly from: (scheme: 'http' | 'https', path: string, wish?: Wish) => Promise<Answer>;
};

async function openOffice(options: Parameters<typeof startComposed>[0] = {}): Promise<Office> {
  const server = await startComposed({
    readNetwork: async () => ({
      addresses: [{ address: '127.0.0.2', adapter: 'wlan0', kind: 'network' }],
      routes: [],
    }),
    ...options,
  });
  await server.admin('PUT', '/lan', { on: true });
  await server.admin('PUT', '/https', {
    officeDomain: 'office.example',
    publicNames: [deskName],
    networkConsole: true,
  });
  const ca = await (await fetch(`${server.address}/.well-known/inglenook-ca.pem`)).text();
  const from: Office['from'] = (scheme, path, wish) => ask({ scheme, path, port: server.port, ca }, wish);
  return { ...server, ca, from };
}

type Target = {
  readonly scheme: 'http' | 'https';
  readonly path: string;
  readonly port: number;
  readonly ca: string;
};

function ask(
  { scheme, path, port, ca }: Target,
  { method = 'GET', headers, body }: Wish = {},
): Promise<Answer> {
  const options = {
    host: '127.0.0.2',
    localAddress: '127.0.0.3',
    port,
    path,
    method,
    agent: false,
    headers: {
      host: `${deskName}:${port}`,
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...headers,
    },
  } as const;
  return new Promise((resolve, reject) => {
    const asked =
      scheme === 'http' ? plainRequest(options) : secureRequest({ ...options, ca, servername: deskName });
    asked.on('error', reject);
    asked.on('response', (response) => {
      void textOf(response).then((text) => {
        const { statusCode: status = 0, headers: answered } = response;
        const isJson = answered['content-type']?.includes('json') === true;
        resolve({ status, headers: answered, text, json: isJson && text !== '' ? JSON.parse(text) : null });
      }, reject);
    });
    asked.end(body === undefined ? undefined : JSON.stringify(body));
  });
}

const cookieOf = (answer: Answer): string => answer.headers['set-cookie']?.at(-1) ?? '';
const sessionOf = (answer: Answer): Record<string, string> => ({
  cookie: cookieOf(answer).split(';')[0] ?? '',
  'x-inglenook-csrf': String(answer.json.csrfToken),
});

async function signUp(office: Office): Promise<Answer> {
  const token = new URL(office.setupLink ?? '').hash.slice(1);
  return office.from('https', '/api/setup', { method: 'POST', body: { token, password } });
}

describe.runIf(isLinux)('the owner’s doors from another computer', () => {
  test('open on https, with a cookie that holds for this host and on https alone', async () => {
    const office = await openOffice();
    const signedUp = await signUp(office);
    expect(signedUp.status).toBe(200);
    const attributes = cookieOf(signedUp).split('; ');
    expect(attributes[0]).toMatch(/^__Host-inglenook_session=[\w-]{43}$/);
    expect(attributes.slice(1).toSorted()).toEqual(['HttpOnly', 'Path=/', 'SameSite=Strict', 'Secure']);

    const session = sessionOf(signedUp);
    const keys = await office.from('https', '/api/keys', { headers: session });
    expect([keys.status, keys.json]).toEqual([200, []]);
    // By another name, as an http page of this host could have set it, the same id is nothing here; nor is it there.
    const id = (session['cookie'] ?? '').split('=')[1] ?? '';
    const plain = await office.from('https', '/api/keys', { headers: { cookie: `inglenook_session=${id}` } });
    expect(refused(plain)).toEqual([401, 'not_signed_in']);
    const atHome = await fetch(`${office.address}/api/keys`, { headers: session });
    expect(atHome.status).toBe(401);

    const { json } = await office.from('https', '/api/sessions', { headers: session });
    expect(json).toMatchObject([{ ip: '127.0.0.3', current: true }]);
    const signedOut = await office.from('https', '/api/session', { method: 'DELETE', headers: session });
    expect(cookieOf(signedOut)).toMatch(/^__Host-inglenook_session=;.*Secure; Max-Age=0$/);
    expect((await office.from('https', '/api/keys', { headers: session })).status).toBe(401);
  });

  test('stay shut on http, for password, cookie and token', async () => {
    const office = await openOffice();
    const session = sessionOf(await signUp(office));
    const { token } = createdAdminToken.parse(
      await office.admin('POST', '/admin-tokens', {
        name: 'elsewhere',
        expiresAt: new Date(Date.now() + 86_400_000).toISOString(),
      }),
    );
    const wishes: Wish[] = [
      { headers: session },
      { headers: { authorization: `Bearer ${token}` } },
      { headers: { authorization: `Bearer ${office.adminToken}` } },
    ];
    for (const wish of wishes) {
      expect(refused(await office.from('http', '/api/keys', wish))).toEqual([403, 'https_needed']);
    }
    const typed = await office.from('http', '/api/session', { method: 'POST', body: { password } });
    expect([refused(typed), typed.headers['set-cookie']]).toEqual([[403, 'https_needed'], undefined]);
  });

  test('open to a script by a token with a name, and not by the one that lies in a file of this computer', async () => {
    const office = await openOffice();
    const { token, id } = createdAdminToken.parse(
      await office.admin('POST', '/admin-tokens', {
        name: 'elsewhere',
        expiresAt: new Date(Date.now() + 86_400_000).toISOString(),
      }),
    );
    const headers = { authorization: `Bearer ${token}` };
    const made = await office.from('https', '/api/keys', { method: 'POST', headers, body: { name: 'new' } });
    expect(made.status).toBe(201);
    expect(await office.admin('GET', '/admin-tokens')).toMatchObject([{ id, lastIp: '127.0.0.3' }]);
    const own = { authorization: `Bearer ${office.adminToken}` };
    expect(refused(await office.from('https', '/api/keys', { headers: own }))).toEqual([
      403,
      'this_computer_only',
    ]);
    for (const [path, body] of [
      ['/api/backups/download', { passphrase: 'a passphrase of some length' }],
      ['/api/restore', { file: '/nowhere.age', passphrase: 'a passphrase of some length' }],
      ['/api/admin-tokens', { name: 'more', expiresAt: new Date(Date.now() + 1e9).toISOString() }],
    ] as const) {
      const answer = await office.from('https', path, { method: 'POST', headers, body });
      expect([path, ...refused(answer)]).toEqual([path, 403, 'token_not_allowed']);
    }
    await office.admin('DELETE', `/admin-tokens/${id}`);
    expect((await office.from('https', '/api/keys', { headers })).status).toBe(401);
  });

  test('take one Host and a path alone, under TLS too', async () => {
    const office = await openOffice();
    const host = `Host: ${deskName}:${office.port}`;
    for (const [line, hosts] of [
      ['GET /healthz HTTP/1.1', [host, 'Host: evil.example']],
      ['GET /healthz HTTP/1.1', [host, host]],
      [`GET https://${deskName}:${office.port}/healthz HTTP/1.1`, [host]],
      ['GET http://evil.example/healthz HTTP/1.1', [host]],
    ] as const) {
      const socket = connect({
        host: '127.0.0.2',
        port: office.port,
        ca: office.ca,
        servername: deskName,
      });
      socket.write([line, ...hosts, 'Connection: close', '', ''].join('\r\n'));
      expect([line, hosts.length, await textOf(socket)]).toEqual([
        line,
        hosts.length,
        expect.stringMatching(/^HTTP\/1\.1 400 /),
      ]);
    }
  });
});
