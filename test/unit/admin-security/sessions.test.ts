import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { AuditRecord } from '../../../server/wire/audit.ts';
import type { SessionRecord } from '../../../server/wire/security.ts';
import {
  password,
  sessionHeaders,
  signIn,
  signUp,
  startAdminServer,
  type AdminServer,
} from '../admin/admin-server.ts';
import { codeAt, refusal, withSecondStep } from './app-codes.ts';
import { openLiveView } from './live-view.ts';

let server: AdminServer;
beforeEach(async () => {
  server = await startAdminServer();
});
afterEach(() => server.close());

type Headers = Readonly<Record<string, string>>;
const list = async (headers: Headers): Promise<SessionRecord[]> =>
  (await server.send('GET', '/api/sessions', { headers })).json as SessionRecord[];
const statusOf = async (headers: Headers): Promise<number> =>
  (await server.send('GET', '/api/keys', { headers })).status;

describe('the list of sessions', () => {
  it('tells when and from where each was begun, and which is the caller’s own', async () => {
    await signUp(server);
    server.time.nowMs += 60_000;
    const answer = await server.send('POST', '/api/session', {
      headers: { 'user-agent': 'Firefox on a telephone' },
      body: { password },
    });
    const own = sessionHeaders(answer);
    const sessions = await list(own);
    expect(sessions).toEqual([
      {
        id: expect.stringMatching(/^ses_[0-9a-f]{16}$/),
        createdAt: '2026-11-22T12:01:00.000Z',
        lastUsedAt: '2026-11-22T12:01:00.000Z',
        ip: '127.0.0.1',
        client: 'Firefox on a telephone',
        current: true,
      },
      expect.objectContaining({ createdAt: '2026-11-22T12:00:00.000Z', current: false }),
    ]);
    const id = own['cookie']?.split('=')[1] ?? '';
    expect(JSON.stringify(sessions)).not.toContain(id);
    expect((await server.asOwner('GET', '/api/sessions')).json).toHaveLength(2);
    server.time.nowMs += 30 * 60_000;
    expect((await server.asOwner('GET', '/api/sessions')).json).toEqual([]);
  });

  it('ends one by its id, with its live view, and leaves the others alone', async () => {
    const own = await signUp(server);
    const other = await signIn(server);
    const ownView = await openLiveView(server, own);
    const otherView = await openLiveView(server, other);
    const target = (await list(own)).find(({ current }) => !current)?.id ?? '';
    expect((await server.send('DELETE', `/api/sessions/${target}`, { headers: own })).status).toBe(204);
    await otherView.ended;
    expect([await statusOf(other), await statusOf(own), ownView.isOver()]).toEqual([401, 200, false]);
    expect(refusal(await server.send('DELETE', `/api/sessions/${target}`, { headers: own }))).toEqual([
      404,
      'session_not_found',
    ]);
    const [row] = (await server.asOwner('GET', '/api/audit?act=session.end&outcome=done'))
      .json as AuditRecord[];
    expect(row).toMatchObject({ object: `${target} from 127.0.0.1`, outcome: 'done' });
  });

  it('ends all others at once', async () => {
    const others = [await signUp(server), await signIn(server), await signIn(server)];
    const own = await signIn(server);
    const views = await Promise.all(others.map((headers) => openLiveView(server, headers)));
    const answer = await server.send('DELETE', '/api/sessions', { headers: own });
    expect([answer.status, answer.json]).toEqual([200, { ended: 3 }]);
    await Promise.all(views.map(({ ended }) => ended));
    expect(await statusOf(own)).toBe(200);
    for (const headers of others) expect(await statusOf(headers)).toBe(401);
    expect((await server.asOwner('DELETE', '/api/sessions')).json).toEqual({ ended: 1 });
    expect(await statusOf(own)).toBe(401);
  });
});

describe('attack 50: a session that is over', () => {
  const ends: readonly (readonly [string, (own: Headers, secret: string) => Promise<unknown>])[] = [
    ['signing out', (own) => server.send('DELETE', '/api/session', { headers: own })],
    [
      'another password',
      (own) =>
        server.send('POST', '/api/password', {
          headers: own,
          body: { currentPassword: password, password: 'a new long password' },
        }),
    ],
    [
      'being ended from the list',
      async (own) => {
        const id = (await list(own)).find(({ current }) => current)?.id ?? '';
        return server.asOwner('DELETE', `/api/sessions/${id}`);
      },
    ],
    ['all being ended', () => server.asOwner('DELETE', '/api/sessions')],
    ['the second step being reset', () => server.asOwner('DELETE', '/api/totp')],
  ];
  it.each(ends)(
    'attack 50: %s: the cookie is 401 everywhere and its live view ends at once',
    async (_name, end) => {
      const { session, secret } = await withSecondStep(server);
      const view = await openLiveView(server, session);
      expect(view.status).toBe(200);
      await end(session, secret);
      await view.ended;
      for (const path of ['/api/keys', '/api/status', '/api/events', '/api/sessions']) {
        expect([path, (await server.send('GET', path, { headers: session })).status]).toEqual([path, 401]);
      }
      expect((await server.send('GET', '/api/session', { headers: session })).json).toMatchObject({
        signedIn: false,
      });
    },
  );

  it('attack 50: switching the second step on ends all others', async () => {
    const other = await signUp(server);
    const own = await signIn(server);
    const begun = await server.send('POST', '/api/totp', {
      headers: own,
      body: { currentPassword: password },
    });
    const code = codeAt((begun.json as { secret: string }).secret, server.time.nowMs);
    await server.send('POST', '/api/totp/confirm', { headers: own, body: { code } });
    expect([await statusOf(other), await statusOf(own)]).toEqual([401, 200]);
  });

  it('that only looks on is no act: what is done at the same visit has its own row, whole', async () => {
    const own = await signUp(server);
    server.time.nowMs += 60_000;
    await server.send('POST', '/api/keys', { headers: own, body: { name: 'a' } });
    server.time.nowMs += 60_000;
    await server.send('POST', '/api/keys', { headers: own, body: { name: 'a' } });
    const rows = (await server.asOwner('GET', '/api/audit?act=key.create')).json as AuditRecord[];
    expect(rows.map(({ outcome, code, object }) => [outcome, code, object])).toEqual([
      ['refused', 'name_taken', 'a'],
      ['done', null, 'a'],
    ]);
    expect(rows[1]?.details).toMatchObject({ set: { name: 'a' } });
  });
});
