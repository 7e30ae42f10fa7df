import { describe, expect, test } from 'vitest';
import { deviceGrantType } from '../../../server/wire/connect-tool.ts';
import { startPairServer, type PairServer } from '../pairing/pair-server.ts';

const client = { client_id: 'inglenook-connect', device: 'Anna’s PC' };

type FormOptions = { readonly headers?: Readonly<Record<string, string>> };

function post(
  server: PairServer,
  path: string,
  fields: Readonly<Record<string, string>>,
  { headers }: FormOptions = {},
) {
  return server.send('POST', path, {
    body: new URLSearchParams(fields).toString(),
    headers: { 'content-type': 'application/x-www-form-urlencoded', ...headers },
  });
}

const authorize = (server: PairServer, fields: Readonly<Record<string, string>> = client) =>
  post(server, '/pair/device_authorization', fields);
const poll = (server: PairServer, code: string) =>
  post(server, '/pair/token', {
    grant_type: deviceGrantType,
    device_code: code,
    client_id: 'inglenook-connect',
  });

async function asked(server: PairServer) {
  const { json } = await authorize(server);
  const [{ id }] = (await server.asOwner('GET', '/api/pairings')).json as [{ id: string }];
  return { id, code: json.device_code as string };
}

describe('device authorization (RFC 8628)', () => {
  test('has the shape of §3.2, and shows the owner who asks', async () => {
    const server = await startPairServer();
    const answer = await authorize(server);
    expect(answer.status).toBe(200);
    expect(answer.headers).toMatchObject({
      'cache-control': 'no-store',
      'content-type': expect.stringMatching(/json/),
    });
    expect(answer.json).toEqual({
      device_code: expect.stringMatching(/^[\w-]{22}$/),
      user_code: expect.stringMatching(/^\d\d$/),
      verification_uri: `${server.origin}/console/people`,
      expires_in: 600,
      interval: 2,
      office: 'Inglenook on desk-1',
    });
    const list = (await server.asOwner('GET', '/api/pairings')).json;
    expect(list).toMatchObject([
      { state: 'waiting', uninvited: true, join: { device: 'Anna’s PC', matchCode: answer.json.user_code } },
    ]);
    expect(JSON.stringify(list) + server.logged.join('\n')).not.toContain(answer.json.device_code);
  });

  test('gives the key once, after the owner’s yes and never before', async () => {
    const server = await startPairServer();
    const { id, code } = await asked(server);
    expect((await poll(server, code)).json).toMatchObject({ error: 'authorization_pending' });
    server.time.nowMs += 2_000;
    await server.asOwner('POST', `/api/pairings/${id}/approve`);
    const given = await poll(server, code);
    expect([given.status, given.json]).toEqual([
      200,
      { access_token: expect.stringMatching(/^sk-ink_/), token_type: 'Bearer' },
    ]);
    server.time.nowMs += 2_000;
    const again = await poll(server, code);
    expect([again.status, again.json.error]).toEqual([400, 'invalid_grant']);
    expect(server.logged.join('\n')).not.toContain(given.json.access_token);
    const settings = await server.send('GET', '/pair/settings', {
      headers: { authorization: `Bearer ${given.json.access_token}` },
    });
    expect(settings.json).toMatchObject({
      keyName: 'Anna’s PC',
      baseUrl: `${server.origin}/v1`,
      plain: true,
    });
    expect(settings.text).not.toContain(given.json.access_token);
    expect((await server.send('GET', '/pair/settings')).status).toBe(401);
  });

  test('says slow_down to who asks too soon, access_denied after a no, expired_token after the time', async () => {
    const server = await startPairServer();
    const first = await asked(server);
    await poll(server, first.code);
    expect((await poll(server, first.code)).json.error).toBe('slow_down');
    await server.asOwner('POST', `/api/pairings/${first.id}/deny`);
    expect((await poll(server, first.code)).json.error).toBe('access_denied');
    const second = await asked(server);
    server.time.nowMs += 601_000;
    const late = await poll(server, second.code);
    expect([late.status, late.json.error]).toEqual([400, 'expired_token']);
    await expect(server.asOwner('POST', `/api/pairings/${second.id}/approve`)).resolves.toMatchObject({
      status: 409,
    });
  });

  test.each<[string, Readonly<Record<string, string>>, string]>([
    ['/pair/device_authorization', {}, 'invalid_request'],
    ['/pair/device_authorization', { client_id: 'x', device: '\u200b' }, 'invalid_request'],
    ['/pair/token', { grant_type: deviceGrantType, client_id: 'x' }, 'invalid_request'],
    ['/pair/token', { grant_type: 'password', device_code: 'x', client_id: 'x' }, 'unsupported_grant_type'],
    ['/pair/token', { grant_type: deviceGrantType, device_code: 'x', client_id: 'x' }, 'invalid_grant'],
  ])('answers %s %j with %s', async (path, fields, error) => {
    const server = await startPairServer();
    const answer = await post(server, path, fields);
    expect([answer.status, answer.json]).toEqual([400, { error, error_description: expect.any(String) }]);
  });

  test('a guesser of device codes is stopped as one of tickets, while who waits goes on', async () => {
    const server = await startPairServer();
    const { code } = await asked(server);
    for (let count = 0; count < 5; count += 1)
      expect((await poll(server, `wrong-${count}`)).status).toBe(400);
    const stopped = await poll(server, 'wrong-6');
    expect([stopped.status, stopped.json.error]).toEqual([429, 'slow_down']);
    expect(Number(stopped.headers['retry-after'])).toBeGreaterThan(0);
    expect((await poll(server, code)).json.error).toBe('authorization_pending');
  });

  test('the ticket of an invitation is no device code, and is not used up by being tried as one', async () => {
    const server = await startPairServer();
    const { json } = await server.asOwner('POST', '/api/pairings', { autoApprove: true });
    expect((await poll(server, json.ticket)).json.error).toBe('invalid_grant');
    expect((await server.post('/pair/redeem', { ticket: json.ticket, device: 'PC' })).status).toBe(200);
  });

  test('attack 81: three of an address may wait, and nobody asks more than five times in ten minutes', async () => {
    const server = await startPairServer();
    const ids: string[] = [];
    for (let count = 0; count < 3; count += 1) ids.push((await asked(server)).id);
    const crowded = await authorize(server);
    expect([crowded.status, crowded.json.error]).toEqual([429, 'slow_down']);
    for (const id of ids) await server.asOwner('POST', `/api/pairings/${id}/deny`);
    expect((await authorize(server)).status).toBe(200);
    expect((await authorize(server)).status).toBe(200);
    const worn = await authorize(server);
    expect([worn.status, worn.json.error_description]).toEqual([
      429,
      expect.stringMatching(/too often. Wait 10 minutes/),
    ]);
    server.time.nowMs += 601_000;
    expect((await authorize(server)).status).toBe(200);
  });

  test('attack 81: the owner may close this way; whoever waits goes on waiting, and the invited still come in', async () => {
    const server = await startPairServer();
    const setting = '/api/settings/pairing.uninvited';
    expect((await server.asOwner('GET', setting)).json).toMatchObject({ value: true });
    const before = await asked(server);
    await server.asOwner('PUT', setting, { value: false });
    const refused = await authorize(server);
    expect([refused.status, refused.json]).toEqual([
      400,
      { error: 'access_denied', error_description: expect.stringMatching(/without an invitation/) },
    ]);
    expect((await server.asOwner('GET', '/api/pairings')).json).toHaveLength(1);
    expect((await poll(server, before.code)).json.error).toBe('authorization_pending');
    const { json } = await server.asOwner('POST', '/api/pairings', { autoApprove: true });
    expect((await server.post('/pair/redeem', { ticket: json.ticket, device: 'PC' })).status).toBe(200);
    await server.asOwner('PUT', setting, { value: true });
    expect((await authorize(server)).status).toBe(200);
  });

  test('no page of another website may ask, and forms alone are read', async () => {
    const server = await startPairServer();
    const foreign = await post(server, '/pair/device_authorization', client, {
      headers: { origin: 'https://evil.example' },
    });
    expect([foreign.status, (await server.asOwner('GET', '/api/pairings')).json]).toEqual([403, []]);
    expect((await server.post('/pair/device_authorization', client)).json.error).toBe('invalid_request');
    expect((await server.send('GET', '/connect.mjs')).json.error.code).toBe('console_not_built');
    for (const path of ['/pair/device_authorization', '/pair/token', '/pair/revoke']) {
      const answer = await server.send('GET', path);
      expect([answer.status, answer.headers.allow]).toEqual([405, 'POST']);
    }
  });
});

describe('giving a key back', () => {
  test('ends it, and tells console and audit; a second time it is unknown', async () => {
    const server = await startPairServer();
    const { json } = await server.asOwner('POST', '/api/pairings', { autoApprove: true });
    const { key } = (await server.post('/pair/redeem', { ticket: json.ticket, device: 'PC' })).json;
    const headers = { authorization: `Bearer ${key}` };
    expect((await server.send('POST', '/pair/revoke', { headers })).status).toBe(200);
    expect((await server.send('GET', '/v1/models', { headers })).status).toBe(401);
    expect((await server.send('POST', '/pair/revoke', { headers })).status).toBe(401);
    expect((await server.asOwner('GET', '/api/keys')).json).toMatchObject([
      { name: 'PC', status: 'revoked' },
    ]);
    expect((await server.asOwner('GET', '/api/audit')).text).toContain('pairing.leave');
  });

  test('is not possible for a key that the owner made, which others may have too', async () => {
    const server = await startPairServer();
    const { key } = (await server.asOwner('POST', '/api/keys', { name: 'shared' })).json;
    const answer = await server.send('POST', '/pair/revoke', { headers: { authorization: `Bearer ${key}` } });
    expect([answer.status, answer.json.error.code]).toEqual([403, 'not_paired']);
  });
});
