import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { adminRoutes } from '../../../server/http/admin-table.ts';
import { knownActs } from '../../../server/http/audit-acts.ts';
import { verifyAudit } from '../../../server/store/audit-verify.ts';
import type { AuditRecord } from '../../../server/wire/audit.ts';
import { testSecret } from '../../fakes/audit.ts';
import { password, signIn, signUp, startAdminServer, type AdminServer } from '../admin/admin-server.ts';

let server: AdminServer;
beforeEach(async () => {
  server = await startAdminServer();
});
afterEach(async () => {
  const { problems } = await verifyAudit(server.store, { secret: testSecret, nowMs: 0 });
  await server.close();
  expect(problems).toEqual([]);
});

/** Oldest first. */
async function rows(act?: string): Promise<AuditRecord[]> {
  const query = act === undefined ? '' : `&act=${act}`;
  const { json } = await server.asOwner('GET', `/api/audit?limit=1000${query}`);
  return (json as AuditRecord[]).toReversed();
}

const changing = adminRoutes.filter(({ method }) => method !== 'get');
const pathOf = (path: string): string => `/api${path.replaceAll(/:\w+/g, 'nothing-of-this-name')}`;

describe('every route that may change something', () => {
  it('has words of its own for the audit, and no word is left over', () => {
    const routes = adminRoutes.map(({ method, path }) => `${method} ${path}`);
    expect(
      changing.map(({ method, path }) => `${method} ${path}`).filter((name) => !knownActs.includes(name)),
    ).toEqual([]);
    expect(knownActs.filter((name) => !routes.includes(name))).toEqual([]);
  });

  it.each(changing.map((route) => [`${route.method} ${route.path}`, route] as const))(
    '%s leaves a row when a stranger, a device or the owner tries it in vain',
    async (_name, { method, path }) => {
      await signUp(server);
      const before = (await rows()).length;
      const headers = { 'content-type': 'application/json' };
      const noCookie = await server.send(method, pathOf(path), { headers, body: '{"nothing":1}' });
      const key = await server.send(method, pathOf(path), {
        headers: { ...headers, authorization: 'Bearer sk-ink_x' },
      });
      const owner = await server.asOwner(method, pathOf(path), { nothing: 1 });
      const written = (await rows()).slice(before);
      expect(key.status).toBe(403);
      expect(written).toHaveLength(3);
      expect(written.map(({ outcome }) => outcome === 'done')).toEqual(
        [noCookie, key, owner].map(({ status }) => status < 400),
      );
      expect(written.map(({ actor }) => actor).slice(0, 2)).toEqual(['stranger', 'stranger']);
      expect(JSON.stringify(written)).not.toContain('sk-ink_x');
    },
  );
});

describe('a row', () => {
  it('tells who did what to what, and what has changed of it', async () => {
    const created = (await server.asOwner('POST', '/api/keys', { name: 'Anna', models: ['fake-model'] }))
      .json;
    await server.asOwner('PATCH', '/api/keys/Anna', { name: 'Anne', models: null, mayLeave: true });
    await server.asOwner('DELETE', '/api/keys/Anne');
    const [create, change, revoke] = await rows('key');
    expect(create).toMatchObject({
      actor: 'owner',
      via: 'token',
      ip: '127.0.0.1',
      act: 'key.create',
      object: 'Anna',
      outcome: 'done',
      details: { fields: ['name', 'models'], set: { id: created.id, name: 'Anna', models: ['fake-model'] } },
    });
    expect(change).toMatchObject({
      act: 'key.change',
      object: 'Anna',
      details: {
        fields: ['name', 'models', 'mayLeave'],
        changes: {
          name: { from: 'Anna', to: 'Anne' },
          models: { from: ['fake-model'], to: null },
          mayLeave: { from: false, to: true },
        },
      },
    });
    expect(revoke).toMatchObject({
      act: 'key.revoke',
      object: 'Anne',
      details: { changes: { status: { from: 'active', to: 'revoked' } } },
    });
    const refused = await server.asOwner('PATCH', '/api/keys/Anne', { person: 'P' });
    expect((await rows('key')).at(-1)).toMatchObject({ outcome: 'refused', code: refused.json.error.code });
  });

  it('belongs to the same transaction as the change: without the one there is not the other', async () => {
    server.store.db.exec(
      "CREATE TRIGGER no_room BEFORE INSERT ON audit WHEN NEW.outcome = 'done' BEGIN SELECT RAISE(ABORT, 'no room'); END",
    );
    const answers = [
      await server.asOwner('POST', '/api/keys', { name: 'Anna' }),
      await server.asOwner('PUT', '/api/teams/T', { limits: { requestsPerMinute: 1 } }),
      await server.asOwner('PUT', '/api/aliases/new', { model: 'fake-model' }),
      await server.asOwner('PUT', '/api/settings/money.currency', { value: 'CHF' }),
      await server.asOwner('POST', '/api/upstreams', { name: 'up', url: 'http://127.0.0.1:9/v1' }),
    ];
    expect(answers.map(({ status }) => status)).toEqual([500, 500, 500, 500, 500]);
    server.store.db.exec('DROP TRIGGER no_room');
    const left = async (path: string): Promise<unknown[]> => (await server.asOwner('GET', path)).json;
    expect([await left('/api/keys'), await left('/api/teams'), await left('/api/upstreams')]).toEqual([
      [],
      [],
      [],
    ]);
    expect((await left('/api/aliases')).map((alias) => (alias as { name: string }).name)).not.toContain(
      'new',
    );
    expect((await server.asOwner('GET', '/api/settings/money.currency')).json.value).not.toBe('CHF');
    expect((await rows()).map(({ outcome }) => outcome)).toEqual(Array(5).fill('failed'));
  });

  it('of what changes nothing in the database is written all the same', async () => {
    await server.asOwner('POST', '/api/models/fake-model/load');
    await server.asOwner('DELETE', '/api/teams/nobody');
    expect((await rows()).map(({ act, object, outcome, code }) => [act, object, outcome, code])).toEqual([
      ['model.load', 'fake-model', 'done', null],
      ['team.remove', 'nobody', 'refused', 'team_not_found'],
    ]);
  });

  it('holds no password, key, token or prompt', async () => {
    const canaries = {
      hub: 'hf_canarycanarycanary',
      upstream: 'canary-upstream-key-1234',
      prompt: 'canary system prompt',
      passphrase: 'canary passphrase',
      wrong: 'canary wrong password',
    };
    await signUp(server);
    await server.send('POST', '/api/session', { body: { password: canaries.wrong } });
    await signIn(server);
    await server.asOwner('POST', '/api/password', { password: 'canary new password' });
    const { key } = (await server.asOwner('POST', '/api/keys', { name: 'Anna' })).json;
    await server.asOwner('PATCH', `/api/keys/${key}`, { person: 'P' });
    const invitation = (await server.asOwner('POST', '/api/pairings', { person: 'P', preset: 'teammate' }))
      .json;
    await server.asOwner('PUT', '/api/settings/hub.token', { value: canaries.hub });
    await server.asOwner('PUT', '/api/aliases/a', {
      model: 'fake-model',
      settings: { systemPrompt: canaries.prompt },
    });
    await server.asOwner('POST', '/api/upstreams', {
      name: 'up',
      url: 'http://127.0.0.1:9/v1',
      apiKey: canaries.upstream,
    });
    await server.asOwner('PUT', '/api/backups/schedule', { passphrase: canaries.passphrase });
    await server.asOwner('POST', '/api/backups', { file: 'relative', passphrase: canaries.passphrase });
    const table = JSON.stringify(server.store.db.prepare('SELECT * FROM audit').all());
    const written = await rows();
    expect(written.map(({ act }) => act)).toEqual(
      expect.arrayContaining([
        'setting.set',
        'alias.set',
        'upstream.add',
        'backup.schedule',
        'pairing.invite',
      ]),
    );
    for (const secret of [
      ...Object.values(canaries),
      password,
      'canary',
      key.slice(7),
      invitation.ticket,
      invitation.code,
    ]) {
      expect(table).not.toContain(secret);
    }
  });

  it('tells of signing in, refused and done', async () => {
    await signUp(server);
    await server.send('POST', '/api/session', { body: { password: 'wrong password 123' } });
    const headers = await signIn(server);
    await server.send('DELETE', '/api/session', { headers });
    expect(
      (await rows()).map(({ act, actor, via, outcome, code }) => [act, actor, via, outcome, code]),
    ).toEqual([
      ['owner.set-password', 'owner', 'password', 'done', null],
      ['session.begin', 'stranger', null, 'refused', 'wrong_password'],
      ['session.begin', 'owner', 'password', 'done', null],
      ['session.end', 'owner', 'password', 'done', null],
    ]);
  });

  it('of strangers is written so often in ten minutes, then they are counted', async () => {
    await signUp(server);
    for (let count = 0; count < 70; count++) await server.send('POST', '/api/keys', { body: {} });
    expect((await rows('key')).length).toBe(60);
    server.time.nowMs += 10 * 60_000;
    await server.send('POST', '/api/keys', { body: {} });
    expect((await rows('key')).at(-1)?.details).toMatchObject({ moreRefusedBefore: 10 });
  });
});

describe('verification and the report', () => {
  it('are answered, leave rows themselves, and the page is safe and in two languages', async () => {
    const name = '<img src=x onerror=alert(1)>';
    await server.asOwner('POST', '/api/keys', {
      name,
      person: 'Anna & Co',
      limits: { requestsPerMinute: 6 },
    });
    const first = (await server.asOwner('POST', '/api/audit/verify', {})).json;
    expect(first).toMatchObject({ ok: true, rows: 1, head: { seq: 1 } });
    const expected = `${first.head.seq}:${first.head.hash}`;
    expect((await server.asOwner('POST', '/api/audit/verify', { expected })).json.ok).toBe(true);
    const data = (await server.asOwner('GET', '/api/security-report?format=json')).json;
    expect(data).toMatchObject({
      access: { transport: 'http', certificate: null, officeLetIn: false },
      keys: [{ name, person: 'Anna & Co' }],
      audit: { ok: true },
    });
    for (const [language, title] of [
      ['en', 'Security report'],
      ['de', 'Sicherheitsbericht'],
    ] as const) {
      const page = await server.asOwner('GET', `/api/security-report?language=${language}`);
      expect(page.headers['content-type']).toMatch(/^text\/html/);
      expect(page.headers['content-security-policy']).toMatch(/^default-src 'none'; style-src 'sha256-/);
      expect(page.text).toContain(`<h1>${title}</h1>`);
      expect(page.text).toContain('&lt;img src=x onerror=alert(1)&gt;');
      expect(page.text).toContain('Anna &amp; Co');
      expect(page.text).not.toMatch(/<img|<script|src="|href="/);
    }
    expect((await rows()).slice(1).map(({ act }) => act)).toEqual([
      'audit.verify',
      'audit.verify',
      'report.make',
      'report.make',
      'report.make',
    ]);
  });
});
