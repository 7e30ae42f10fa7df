import Database from 'better-sqlite3';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { AsyncLocalStorage } from 'node:async_hooks';
import { rebuildRollups } from '../../../server/store/ledger/rebuild.ts';
import { addLedgerFunctions } from '../../../server/store/ledger/sql-functions.ts';
import { summariseSince } from '../../../server/store/ledger/summary.ts';
import { listRequests } from '../../../server/store/requests.ts';
import type { Store } from '../../../server/store/open.ts';
import { listMigrations, migrate, schemaVersion } from '../../../server/store/migrate.ts';

let db: Database.Database;
beforeEach(() => {
  db = new Database(':memory:');
});
afterEach(() => {
  db.close();
});

const hash = Buffer.alloc(32, 1);
const insertKey = (id: string, name: string, bytes: Buffer, revokedMs: number | null = null): void => {
  db.prepare(
    `INSERT INTO keys (id, name, hash, hint, role, created_ms, revoked_ms) VALUES (?, ?, ?, 'h', 'inference', 1, ?)`,
  ).run(id, name, bytes, revokedMs);
};
const tables = (): unknown[] =>
  db.prepare("SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name").pluck().all();

describe('migrations', () => {
  it('are numbered by tens, each once, and make only STRICT tables', () => {
    const versions = listMigrations().map(({ version }) => version);
    expect(versions.filter((version) => version % 10 !== 0)).toEqual([]);
    expect(new Set(versions).size).toBe(versions.length);
    migrate(db);
    expect(schemaVersion(db)).toBe(versions.at(-1));
    expect(
      db
        .prepare(
          "SELECT name FROM pragma_table_list WHERE schema = 'main' AND name NOT LIKE 'sqlite%' AND strict = 0",
        )
        .all(),
    ).toEqual([]);
  });

  it('change nothing the second time', () => {
    migrate(db);
    insertKey('key_1', 'a', hash);
    migrate(db);
    expect(db.prepare('SELECT count(*) FROM keys').pluck().get()).toBe(1);
  });

  it('leave the version before when a step fails half-way', () => {
    migrate(db, 10);
    insertKey('key_1', 'a', hash);
    // Stands in the way of the last statement of 0020, after its table was made.
    db.exec('CREATE TABLE requests_problems (x)');
    expect(() => migrate(db)).toThrow(/requests_problems/);
    expect([schemaVersion(db), tables()]).toEqual([10, ['keys', 'requests_problems']]);
    expect(db.prepare('SELECT name FROM keys').pluck().all()).toEqual(['a']);
  });

  it('refuse a database of a newer program and leave it alone', () => {
    migrate(db);
    db.pragma('user_version = 9990');
    expect(() => migrate(db)).toThrow(/newer Inglenook/);
    expect(schemaVersion(db)).toBe(9990);
  });
});

describe('from the version before', () => {
  it('0 → 10 makes keys, whose names are unique among unrevoked ones', () => {
    migrate(db, 10);
    expect(tables()).toEqual(['keys']);
    insertKey('key_1', 'a', hash, 5);
    insertKey('key_2', 'a', Buffer.alloc(32, 2));
    expect(() => insertKey('key_3', 'a', Buffer.alloc(32, 3))).toThrow(/UNIQUE/);
    expect(() => insertKey('key_3', 'b', hash)).toThrow(/UNIQUE/);
    expect(() => insertKey('key_3', 'b', Buffer.alloc(31))).toThrow(/CHECK/);
  });

  it('10 → 20 adds requests and keeps the keys', () => {
    migrate(db, 10);
    insertKey('key_1', 'a', hash);
    migrate(db, 20);
    expect(db.prepare('SELECT id FROM keys').pluck().all()).toEqual(['key_1']);
    expect(tables()).toEqual(['keys', 'requests']);
  });

  it('20 → 30 adds settings and model files and keeps the requests', () => {
    migrate(db, 20);
    db.exec(
      `INSERT INTO requests (id, time_ms, route, status, http_status, prompt_tokens, cached_tokens, completion_tokens,
         queue_ms, load_ms, total_ms, tried, ip) VALUES ('req_1', 1, '/v1', 'ok', 200, 1, 0, 1, 0, 0, 1, '[]', '::1')`,
    );
    migrate(db, 30);
    expect(db.prepare('SELECT id FROM requests').pluck().all()).toEqual(['req_1']);
    expect(tables()).toEqual(['keys', 'model_files', 'requests', 'settings']);
  });

  it('30 → 40 adds the owner and the sessions and keeps the settings', () => {
    migrate(db, 30);
    db.exec(
      `INSERT INTO settings VALUES ('lan', '{"on":true}'); INSERT INTO model_files VALUES ('/m.gguf', 1)`,
    );
    migrate(db, 40);
    expect(db.prepare('SELECT value FROM settings').pluck().all()).toEqual(['{"on":true}']);
    expect(tables()).toEqual(['keys', 'model_files', 'owner', 'requests', 'sessions', 'settings']);
  });

  it('70 → 80 adds the settings of models and keeps the downloads', () => {
    migrate(db, 70);
    db.exec("INSERT INTO downloads (id, uri, wish, added_ms) VALUES ('d', 'hf:a/b', 'wanted', 1)");
    migrate(db, 80);
    expect(db.prepare('SELECT uri FROM downloads').pluck().all()).toEqual(['hf:a/b']);
    db.exec("INSERT INTO model_settings VALUES ('m', 1, 0, NULL, 2, NULL)");
    expect(() => db.exec("INSERT INTO model_settings VALUES ('n', 2, 0, NULL, NULL, NULL)")).toThrow(/CHECK/);
  });

  it('80 → 90 adds stored responses, which go with their key', () => {
    migrate(db, 80);
    insertKey('key_1', 'a', hash);
    migrate(db, 90);
    db.pragma('foreign_keys = ON');
    db.exec("INSERT INTO responses VALUES ('resp_1', 'key_1', 1, 1, x'00')");
    expect(() => db.exec("INSERT INTO responses VALUES ('resp_2', 'key_2', 1, 1, x'00')")).toThrow(/FOREIGN/);
    db.exec("DELETE FROM keys WHERE id = 'key_1'");
    expect(db.prepare('SELECT count(*) FROM responses').pluck().get()).toBe(0);
  });

  it('100 → 110 gives keys a policy, the usual one for those that are there', () => {
    migrate(db, 100);
    insertKey('key_1', 'a', hash);
    migrate(db, 110);
    expect(db.prepare('SELECT policy, paused_ms FROM keys').get()).toEqual({ policy: '{}', paused_ms: null });
    expect(() => db.exec("UPDATE keys SET policy = 'x'")).toThrow(/CHECK/);
  });

  it('110 → 130 adds teams, then spending and prices, and keeps the keys', () => {
    migrate(db, 110);
    insertKey('key_1', 'a', hash);
    migrate(db, 120);
    expect(() => db.exec("INSERT INTO teams VALUES ('T', 'x', 1, NULL)")).toThrow(/CHECK/);
    db.exec("INSERT INTO teams VALUES ('T', '{}', 1, NULL)");
    migrate(db, 130);
    expect(db.prepare('SELECT name FROM teams').pluck().all()).toEqual(['T']);
    expect(() => db.exec("INSERT INTO prices VALUES ('m', -1, 1, 1)")).toThrow(/CHECK/);
    expect(db.prepare('SELECT id FROM keys').pluck().all()).toEqual(['key_1']);
  });

  it('150 → 160 adds upstreams, whose names are unique, and keeps the keys', () => {
    migrate(db, 150);
    insertKey('key_1', 'a', hash);
    migrate(db, 160);
    const insert = (id: string, name: string, kind: string): unknown =>
      db
        .prepare(
          `INSERT INTO upstreams (id, name, kind, url, may_leave, created_ms) VALUES (?, ?, ?, 'http://a', 0, 1)`,
        )
        .run(id, name, kind);
    insert('up_1', 'box', 'vllm');
    expect(() => insert('up_2', 'box', 'vllm')).toThrow(/UNIQUE/);
    expect(() => insert('up_3', 'other', 'magic')).toThrow(/CHECK/);
    expect(db.prepare('SELECT id FROM keys').pluck().all()).toEqual(['key_1']);
  });
  it('160 → 170 gives requests a cost, and those of before none', () => {
    migrate(db, 160);
    const insert = (columns: string, values: string): unknown =>
      db.exec(
        `INSERT INTO requests (id, time_ms, route, status, http_status, prompt_tokens, cached_tokens,
           completion_tokens, queue_ms, load_ms, total_ms, tried, ip ${columns})
         VALUES (${values.slice(0, 1)}, 1, '/v1', 'ok', 200, 1, 0, 1, 0, 0, 1, '[]', '::1' ${values.slice(1)})`,
      );
    insert('', '1');
    migrate(db, 170);
    insert(', cost_nanos', '2, 1500000');
    expect(db.prepare('SELECT cost_nanos FROM requests ORDER BY seq').pluck().all()).toEqual([
      null,
      1_500_000,
    ]);
  });

  it('170 → 180 notes of requests whether the cache answered, and of those before that it was off', () => {
    migrate(db, 170);
    const insert = (id: string): unknown =>
      db
        .prepare(
          `INSERT INTO requests (id, time_ms, route, status, http_status, prompt_tokens, cached_tokens,
             completion_tokens, queue_ms, load_ms, total_ms, tried, ip)
           VALUES (?, 1, '/v1/models', 'ok', 200, 0, 0, 0, 0, 0, 1, '[]', '::1')`,
        )
        .run(id);
    insert('req_1');
    migrate(db, 180);
    expect(db.prepare('SELECT cache FROM requests').pluck().all()).toEqual([null]);
    db.exec("UPDATE requests SET cache = 'hit'");
    expect(() => db.exec("UPDATE requests SET cache = 'maybe'")).toThrow(/CHECK/);
  });

  it('160 → 200 carries the log over: every text, number and time of every row', () => {
    migrate(db, 160);
    const columns = `id, time_ms, key_name, key_id, person, model, served_model, engine, route, status, http_status,
      finish_reason, error, prompt_tokens, cached_tokens, completion_tokens, queue_ms, load_ms, first_token_ms, total_ms,
      tried, client, ip, dropped, left_office`;
    const add = db.prepare(`INSERT INTO requests (${columns}) VALUES (${columns.replaceAll(/\w+/g, '?')})`);
    const timeMs = Date.parse('2026-11-20T10:00:00Z');
    add.run(
      'req_1',
      timeMs,
      'Anna’s "key"\n',
      'key_1',
      'Anna',
      'office',
      'm',
      'builtin',
      '/v1/x',
      'ok',
      200,
      'stop',
      null,
      10,
      4,
      5,
      0.5,
      0,
      12.5,
      80.25,
      '["x","m"]',
      'test',
      '::1',
      '["tools"]',
      'cloud',
    );
    add.run(
      'req_2',
      timeMs + 1,
      null,
      null,
      null,
      'nope',
      null,
      null,
      '/v1/x',
      'refused',
      404,
      null,
      'a: b',
      0,
      0,
      0,
      0,
      0,
      null,
      1,
      '[]',
      null,
      '::1',
      '[]',
      null,
    );
    migrate(db, 200);
    addLedgerFunctions(db);
    // Sums are made from them by the program of today, whose tables have more columns.
    migrate(db);
    rebuildRollups(db);
    const store = storeForTests(db);
    const rows = listRequests(store, { limit: 10 });
    expect(rows).toMatchObject([
      {
        id: 'req_2',
        key: null,
        model: 'nope',
        servedModel: null,
        engine: null,
        status: 'refused',
        tried: [],
        httpStatus: 404,
        error: 'a: b',
        firstTokenMs: null,
        client: null,
        leftOffice: null,
        labels: {},
      },
      {
        id: 'req_1',
        time: '2026-11-20T10:00:00.000Z',
        key: 'Anna’s "key"\n',
        keyId: 'key_1',
        person: 'Anna',
        model: 'office',
        servedModel: 'm',
        engine: 'builtin',
        finishReason: 'stop',
        tried: ['x', 'm'],
        promptTokens: 10,
        cachedTokens: 4,
        completionTokens: 5,
        queueMs: 0.5,
        firstTokenMs: 12.5,
        totalMs: 80.3,
        dropped: ['tools'],
        client: 'test',
        ip: '::1',
        leftOffice: 'cloud',
        costNanos: null,
      },
    ]);
    expect(summariseSince(store, 0)).toMatchObject({
      requests: 2,
      errors: 0,
      promptTokens: 10,
      completionTokens: 5,
    });
  });
});

it('300 → 400 makes exports, none at first, of known kinds alone', () => {
  migrate(db, 300);
  expect(tables()).not.toContain('exports');
  migrate(db, 400);
  const add = (kind: string): void =>
    void db
      .prepare(
        `INSERT INTO exports (name, kind, url, may_leave, people, prompts, cursor, sent, skipped, created_ms)
         VALUES (?, ?, 'http://127.0.0.1', 0, 1, 0, 0, 0, 0, 1)`,
      )
      .run(kind, kind);
  expect(db.prepare('SELECT count(*) FROM exports').pluck().get()).toBe(0);
  for (const kind of ['postgres', 'otlp', 'langfuse']) add(kind);
  expect(() => add('pigeon')).toThrow(/CHECK/);
  expect(() => add('otlp')).toThrow(/UNIQUE/);
});

it('400 → 500 gives keys that were marked as traced an end in 30 days, and changes no other', () => {
  migrate(db, 400);
  insertKey('key_1', 'a', hash);
  insertKey('key_2', 'b', Buffer.alloc(32, 2));
  const set = db.prepare('UPDATE keys SET policy = ? WHERE id = ?');
  set.run('{"trace":true,"priority":"low"}', 'key_1');
  set.run('{"trace":false,"priority":"low"}', 'key_2');
  migrate(db, 500);
  const [traced, other] = db.prepare('SELECT policy FROM keys ORDER BY id').pluck().all().map(String);
  const { traceUntilMs, priority } = JSON.parse(traced ?? '') as { traceUntilMs: number; priority: string };
  expect([Math.round((traceUntilMs - Date.now()) / 86_400_000), priority]).toEqual([30, 'low']);
  expect(other).toBe('{"trace":false,"priority":"low"}');
});

it('620 → 700 makes checks of models, one for each engine and model', () => {
  migrate(db, 620);
  insertKey('key_1', 'a', hash);
  migrate(db, 700);
  const add = db.prepare(`INSERT INTO model_checks VALUES (?, 'm', NULL, '{}', NULL, NULL, '[]', 1, 2)`);
  add.run('builtin');
  add.run('box');
  expect(() => add.run('box')).toThrow(/UNIQUE/);
  expect(db.prepare('SELECT count(*) FROM keys').pluck().get()).toBe(1);
});

it('700 → 730 leaves keys and invitations as they are: nothing is replaced, and there is no ticket', () => {
  migrate(db, 700);
  insertKey('key_1', 'a', hash);
  db.exec(`INSERT INTO pairings (id, ticket_hash, code_hash, preset, policy, auto_approve, created_ms, expires_ms)
    VALUES ('p', randomblob(32), randomblob(32), 'teammate', '{}', 0, 1, 2)`);
  migrate(db, 730);
  expect(db.prepare('SELECT name, replaced_ms FROM keys').all()).toEqual([{ name: 'a', replaced_ms: null }]);
  expect(db.prepare('SELECT replaces, overlap_ms FROM pairings').all()).toEqual([
    { replaces: null, overlap_ms: null },
  ]);
  db.pragma('foreign_keys = ON');
  db.exec(`INSERT INTO former_keys VALUES (randomblob(32), 'key_1', 'h', 1, 2, NULL)`);
  db.exec(`INSERT INTO join_tickets (id, name, hash, policy, most_uses, created_ms, expires_ms)
    VALUES ('t', 'CI', randomblob(32), '{}', 1, 1, 2)`);
  db.exec(`INSERT INTO join_ticket_keys VALUES ('t', 'key_1')`);
  expect(() => db.exec("UPDATE join_tickets SET uses = 2 WHERE id = 't'")).toThrow(/CHECK/);
  db.exec("DELETE FROM keys WHERE id = 'key_1'");
  expect(
    db
      .prepare('SELECT (SELECT count(*) FROM former_keys) + (SELECT count(*) FROM join_ticket_keys)')
      .pluck()
      .get(),
  ).toBe(0);
});

it('500 → 620 leaves the owner without a second step; a revoked token’s name is free again', () => {
  migrate(db, 500);
  db.exec("INSERT INTO owner VALUES (1, 'hash', 1)");
  migrate(db, 620);
  expect(db.prepare('SELECT count(*) FROM owner_totp').pluck().get()).toBe(0);
  expect(db.prepare('SELECT password_hash FROM owner').pluck().get()).toBe('hash');
  const add = (id: string): void =>
    void db
      .prepare(
        `INSERT INTO admin_tokens (id, name, hash, hint, created_ms, expires_ms) VALUES (?, 'n', randomblob(32), 'h', 1, 2)`,
      )
      .run(id);
  add('adm_1');
  expect(() => add('adm_2')).toThrow(/UNIQUE/);
  db.exec("UPDATE admin_tokens SET revoked_ms = 1 WHERE id = 'adm_1'");
  add('adm_2');
});

it('the schema is the one that was released; a change is a new migration, never an edit', () => {
  migrate(db);
  const schema = db
    .prepare('SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL ORDER BY type DESC, name')
    .pluck()
    .all()
    .map((sql) =>
      String(sql)
        .replaceAll(/--[^\n]*/g, '')
        .replaceAll(/\s+/g, ' '),
    );
  expect(schema).toMatchSnapshot();
});

/** The database of the test as the functions of the store take it. */
function storeForTests(database: Database.Database): Store {
  return {
    db: database,
    statements: new Map(),
    transact: (work) => database.transaction(work).immediate(),
    policyVersion: 0,
    companion: new AsyncLocalStorage(),
    known: new Map(),
    texts: new Map(),
    sweep: null,
  };
}
