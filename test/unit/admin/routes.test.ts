import { chmod, mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { AppError } from '../../../server/core/errors.ts';
import { ensureAdminToken } from '../../../server/http/admin-token.ts';
import { logPage } from '../../../server/wire/admin.ts';
import { insertRequest } from '../../../server/store/requests.ts';
import { logRow, startAdminServer, type AdminServer } from './admin-server.ts';

let server: AdminServer;
let dir: string;
beforeEach(async () => {
  server = await startAdminServer();
  dir = await mkdtemp(join(tmpdir(), 'inglenook-admin-'));
});
afterEach(async () => {
  await server.close();
  await rm(dir, { recursive: true, force: true });
});

describe('keys', () => {
  it('are created, shown once, found by name and id, changed and revoked', async () => {
    const created = await server.asOwner('POST', '/api/keys', {
      name: 'Anna’s laptop',
      person: 'Anna',
      models: ['fake-model', 'not-yet-there'],
      expiresAt: '2027-01-31T00:00:00Z',
    });
    expect(created.status).toBe(201);
    const { key, warnings, ...record } = created.json;
    expect(key).toMatch(/^sk-ink_[0-9A-Za-z]{38}$/);
    expect(warnings).toEqual([expect.stringContaining('“not-yet-there”')]);
    expect(record).toMatchObject({ person: 'Anna', status: 'active', role: 'inference', lastUsedAt: null });
    expect(record.hint).toBe(`sk-ink_…${key.slice(-4)}`);

    const name = encodeURIComponent('Anna’s laptop');
    expect((await server.asOwner('GET', `/api/keys/${name}`)).json).toEqual(record);
    expect((await server.asOwner('GET', `/api/keys/${record.id}`)).json).toEqual(record);
    expect((await server.asOwner('GET', '/api/keys')).json).toEqual([record]);

    const changed = await server.asOwner('PATCH', `/api/keys/${name}`, { name: 'a', models: null });
    expect(changed.json).toEqual({ ...record, name: 'a', models: null });

    const revoked = await server.asOwner('DELETE', '/api/keys/a');
    expect(revoked.json).toMatchObject({ id: record.id, status: 'revoked' });
    expect((await server.asOwner('DELETE', '/api/keys/a')).json).toEqual(revoked.json);
    expect(server.revoked).toEqual([record.id]);
    expect((await server.asOwner('PATCH', `/api/keys/a`, { person: 'B' })).json.error.code).toBe(
      'key_revoked',
    );

    const everything = JSON.stringify([
      server.logged,
      server.store.db.prepare('SELECT * FROM keys').all(),
      (await server.asOwner('GET', '/api/keys')).text,
    ]);
    expect(everything).not.toContain(key);
    expect(everything).not.toContain(key.slice(10, 40));
  });

  it('are refused with a reason: name taken, expired from the start, unknown, more than allowed', async () => {
    await server.asOwner('POST', '/api/keys', { name: 'a' });
    const cases = [
      [await server.asOwner('POST', '/api/keys', { name: 'a' }), 409, 'name'],
      [
        await server.asOwner('POST', '/api/keys', { name: 'b', expiresAt: '2020-01-01T00:00:00Z' }),
        400,
        'expiresAt',
      ],
      [await server.asOwner('POST', '/api/keys', { name: 'b', expiresAt: 'tomorrow' }), 400, 'expiresAt'],
      [await server.asOwner('POST', '/api/keys', { name: ' ' }), 400, 'name'],
      [await server.asOwner('POST', '/api/keys', { name: 'b', role: 'admin' }), 400, 'role'],
      [await server.asOwner('POST', '/api/keys', { name: 'b', hash: 'x' }), 400, 'hash'],
      [await server.asOwner('PATCH', '/api/keys/a', { role: 'ops' }), 400, 'role'],
      [await server.asOwner('GET', '/api/keys/nobody'), 404, 'key'],
    ] as const;
    expect(cases.map(([answer]) => [answer.status, answer.json.error.param])).toEqual(
      cases.map(([, status, param]) => [status, param]),
    );
  });

  it('attack 45: may bear any name; it stays text', async () => {
    const names = [
      '<img src=x onerror=alert(1)>',
      "=cmd|' /C calc'!A0",
      'a\r\nb',
      '\u001b[31mred',
      'a/b?c#d%',
      '\u202ex',
    ];
    for (const name of names) await server.asOwner('POST', '/api/keys', { name });
    for (const name of names) {
      const answer = await server.asOwner('GET', `/api/keys/${encodeURIComponent(name)}`);
      expect(answer.json.name).toBe(name);
      expect(answer.headers['content-type']).toMatch(/^application\/json/);
    }
  });
});

describe('models', () => {
  it('are added by path, listed, and forgotten without deleting the file', async () => {
    const path = join(dir, 'mine.gguf');
    await writeFile(path, 'GGUF');
    const added = await server.asOwner('POST', '/api/models', { path });
    expect([added.status, added.json.path, added.json.source]).toEqual([201, path, 'added']);
    expect((await server.asOwner('POST', '/api/models', { path })).json.id).toBe(added.json.id);
    expect((await server.asOwner('GET', '/api/models')).json).toHaveLength(3);
    await server.asOwner('PUT', '/api/aliases/office', { model: added.json.id });
    const removed = await server.asOwner('DELETE', `/api/models/${added.json.id}`);
    expect([removed.status, removed.json]).toEqual([
      200,
      { removed: added.json.id, freedBytes: 0, brokenAliases: ['office'] },
    ]);
    expect((await server.asOwner('GET', '/api/models')).json).toHaveLength(2);
    expect((await stat(path)).size).toBe(4);
  });

  it('are not added when the path is no readable .gguf file, and the sentence says why', async () => {
    await writeFile(join(dir, 'text.txt'), 'x');
    for (const [path, words] of [
      ['relative.gguf', 'whole path'],
      [join(dir, 'nothing.gguf'), 'no file'],
      [dir, 'not a file'],
      [join(dir, 'text.txt'), '.gguf'],
      [`${dir}/a\u0000b.gguf`, 'whole path'],
    ] as const) {
      const answer = await server.asOwner('POST', '/api/models', { path });
      expect([answer.status, answer.json.error.param]).toEqual([400, 'path']);
      expect(answer.json.error.message).toContain(words);
    }
  });

  it('are loaded and unloaded', async () => {
    const loaded = await server.asOwner('POST', '/api/models/fake-model/load');
    expect([loaded.status, loaded.json.state]).toEqual([200, 'ready']);
    const unloaded = await server.asOwner('POST', '/api/models/fake-model/unload', {});
    expect([unloaded.status, unloaded.json.state]).toEqual([200, 'off']);
  });

  it('keep what the owner sets for them, by id or path', async () => {
    const { settings: usual } = (await server.asOwner('GET', '/api/models')).json[0];
    const changed = await server.asOwner('PATCH', '/api/models/fake-model', {
      pinned: true,
      keepAliveMinutes: 0,
    });
    expect([changed.status, changed.json.settings]).toEqual([
      200,
      { ...usual, pinned: true, keepAliveMinutes: 0 },
    ]);
    const again = await server.asOwner('PATCH', '/api/models/fake-model', {
      slots: 2,
      keepAliveMinutes: null,
    });
    expect(again.json.settings).toEqual({ ...usual, pinned: true, slots: 2 });
    for (const [body, name] of [
      [{ slots: 17 }, 'slots'],
      [{ contextTokens: 1.5 }, 'contextTokens'],
      [{ keepAliveMinutes: -1 }, 'keepAliveMinutes'],
      [{ colour: 'red' }, 'colour'],
    ] as const) {
      const refused = await server.asOwner('PATCH', '/api/models/fake-model', body);
      expect([refused.status, refused.text.includes(name)], name).toEqual([400, true]);
    }
    expect((await server.asOwner('PATCH', '/api/models/none', { pinned: true })).status).toBe(404);
  });

  it('that cannot be loaded say why', async () => {
    await server.close();
    server = await startAdminServer({
      beforeReady() {
        throw new AppError('The file is cut short.', { status: 422, code: 'model_unusable' });
      },
    });
    const answer = await server.asOwner('POST', '/api/models/fake-model/load');
    expect([answer.status, answer.json.error.message]).toEqual([422, 'The file is cut short.']);
  });

  it('that came along or lie in a folder cannot be removed, and the sentence says why', async () => {
    const starter = await server.asOwner('DELETE', '/api/models/fake-model');
    expect([starter.status, starter.json.error.message]).toEqual([
      409,
      expect.stringContaining('starter model'),
    ]);
    const folder = await server.asOwner('DELETE', '/api/models/folder-model');
    expect([folder.status, folder.json.error.message]).toEqual([
      409,
      expect.stringContaining('/folder/folder-model.gguf'),
    ]);
  });

  it('are looked up by id only, never on the disk', async () => {
    for (const name of [
      '..%2f..%2fetc%2fpasswd',
      '%2e%2e%2f',
      'a%00b',
      'C:%5Cx',
      'x'.repeat(5000),
      '%E2%80%AEx',
    ]) {
      const answer = await server.asOwner('POST', `/api/models/${name}/load`);
      expect([name.slice(0, 20), answer.status, answer.json.error.code]).toEqual([
        name.slice(0, 20),
        404,
        'model_not_found',
      ]);
    }
    expect((await server.asOwner('POST', '/api/models/%zz/load')).status).toBe(400);
  });
});

describe('the log', () => {
  it('is answered newest first, paged and filtered, in the contract’s shape', async () => {
    for (let index = 0; index < 1200; index++) {
      insertRequest(
        server.store,
        logRow({
          id: `req_${index}`,
          time: new Date(server.time.nowMs + index).toISOString(),
          status: index % 100 === 0 ? 'error' : 'ok',
        }),
      );
    }
    const all = await server.asOwner('GET', '/api/log?limit=100000');
    expect(logPage.parse(all.json)).toHaveLength(1200);
    expect(all.json.map((row: { id: string }) => row.id)).toEqual(
      Array.from({ length: 1200 }, (_, index) => `req_${1199 - index}`),
    );
    const page = await server.asOwner('GET', '/api/log?limit=2&before=req_900');
    expect(page.json.map((row: { id: string }) => row.id)).toEqual(['req_899', 'req_898']);
    const errors = await server.asOwner('GET', '/api/log?status=error&limit=3');
    expect(errors.json.map((row: { id: string }) => row.id)).toEqual(['req_1100', 'req_1000', 'req_900']);
    expect((await server.asOwner('GET', '/api/log')).json).toHaveLength(100);
    expect((await server.asOwner('GET', '/api/log?model=nobody')).json).toEqual([]);
  });

  it('refuses a wrong query with the field’s name', async () => {
    for (const [query, param] of [
      ['limit=0', 'limit'],
      ['limit=100001', 'limit'],
      ['limit=1&limit=2', 'limit'],
      ['status=bad', 'status'],
      ['since=yesterday', 'since'],
      ['before=req_none', 'before'],
      ['order=asc', 'order'],
      ['__proto__=x', '__proto__'],
    ]) {
      const answer = await server.asOwner('GET', `/api/log?${query}`);
      expect([query, answer.status, answer.json.error.param ?? '__proto__']).toEqual([query, 400, param]);
    }
  });
});

describe('bad requests', () => {
  it('get JSON in OpenAI’s shape and never a stack', async () => {
    const token = { authorization: `Bearer ${server.adminToken}` };
    const long = JSON.stringify({ name: 'x'.repeat(70_000) });
    const cases = [
      ['POST', '/api/keys', { body: '{"name":' }, 400],
      ['POST', '/api/keys', { body: '' }, 400],
      ['POST', '/api/keys', { body: '\ufeff{}' }, 400],
      ['POST', '/api/keys', { body: '"text"' }, 400],
      ['POST', '/api/keys', { body: '[]' }, 400],
      ['POST', '/api/keys', { body: '{"name":"n"} x' }, 400],
      ['POST', '/api/keys', { body: '{"name":"n","__proto__":{"role":"ops"}}' }, 400],
      ['POST', '/api/keys', { body: '{"name":"n","constructor":{"prototype":{"a":1}}}' }, 400],
      ['POST', '/api/keys', { body: `{"name":${'['.repeat(30_000)}${']'.repeat(30_000)}}` }, 400],
      ['POST', '/api/keys', { body: long }, 413],
      ['POST', '/api/keys', { body: '{}', headers: { ...token, 'content-encoding': 'gzip' } }, 415],
      ['POST', '/api/keys', { body: 'name=x', headers: { ...token, 'content-type': 'text/plain' } }, 415],
      ['GET', '/api/nothing', {}, 404],
      ['GET', '/api/', {}, 404],
      ['GET', '/api/KEYS', {}, 404],
      ['PUT', '/api/keys', { body: '{}' }, 405],
      ['POST', '/api/status', { body: '{}' }, 405],
      ['TRACE', '/api/keys', {}, 405],
    ] as const;
    for (const [method, path, options, status] of cases) {
      const answer = await server.send(method, path, { headers: token, ...options });
      const what = `${method} ${path} ${JSON.stringify(options).slice(0, 60)}`;
      expect([what, answer.status]).toEqual([what, status]);
      expect(Object.keys(answer.json.error).sort()).toEqual(['code', 'message', 'param', 'type']);
      expect(answer.text).not.toMatch(/node_modules|\bat .*\.ts:\d/);
    }
    expect((await server.asOwner('GET', '/api/keys')).json).toEqual([]);
    expect(({} as { role?: string }).role).toBeUndefined();
  });

  it('name the methods a path does have', async () => {
    const answer = await server.asOwner('PUT', '/api/keys/a', {});
    expect([answer.status, answer.headers['allow']]).toEqual([405, 'GET, PATCH, DELETE']);
  });

  it('without a credential are refused before their body is read', async () => {
    const answer = await server.send('POST', '/api/keys', { body: 'x'.repeat(1_000_000) });
    expect(answer.status).toBe(401);
  });
});

describe('the admin token', () => {
  it('is made once, for the owner’s eyes only, and kept', async () => {
    const token = ensureAdminToken(dir);
    expect(token).toMatch(/^ink-admin_[\w-]{43}$/);
    await chmod(join(dir, 'admin.token'), 0o644);
    expect(ensureAdminToken(dir)).toBe(token);
    expect((await stat(join(dir, 'admin.token'))).mode & 0o777).toBe(0o600);
  });

  it('is replaced when the file is damaged', async () => {
    await writeFile(join(dir, 'admin.token'), '');
    expect(ensureAdminToken(dir)).toMatch(/^ink-admin_/);
  });

  it('has a sentence for a folder that cannot be used', async () => {
    await writeFile(join(dir, 'file'), '');
    expect(() => ensureAdminToken(join(dir, 'file'))).toThrow('cannot be read or written');
  });
});
