import Database from 'better-sqlite3';
import { expect, it } from 'vitest';
import { migrate } from '../../../server/store/migrate.ts';

it('0050 leaves the keys there were, without anything made up about how they came to be', () => {
  const db = new Database(':memory:');
  migrate(db, 40);
  db.exec(`INSERT INTO keys (id, name, hash, hint, role, created_ms, last_used_ms, last_ip)
           VALUES ('key_1', 'Anna', zeroblob(32), 'sk-ink_…abcd', 'inference', 1, 2, '10.0.0.1')`);
  migrate(db, 50);
  expect(db.prepare('SELECT * FROM keys').get()).toMatchObject({
    id: 'key_1',
    last_ip: '10.0.0.1',
    preset: null,
    paired_from: null,
    last_host: null,
    last_client: null,
    last_plain: null,
  });
  expect(db.prepare('SELECT * FROM pairings').all()).toEqual([]);
  db.close();
});

it('0740 knows of the invitations there were that somebody was invited by them', () => {
  const db = new Database(':memory:');
  migrate(db, 730);
  db.exec(`INSERT INTO pairings (id, ticket_hash, code_hash, preset, policy, auto_approve, created_ms, expires_ms)
           VALUES ('pair_1', zeroblob(32), zeroblob(32), 'teammate', '{}', 0, 1, 2)`);
  migrate(db, 740);
  expect(db.prepare('SELECT id, uninvited FROM pairings').all()).toEqual([{ id: 'pair_1', uninvited: 0 }]);
  db.close();
});
