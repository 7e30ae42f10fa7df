import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { emptiedTables, makeCopy } from '../../../server/store/backup/backup-copy.ts';
import { encryptFile } from '../../../server/store/backup/backup-file.ts';
import { finishRestore, prepareRestore } from '../../../server/store/backup/restore.ts';
import { closeStore, openStore, type Store } from '../../../server/store/open.ts';

/**
 * A row for every table there is. A migration that makes a table must add one here: that is the restore test of its own
 * that a table joins the backup with. `made`: the migrations themselves have put rows in.
 */
const samples: Readonly<Record<string, string>> = {
  keys: `INSERT INTO keys (id, name, hash, hint, role, created_ms) VALUES ('key_1', 'Anna', randomblob(32), 'h', 'inference', 1)`,
  settings: `INSERT INTO settings VALUES ('a', '{"b":1}')`,
  model_files: `INSERT INTO model_files (path, added_ms) VALUES ('/m.gguf', 1)`,
  model_folders: `INSERT INTO model_folders VALUES ('/models', 1)`,
  model_settings: `INSERT INTO model_settings VALUES ('m', 1, 0, NULL, 2, NULL)`,
  owner: `INSERT INTO owner VALUES (1, 'hash', 1)`,
  sessions: `INSERT INTO sessions VALUES (randomblob(32), 1, 1, '::1', NULL)`,
  owner_totp: `INSERT INTO owner_totp VALUES (1, randomblob(60), 1, 2, 3)`,
  recovery_codes: `INSERT INTO recovery_codes VALUES (randomblob(32), NULL)`,
  admin_tokens: `INSERT INTO admin_tokens VALUES ('adm_1', 'script', randomblob(32), 'h', 1, 2, NULL, 3, '::1')`,
  pairings: `INSERT INTO pairings (id, ticket_hash, code_hash, preset, policy, auto_approve, created_ms, expires_ms, key_id)
    VALUES ('p', randomblob(32), randomblob(32), 'teammate', '{}', 0, 1, 2, 'key_1')`,
  former_keys: `INSERT INTO former_keys VALUES (randomblob(32), 'key_1', 'h', 1, 2, NULL)`,
  join_tickets: `INSERT INTO join_tickets (id, name, hash, policy, most_uses, created_ms, expires_ms)
    VALUES ('t', 'CI', randomblob(32), '{}', 3, 1, 2)`,
  join_ticket_keys: `INSERT INTO join_ticket_keys VALUES ('t', 'key_1')`,
  model_checks: `INSERT INTO model_checks VALUES ('builtin', 'm', 'v', '{}', 4096, 2, '[]', 1, 2)`,
  aliases: `INSERT INTO aliases (name, model, fallback, built_in) VALUES ('gpt', 'm', '[]', 0)`,
  downloads: `INSERT INTO downloads (id, uri, wish, added_ms) VALUES ('d', 'hf:a/b', 'wanted', 1)`,
  responses: `INSERT INTO responses VALUES ('r', 'key_1', 1, 1, x'00')`,
  teams: `INSERT INTO teams VALUES ('T', '{}', 1, NULL)`,
  spending: `INSERT INTO spending VALUES ('key_1', 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11)`,
  prices: `INSERT INTO prices VALUES ('m', 1.5, 2.5, 1)`,
  unknown_names: `INSERT INTO unknown_names VALUES ('n', 1, 1, 1, 'key_1')`,
  upstreams: `INSERT INTO upstreams (id, name, kind, url, may_leave, sealed_key, created_ms)
    VALUES ('up', 'up', 'openai', 'http://a', 0, randomblob(60), 1)`,
  texts: `INSERT INTO texts (text) VALUES ('/v1/chat/completions')`,
  askers: `INSERT INTO askers (who) VALUES ('["key_1","Anna",null,null,null,{}]')`,
  request_groups: `INSERT INTO request_groups VALUES (7, 1, 0, 1, 1, 0, 'ok', 0, '')`,
  requests: `INSERT INTO requests (time_ms, id, group_id, route, http_status, prompt_tokens, cached_tokens,
      completion_tokens, queue, load, total, at_once, ip)
    VALUES (1, randomblob(10), 7, 1, 200, 1, 0, 2, 0, 0, 5, 1, '::1')`,
  rollups: `INSERT INTO rollups VALUES (0, 1, 7, 1, 1, 0, 2, 0, 0, 0, 5, 1, NULL, x'01', x'02')`,
  turned_away: `INSERT INTO turned_away VALUES (1, 2)`,
  exports: `INSERT INTO exports VALUES ('e', 'postgres', 'postgres://a', 0, 1, 0, x'01', 1, 2, 3, 4, 5, 'x', 6)`,
  audit: `INSERT INTO audit VALUES (1, 1, 'owner', 'token', '::1', NULL, 'key.create', 'Anna', 'done', NULL, '{}', randomblob(32))`,
  audit_head: `UPDATE audit_head SET seq = 1, hash = randomblob(32), mac = randomblob(32)`,
  audit_checkpoints: `INSERT INTO audit_checkpoints VALUES (1, randomblob(32), 1, 1, randomblob(32))`,
};

it('every table there is comes back from a backup row by row, but for those that stay behind on purpose', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'inglenook-tables-'));
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }));
  const path = join(dir, 'inglenook.db');
  const store = openStore(path);
  expect(tablesOf(store).filter((table) => samples[table] === undefined)).toEqual([]);
  expect(Object.keys(samples).filter((table) => !tablesOf(store).includes(table))).toEqual([]);
  for (const sql of Object.values(samples)) store.db.exec(sql);
  const before = contentOf(store);
  for (const [table, rows] of Object.entries(before)) expect([table, rows.length > 0]).toEqual([table, true]);

  const encryption = { passphrase: 'a passphrase nobody guesses', workFactor: 4 };
  const manifest = {
    version: '0.1.0',
    madeAt: '2026-11-23T12:00:00.000Z',
    computer: 'desk-1',
    serverSecret: `ink-secret_${'a'.repeat(43)}`,
  };
  makeCopy(path, join(dir, 'copy.db'), manifest);
  await encryptFile(join(dir, 'copy.db'), join(dir, 'b.age'), encryption);
  const dataDir = join(dir, 'new');
  const wish = { file: join(dir, 'b.age'), passphrase: encryption.passphrase, nowMs: 0 };
  expect(await prepareRestore(dataDir, wish)).toMatchObject({ computer: 'desk-1', version: '0.1.0' });
  finishRestore(dataDir);
  const restored = openStore(join(dataDir, 'inglenook.db'));
  const emptied = Object.fromEntries(emptiedTables.map((table) => [table, []]));
  expect(contentOf(restored)).toEqual({ ...before, ...emptied });
  expect(schemaOf(restored)).toEqual(schemaOf(store));
  closeStore(restored);
  closeStore(store);
});

function tablesOf({ db }: Store): string[] {
  return db
    .prepare("SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite%' ORDER BY name")
    .pluck()
    .all() as string[];
}

function contentOf(store: Store): Record<string, unknown[]> {
  return Object.fromEntries(
    tablesOf(store).map((table) => [table, store.db.prepare(`SELECT * FROM ${table}`).raw().all()]),
  );
}

function schemaOf({ db }: Store): unknown[] {
  return db.prepare('SELECT type, name, sql FROM sqlite_schema ORDER BY type, name').raw().all();
}
