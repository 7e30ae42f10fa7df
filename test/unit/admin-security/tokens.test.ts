import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { isWellFormedKey } from '../../../server/core/key-format.ts';
import { adminRoutes } from '../../../server/http/admin-table.ts';
import type { AuditRecord } from '../../../server/wire/audit.ts';
import type { AdminTokenRecord, CreatedAdminToken } from '../../../server/wire/security.ts';
import { password, signUp, startAdminServer, type AdminServer } from '../admin/admin-server.ts';
import { refusal } from './app-codes.ts';
import { openLiveView } from './live-view.ts';

let server: AdminServer;
beforeEach(async () => {
  server = await startAdminServer();
});
afterEach(() => server.close());

const dayMs = 86_400_000;
const inDays = (days: number): string => new Date(server.time.nowMs + days * dayMs).toISOString();
const make = async (name = 'deploy', days = 90): Promise<CreatedAdminToken> =>
  (await server.asOwner('POST', '/api/admin-tokens', { name, expiresAt: inDays(days) }))
    .json as CreatedAdminToken;
const bearer = (token: string): Record<string, string> => ({ authorization: `Bearer ${token}` });
const statusWith = async (token: string): Promise<number> =>
  (await server.send('GET', '/api/keys', { headers: bearer(token) })).status;
const tokens = async (): Promise<AdminTokenRecord[]> =>
  (await server.asOwner('GET', '/api/admin-tokens')).json as AdminTokenRecord[];

describe('a token for a script', () => {
  it('is shown once, kept as a hash, and opens the admin API until it is revoked or over', async () => {
    const { token, ...record } = await make();
    expect(token).toMatch(/^adm-ink_[0-9A-Za-z]{38}$/);
    expect(isWellFormedKey(token, 'adm-ink_')).toBe(true);
    expect(record).toMatchObject({
      name: 'deploy',
      status: 'active',
      lastUsedAt: null,
      hint: `adm-ink_…${token.slice(-4)}`,
    });
    expect(await tokens()).toEqual([record]);
    const kept = JSON.stringify([server.store.db.prepare('SELECT * FROM admin_tokens').all(), server.logged]);
    expect(kept).not.toContain(token.slice(10, 40));

    server.time.nowMs += 60_000;
    expect(await statusWith(token)).toBe(200);
    expect((await tokens())[0]).toMatchObject({
      lastUsedAt: '2026-11-22T12:01:00.000Z',
      lastIp: '127.0.0.1',
    });
    const created = await server.send('POST', '/api/keys', {
      headers: bearer(token),
      body: { name: 'by-script' },
    });
    expect(created.status).toBe(201);
    const [row] = (await server.asOwner('GET', '/api/audit?act=key.create')).json as AuditRecord[];
    expect(row).toMatchObject({
      actor: 'owner',
      via: 'token',
      outcome: 'done',
      details: { token: 'deploy' },
    });

    const revoked = await server.asOwner('DELETE', '/api/admin-tokens/deploy');
    expect(revoked.json).toMatchObject({ id: record.id, status: 'revoked' });
    expect(await statusWith(token)).toBe(401);
    expect((await server.asOwner('DELETE', `/api/admin-tokens/${record.id}`)).json).toEqual(revoked.json);
    expect(refusal(await server.asOwner('DELETE', '/api/admin-tokens/nobody'))).toEqual([
      404,
      'admin_token_not_found',
    ]);
    expect((await make()).id).not.toBe(record.id);
  });

  it('ends by itself, after a year at most', async () => {
    const { token } = await make('short', 1);
    server.time.nowMs += dayMs - 1;
    expect(await statusWith(token)).toBe(200);
    server.time.nowMs += 1;
    expect(await statusWith(token)).toBe(401);
    expect((await tokens())[0]).toMatchObject({ status: 'expired' });
    const wish = (body: object) => server.asOwner('POST', '/api/admin-tokens', { name: 'b', ...body });
    expect((await wish({})).status).toBe(400);
    expect((await wish({ expiresAt: null })).status).toBe(400);
    expect((await wish({ expiresAt: inDays(366) })).json.error).toMatchObject({ param: 'expiresAt' });
    expect((await wish({ expiresAt: inDays(0) })).json.error).toMatchObject({ param: 'expiresAt' });
    expect((await wish({ expiresAt: inDays(365) })).status).toBe(201);
    expect(refusal(await wish({ expiresAt: inDays(1) }))).toEqual([409, 'name_taken']);
  });

  it('is made in the console by who knows the password', async () => {
    const headers = await signUp(server);
    const wish = (currentPassword?: string) =>
      server.send('POST', '/api/admin-tokens', {
        headers,
        body: { name: 'a', expiresAt: inDays(1), currentPassword },
      });
    expect(refusal(await wish())).toEqual([401, 'wrong_password']);
    expect((await wish(password)).status).toBe(201);
  });

  it('ends its live view at once when it is revoked', async () => {
    const { token, id } = await make();
    const view = await openLiveView(server, bearer(token));
    expect(view.status).toBe(200);
    await server.asOwner('DELETE', `/api/admin-tokens/${id}`);
    await view.ended;
  });

  const closed = adminRoutes.filter(({ isForNamedTokens }) => !isForNamedTokens);

  it('has the doors closed that outlast it, and only those', () => {
    expect(closed.map(({ method, path }) => `${method} ${path}`).sort()).toEqual([
      'delete /admin-tokens/:token',
      'delete /sessions',
      'delete /sessions/:session',
      'delete /totp',
      'get /admin-tokens',
      'get /sessions',
      'get /totp',
      'post /admin-tokens',
      'post /backups/download',
      'post /password',
      'post /restore',
      'post /restore/uploads',
      'post /session/confirm',
      'post /totp',
      'post /totp/confirm',
      'post /totp/off',
      'post /totp/recovery-codes',
      'put /restore/uploads/:upload',
    ]);
  });

  it('gets 403 there, and changes nothing', async () => {
    const { token } = await make();
    for (const { method, path } of closed) {
      const answer = await server.send(method, `/api${path.replaceAll(/:\w+/g, 'deploy')}`, {
        headers: bearer(token),
        body: { password: 'a new long password', name: 'more', expiresAt: inDays(300), code: '000000' },
      });
      expect([method, path, ...refusal(answer)]).toEqual([method, path, 403, 'token_not_allowed']);
    }
    expect(await tokens()).toHaveLength(1);
    expect((await server.send('GET', '/api/session')).json).toMatchObject({ needsSetup: true });
  });

  it('is not saved by a slip: wrong checksum, other case, a piece too much are 401', async () => {
    const { token } = await make();
    for (const text of [
      `${token.slice(0, -1)}_`,
      token.slice(0, -1),
      `${token}0`,
      token.toLowerCase(),
      `adm-ink_${'a'.repeat(38)}`,
    ]) {
      expect([text.length, await statusWith(text)]).toEqual([text.length, 401]);
    }
  });
});

describe('from another computer', () => {
  /** What has come through a proxy nobody trusts has not come from this computer, and is not encrypted. */
  const elsewhere = { 'x-forwarded-for': '192.168.1.34' };

  it('in clear no admin token is taken, valid or not, and the sentence says to revoke it', async () => {
    const { token } = await make();
    for (const text of [token, `adm-ink_${'a'.repeat(38)}`]) {
      const answer = await server.send('GET', '/api/keys', { headers: { ...bearer(text), ...elsewhere } });
      expect(refusal(answer)).toEqual([403, 'https_needed']);
      expect(answer.json.error.message).toMatch(/revoke it/);
    }
  });

  it('the token of admin.token and the window’s are not taken at all', async () => {
    for (const text of [server.adminToken, server.windowToken]) {
      const answer = await server.send('GET', '/api/keys', { headers: { ...bearer(text), ...elsewhere } });
      expect(refusal(answer)).toEqual([403, 'this_computer_only']);
    }
  });
});
