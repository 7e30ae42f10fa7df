import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { adminRoutes } from '../../../server/http/admin-table.ts';
import type { AuditRecord } from '../../../server/wire/audit.ts';
import { password, signIn, signUp, startAdminServer, type AdminServer } from '../admin/admin-server.ts';
import { refusal } from './app-codes.ts';

let server: AdminServer;
beforeEach(async () => {
  server = await startAdminServer();
});
afterEach(() => server.close());

type Headers = Readonly<Record<string, string>>;
const minutes = 60_000;
const guarded = adminRoutes.filter(({ needsRecentPassword }) => needsRecentPassword);
const confirm = (headers: Headers, text = password) =>
  server.send('POST', '/api/session/confirm', { headers, body: { password: text } });
/** Refused by its empty body at the latest, so that nothing comes of it. */
const tryAll = async (headers: Headers): Promise<(string | undefined)[]> => {
  const codes: (string | undefined)[] = [];
  for (const { method, path } of guarded.filter(({ body }) => body !== null)) {
    const answer = await server.send(method, `/api${path.replaceAll(/:\w+/gu, 'x')}`, { headers, body: {} });
    codes.push(refusal(answer)[1]);
  }
  return codes;
};

describe('the password once more', () => {
  it('is wanted for what reaches beyond the session', () => {
    expect(guarded.map(({ method, path }) => `${method} ${path}`).toSorted()).toEqual([
      'delete /people/:person',
      'post /backups',
      'post /backups/download',
      'post /https/authority',
      'post /restore',
      'post /restore/uploads',
      'put /backups/schedule',
      'put /exports/:name',
    ]);
  });

  it('is wanted ten minutes after it was shown, by each session for itself', async () => {
    const session = await signUp(server);
    expect(await tryAll(session)).not.toContain('password_needed');
    server.time.nowMs += 10 * minutes - 1;
    expect(await tryAll(session)).not.toContain('password_needed');
    server.time.nowMs += 1;
    for (const { method, path } of guarded) {
      const answer = await server.send(method, `/api${path.replaceAll(/:\w+/gu, 'x')}`, {
        headers: session,
        body: {},
      });
      expect([path, ...refusal(answer)]).toEqual([path, 403, 'password_needed']);
    }
    expect((await server.send('GET', '/api/keys', { headers: session })).status).toBe(200);
    const other = await signIn(server);
    expect(await tryAll(other)).not.toContain('password_needed');
    expect(new Set(await tryAll(session))).toEqual(new Set(['password_needed']));

    expect((await confirm(session)).status).toBe(204);
    expect(await tryAll(session)).not.toContain('password_needed');
    server.time.nowMs += 10 * minutes;
    expect(new Set([...(await tryAll(session)), ...(await tryAll(other))])).toEqual(
      new Set(['password_needed']),
    );
  });

  it('has been shown where another door was changed with it', async () => {
    const session = await signUp(server);
    server.time.nowMs += 10 * minutes;
    await server.send('POST', '/api/totp', { headers: session, body: { currentPassword: 'wrong' } });
    expect(new Set(await tryAll(session))).toEqual(new Set(['password_needed']));
    await server.send('POST', '/api/totp', { headers: session, body: { currentPassword: password } });
    expect(await tryAll(session)).not.toContain('password_needed');
  });

  it('is not wanted of the window and of the token of this computer', async () => {
    await signUp(server);
    server.time.nowMs += 10 * minutes;
    for (const token of [server.adminToken, server.windowToken]) {
      const headers = { authorization: `Bearer ${token}` };
      expect(await tryAll(headers)).not.toContain('password_needed');
    }
  });

  it('attack 51: is guessed no faster here than at the door, and each try is in the audit', async () => {
    const session = await signUp(server);
    for (let attempt = 0; attempt < 5; attempt++) {
      expect(refusal(await confirm(session, `guess ${attempt}`))).toEqual([401, 'wrong_password']);
    }
    const blocked = await confirm(session);
    expect([refusal(blocked), blocked.headers['retry-after']]).toEqual([[429, 'too_many_attempts'], '1']);
    expect(refusal(await server.send('POST', '/api/session', { body: { password } }))).toEqual([
      429,
      'too_many_attempts',
    ]);
    server.time.nowMs += 1000;
    expect((await confirm(session)).status).toBe(204);
    const rows = (await server.asOwner('GET', '/api/audit?act=session.confirm')).json as AuditRecord[];
    expect(rows.map(({ outcome, code }) => code ?? outcome)).toEqual([
      'done',
      'too_many_attempts',
      ...Array.from({ length: 5 }, () => 'wrong_password'),
    ]);
  });

  it('helps nobody who has no session, or shows no token of its page', async () => {
    expect(refusal(await confirm({}))).toEqual([401, 'not_signed_in']);
    const { cookie = '' } = await signUp(server);
    expect(refusal(await confirm({ cookie }))).toEqual([403, 'csrf_token_missing']);
  });
});
