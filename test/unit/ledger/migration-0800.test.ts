import { AsyncLocalStorage } from 'node:async_hooks';
import Database from 'better-sqlite3';
import { expect, it, onTestFinished } from 'vitest';
import { rebuildRollups } from '../../../server/store/ledger/rebuild.ts';
import { addLedgerFunctions } from '../../../server/store/ledger/sql-functions.ts';
import { readUsage } from '../../../server/store/ledger/usage.ts';
import { migrate } from '../../../server/store/migrate.ts';
import type { Store } from '../../../server/store/open.ts';

it('0800 keeps the sums there are, whose kinds of failure and speeds nobody knows, and tells those of new rows', () => {
  const db = new Database(':memory:');
  onTestFinished(() => void db.close());
  addLedgerFunctions(db);
  migrate(db, 740);
  db.exec(`INSERT INTO askers (who) VALUES ('["key_1","laptop",null,null,null,{}]');
    INSERT INTO texts (text) VALUES ('fake-model'), ('/v1/chat/completions'), ('engine_failed: It stopped.');
    INSERT INTO request_groups VALUES (7, 1, 0, 1, 0, 0, 'ok', 0), (8, 1, 0, 1, 0, 0, 'error', 0), (9, 1, 0, 0, 0, 0, 'ok', 0);
    DELETE FROM request_groups WHERE id = 9;
    INSERT INTO requests (time_ms, id, group_id, route, http_status, error, prompt_tokens, cached_tokens,
      completion_tokens, queue, load, first_token, total, at_once, ip)
    VALUES (1000, randomblob(10), 7, 2, 200, NULL, 5, 0, 41, 0, 0, 1000, 11000, 1, '::1'),
      (2000, randomblob(10), 8, 2, 502, 3, 5, 0, 0, 0, 0, NULL, 90, 1, '::1');
    INSERT INTO rollups VALUES (0, 0, 7, 1, 5, 0, 41, 0, 0, 0, 11000, 1, x'01', x'02'),
      (0, 0, 8, 1, 5, 0, 0, 0, 0, 0, 90, 1, NULL, x'02')`);
  migrate(db, 800);
  expect(db.prepare('SELECT id, status, failure FROM request_groups ORDER BY id').raw().all()).toEqual([
    [7, 'ok', ''],
    [8, 'error', ''],
  ]);
  expect(db.prepare('SELECT group_id, requests, speeds FROM rollups ORDER BY group_id').raw().all()).toEqual([
    [7, 1, null],
    [8, 1, null],
  ]);
  // A number that was in use is never given again.
  const insert =
    db.prepare(`INSERT INTO request_groups (asker, asked, model, engine, left_office, status, cache_hit, failure)
    VALUES (1, 0, 1, 0, 0, 'error', 0, ?)`);
  expect(Number(insert.run('engine').lastInsertRowid)).toBe(10);
  expect(() => insert.run('engine')).toThrow(/UNIQUE/);

  // Made anew from the rows: 40 tokens in a second for the old answer, too.
  rebuildRollups(db);
  const everything = { filters: {}, step: null, zone: 'UTC', fromMs: null, toMs: null };
  const [all] = readUsage(storeForTests(db), { ...everything, dimensions: [] }).rows;
  expect([all?.requests, all?.errors]).toEqual([2, 1]);
  expect(Math.abs((all?.tokensPerSecondP50 ?? 0) - 40)).toBeLessThan(40 * 0.05);
  const byFailure = readUsage(storeForTests(db), { ...everything, dimensions: ['status', 'failure'] }).rows;
  expect(byFailure).toHaveLength(2);
  for (const status of ['ok', 'error']) {
    expect(byFailure).toContainEqual(expect.objectContaining({ status, failure: null, requests: 1 }));
  }
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
