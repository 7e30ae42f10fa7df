import { createHash } from 'node:crypto';
import Database from 'better-sqlite3';
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { sayable } from '../../../server/core/audit.ts';
import { createAudit, type Audit } from '../../../server/store/audit.ts';
import { auditKeepDays, keepAuditPurged, setAuditKeepDays } from '../../../server/store/audit-retention.ts';
import { verifyAudit } from '../../../server/store/audit-verify.ts';
import { migrate } from '../../../server/store/migrate.ts';
import { closeStore, openStore, type Store } from '../../../server/store/open.ts';
import { testSecret } from '../../fakes/audit.ts';
import { createManualTime } from '../../fakes/manual-time.ts';

const silent = { debug() {}, info() {}, warn() {}, error() {} };
const dayMs = 86_400_000;

let store: Store;
let audit: Audit;
let time: { nowMs: number };
beforeEach(() => {
  store = openStore(':memory:');
  time = { nowMs: Date.parse('2026-11-23T12:00:00Z') };
  audit = openAudit(testSecret);
  onTestFinished(() => closeStore(store));
});

function openAudit(secret: string): Audit {
  const clock = { nowMs: () => time.nowMs, monotonicMs: () => time.nowMs };
  return createAudit({ store, clock, log: silent, secret });
}

function fill(rows: number): void {
  for (let count = 1; count <= rows; count++) {
    audit.append({ actor: 'owner', via: 'token', act: 'key.create', object: `k${count}`, outcome: 'done' });
  }
}

async function problems(expected?: string, secret: string | null = testSecret): Promise<unknown[]> {
  const { ok, problems: found } = await verifyAudit(store, { secret, nowMs: time.nowMs, expected });
  expect(ok).toBe(found.length === 0);
  return found.map(({ kind, seq }) => [kind, seq]);
}

/** As somebody would who has the file and SQLite, but not the server's secret. */
function tamper(sql: string): void {
  const triggers = store.db
    .prepare("SELECT name, sql FROM sqlite_schema WHERE type = 'trigger' AND name LIKE 'audit%'")
    .all() as { name: string; sql: string }[];
  for (const { name } of triggers) store.db.exec(`DROP TRIGGER ${name}`);
  store.db.exec(sql);
  for (const trigger of triggers) store.db.exec(trigger.sql);
}

/** The chain as the documentation describes it, written once more. */
function rechain(fromSeq: number): void {
  const rows = store.db.prepare('SELECT * FROM audit ORDER BY seq').raw().all() as unknown[][];
  let previous = Buffer.alloc(32);
  for (const row of rows) {
    const hash = createHash('sha256')
      .update(previous)
      .update(JSON.stringify(row.slice(0, -1)))
      .digest();
    if (Number(row[0]) >= fromSeq)
      tamper(`UPDATE audit SET hash = x'${hash.toString('hex')}' WHERE seq = ${Number(row[0])}`);
    else expect(hash).toEqual(row.at(-1));
    previous = hash;
  }
  tamper(`UPDATE audit_head SET hash = x'${previous.toString('hex')}'`);
}

describe('the audit', () => {
  it('is whole as it is written, and another program can follow its chain', async () => {
    fill(1203);
    rechain(Number.MAX_SAFE_INTEGER);
    expect(await problems()).toEqual([]);
    expect(audit.headState()).toBe('ok');
    expect(audit.list({ limit: 2 }).map(({ seq, object }) => [seq, object])).toEqual([
      [1203, 'k1203'],
      [1202, 'k1202'],
    ]);
  });

  it.each([
    ['UPDATE audit SET act = 1'],
    ['DELETE FROM audit WHERE seq = 2'],
    [
      "REPLACE INTO audit SELECT seq, time_ms, actor, via, ip, client, 'other', object, outcome, code, details, hash FROM audit",
    ],
    ['DELETE FROM audit_head'],
    ['UPDATE audit_head SET seq = 1'],
    [
      'INSERT INTO audit_checkpoints VALUES (2, zeroblob(32), 2, 0, zeroblob(32)); UPDATE audit_checkpoints SET rows = 1',
    ],
  ])('refuses %s', (sql) => {
    fill(3);
    expect(() => store.db.exec(sql)).toThrow(/append-only/);
  });

  it.each([
    ['a changed row', "UPDATE audit SET object = 'other' WHERE seq = 3", [['row-changed', 3]]],
    ['a changed details field', 'UPDATE audit SET details = \'{"a":1}\' WHERE seq = 1', [['row-changed', 1]]],
    ['rows taken out', 'DELETE FROM audit WHERE seq IN (2, 3)', [['rows-missing', 2]]],
    ['the newest rows taken off', 'DELETE FROM audit WHERE seq > 3', [['end-missing', 4]]],
    [
      'the newest rows taken off and the end moved',
      'DELETE FROM audit WHERE seq > 3; UPDATE audit_head SET seq = 3, hash = (SELECT hash FROM audit WHERE seq = 3)',
      [['end-unsigned', 3]],
    ],
    ['everything taken out', 'DELETE FROM audit', [['end-missing', 1]]],
    [
      'a purge by somebody else',
      'INSERT INTO audit_checkpoints SELECT seq, hash, 2, 0, zeroblob(32) FROM audit WHERE seq = 2; DELETE FROM audit WHERE seq <= 2',
      [['checkpoint-unsigned', 2]],
    ],
  ])('notices %s', async (_name, sql, expected) => {
    fill(5);
    tamper(sql);
    expect(await problems()).toEqual(expected);
  });

  it('notices a changed row whose chain was computed anew, and lost guards', async () => {
    fill(4);
    tamper("UPDATE audit SET object = 'other' WHERE seq = 2");
    rechain(2);
    expect(await problems()).toEqual([['end-unsigned', 4]]);
    expect(await problems(undefined, null)).toEqual([]);
    store.db.exec('DROP TRIGGER audit_never_changes');
    expect(await problems(undefined, null)).toEqual([['guards-missing', null]]);
  });

  it('is held to a row of an earlier report', async () => {
    fill(3);
    const { head } = await verifyAudit(store, { secret: testSecret, nowMs: 0 });
    fill(2);
    expect(await problems(`${head.seq}:${head.hash}`)).toEqual([]);
    expect(await problems(`2:${head.hash}`)).toEqual([['not-as-expected', 2]]);
    expect(await problems(`99:${head.hash}`)).toEqual([['not-as-expected', 99]]);
  });

  it('tells for ever that a start found its end cut off or signed by another', async () => {
    fill(3);
    tamper('DELETE FROM audit WHERE seq = 3');
    expect(audit.headState()).toBe('cut');
    const details = { auditEnd: audit.headState() };
    audit.append({ actor: 'server', act: 'server.start', outcome: 'done', details });
    expect(await problems()).toEqual([
      ['rows-missing', 3],
      ['noticed-before', 4],
    ]);
    expect(openAudit('another secret').headState()).toBe('unsigned');
  });

  it('goes on after a purge from a signed checkpoint, and says what it deleted', async () => {
    fill(3);
    time.nowMs += 100 * dayMs;
    fill(2);
    expect(audit.purge(time.nowMs - 50 * dayMs)).toBe(3);
    expect(audit.purge(time.nowMs - 50 * dayMs)).toBe(0);
    const result = await verifyAudit(store, { secret: testSecret, nowMs: time.nowMs });
    expect(result).toMatchObject({ ok: true, rows: 3, purgedThrough: 3, head: { seq: 6 } });
    expect(audit.list({ limit: 9 })[0]).toMatchObject({
      act: 'audit.purge',
      details: { through: 3, rows: 3 },
    });
    fill(1);
    time.nowMs += 100 * dayMs;
    fill(1);
    audit.purge(time.nowMs - 50 * dayMs);
    expect(await problems()).toEqual([]);
  });

  it('is purged by itself once its days are over, and never where they are set to 0', () => {
    const manual = createManualTime();
    fill(2);
    time.nowMs += 200 * dayMs;
    const stop = keepAuditPurged({
      store,
      audit,
      log: silent,
      clock: { nowMs: () => time.nowMs, monotonicMs: () => 0 },
      timers: manual.timers,
    });
    expect([auditKeepDays(store), audit.list({ limit: 9 }).length]).toEqual([0, 2]);
    setAuditKeepDays(store, 100);
    manual.advance(7 * 60 * 60_000);
    stop();
    expect(audit.list({ limit: 9 }).map(({ act }) => act)).toEqual(['audit.purge']);
  });

  it('filters by family, outcome, object and time, page by page', () => {
    fill(2);
    time.nowMs += 1000;
    audit.append({ actor: 'owner', act: 'keys', object: 'k', outcome: 'done' });
    audit.append({ actor: 'stranger', act: 'session.begin', outcome: 'refused', code: 'wrong_password' });
    const seqs = (query: Partial<Parameters<Audit['list']>[0]>): number[] =>
      audit.list({ limit: 10, ...query }).map(({ seq }) => seq);
    expect([
      seqs({ act: 'key' }),
      seqs({ outcome: 'refused' }),
      seqs({ object: 'k1' }),
      seqs({ since: new Date(time.nowMs).toISOString() }),
      seqs({ until: new Date(time.nowMs).toISOString(), before: 2 }),
    ]).toEqual([[2, 1], [4], [1], [4, 3], [1]]);
  });
});

it('comes with version 300, empty, and keeps the keys', () => {
  const db = new Database(':memory:');
  onTestFinished(() => void db.close());
  migrate(db, 299);
  db.exec(
    "INSERT INTO keys (id, name, hash, hint, role, created_ms) VALUES ('k', 'a', randomblob(32), 'h', 'inference', 1)",
  );
  migrate(db, 300);
  const count = (table: string): unknown => db.prepare(`SELECT count(*) FROM ${table}`).pluck().get();
  expect(['keys', 'audit', 'audit_head', 'audit_checkpoints'].map(count)).toEqual([1, 0, 1, 0]);
});

describe('what may be said', () => {
  it.each([
    ['sk-ink_abcdefghijklmnopqrstuvwxyz012345678901', 'sk-ink_…'],
    [`ink-admin_${'a'.repeat(43)}`, 'ink-admin_…'],
    ['hf_abcdefghijklmnop', 'hf_…'],
    ['https://user:pass@hub.example/a?token=abc', 'https://…@hub.example/a?…'],
    ['-----BEGIN PRIVATE KEY-----\nMIIE', '-----BEGIN …'],
    ['Anna’s laptop', 'Anna’s laptop'],
  ])('%s becomes %s', (text, said) => {
    expect(sayable(text)).toBe(said);
  });
});
