import { createHash } from 'node:crypto';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, utimesSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { createKey, findKey } from '../../../server/store/keys.ts';
import { listMigrations, schemaVersion, type Migration } from '../../../server/store/migrate.ts';
import { closeStore, openStore } from '../../../server/store/open.ts';
import { listSnapshots, pruneSnapshots } from '../../../server/store/snapshots.ts';

const present = listMigrations();
const newest = present.at(-1)?.version ?? 0;
const step = (count: number, sql: string): Migration => ({
  version: newest + 10 * count,
  name: `${newest + 10 * count}-later.sql`,
  sql,
});
const good = step(1, "ALTER TABLE keys ADD COLUMN shoe_size TEXT; UPDATE keys SET name = 'changed'");
const bad = step(2, 'CREATE TABLE half_way (x INT) STRICT; INSERT INTO nowhere VALUES (1)');

let dir: string;
let path: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'inglenook-migration-'));
  path = join(dir, 'inglenook.db');
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }));
  const store = openStore(path);
  createKey(store, { name: 'Anna' }, 1);
  closeStore(store);
});

const hashOf = (file: string): string => createHash('sha256').update(readFileSync(file)).digest('hex');

function refusal(work: () => unknown): { code?: string; message: string } {
  try {
    work();
  } catch (error) {
    return error as { code?: string; message: string };
  }
  throw new Error('It was not refused.');
}

describe('a migration that fails half-way', () => {
  it('leaves the file bit for bit, says which step it was, and the version before goes on', () => {
    const before = hashOf(path);
    const failure = refusal(() => openStore(path, [...present, good, bad]));
    expect(failure.code).toBe('migration_failed');
    expect(failure.message).toMatch(
      /later\.sql: .*nowhere.*exactly what it was.*go on with the Inglenook you had before/s,
    );
    expect(hashOf(path)).toBe(before);
    expect([existsSync(`${path}-wal`), existsSync(`${path}-shm`), existsSync(`${path}.put-back`)]).toEqual([
      false,
      false,
      false,
    ]);
    const old = openStore(path);
    expect([schemaVersion(old.db), findKey(old, 'Anna')?.name]).toEqual([newest, 'Anna']);
    createKey(old, { name: 'Later' }, 2);
    closeStore(old);
  });

  it('is put back from the copy also with what a crash had left in the write-ahead log', () => {
    const crashed = openStore(path);
    createKey(crashed, { name: 'In the log' }, 2);
    const log = readFileSync(`${path}-wal`);
    expect(log.length).toBeGreaterThan(0);
    const failure = refusal(() => openStore(path, [...present, bad]));
    expect(failure.code).toMatch(/migration_failed|store_unavailable/);
    closeStore(crashed);
    const old = openStore(path);
    expect(findKey(old, 'In the log')?.name).toBe('In the log');
    closeStore(old);
  });
});

describe('a snapshot', () => {
  it('is the file of before, for the owner alone, and is made only when there is something to do', () => {
    closeStore(openStore(path));
    expect(listSnapshots(dir)).toEqual([]);
    const before = hashOf(path);
    const store = openStore(path, [...present, good]);
    expect(findKey(store, 'changed')?.name).toBe('changed');
    closeStore(store);
    const [snapshot] = listSnapshots(dir);
    expect(hashOf(snapshot?.path ?? '')).toBe(before);
    expect(statSync(snapshot?.path ?? '').mode & 0o777).toBe(0o600);
    expect(statSync(join(dir, 'snapshots')).mode & 0o777).toBe(0o700);
    closeStore(openStore(path, [...present, good]));
    expect(listSnapshots(dir)).toHaveLength(1);
  });

  it('is deleted when there are more than three, or after two weeks', () => {
    for (let count = 1; count <= 5; count++) {
      const steps = Array.from({ length: count }, (_, index) =>
        step(index + 1, `CREATE TABLE t${index} (x INT) STRICT`),
      );
      closeStore(openStore(path, [...present, ...steps]));
    }
    expect(readdirSync(join(dir, 'snapshots'))).toHaveLength(3);
    const [oldest] = listSnapshots(dir);
    utimesSync(oldest?.path ?? '', new Date(0), new Date(0));
    pruneSnapshots(dir, Date.now());
    expect(listSnapshots(dir)).toHaveLength(2);
  });
});
