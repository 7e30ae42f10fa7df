import { chmodSync, existsSync, mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { AppError } from '../../../server/core/errors.ts';
import { createKey, findKey } from '../../../server/store/keys.ts';
import { closeStore, openStore } from '../../../server/store/open.ts';
import { getSetting, setSetting } from '../../../server/store/settings.ts';

let dir: string;
let path: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'inglenook-store-'));
  path = join(dir, 'data', 'inglenook.db');
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

function refusal(work: () => unknown): AppError {
  try {
    work();
  } catch (error) {
    if (error instanceof AppError) return error;
    throw error;
  }
  throw new Error('It was not refused.');
}

describe('openStore', () => {
  it('makes the folder and the file, readable by the owner only, with the pragmas that keep data safe', () => {
    const store = openStore(path);
    createKey(store, { name: 'a' }, 1);
    for (const file of [path, `${path}-wal`, `${path}-shm`]) {
      expect([file, statSync(file).mode & 0o777]).toEqual([file, 0o600]);
    }
    expect(statSync(join(dir, 'data')).mode & 0o777).toBe(0o700);
    const pragma = (name: string): unknown => store.db.pragma(name, { simple: true });
    expect(
      ['journal_mode', 'synchronous', 'foreign_keys', 'secure_delete', 'busy_timeout'].map(pragma),
    ).toEqual(['wal', 1, 1, 1, 5000]);
    closeStore(store);
    closeStore(store);
    expect(existsSync(`${path}-wal`)).toBe(false);
  });

  it('finds what was saved when it is opened again, and closes a file that was open to others', () => {
    const first = openStore(path);
    createKey(first, { name: 'a' }, 1);
    closeStore(first);
    chmodSync(path, 0o644);
    const second = openStore(path);
    expect(findKey(second, 'a')?.name).toBe('a');
    expect(statSync(path).mode & 0o777).toBe(0o600);
    closeStore(second);
  });

  it('keeps committed rows when the process dies without closing', () => {
    const first = openStore(path);
    setSetting(first, 'x', { a: [1, null, 'ü'] });
    const second = openStore(path);
    expect(getSetting(second, 'x')).toEqual({ a: [1, null, 'ü'] });
    expect(getSetting(second, 'y')).toBeUndefined();
    closeStore(second);
    closeStore(first);
  });

  it('refuses a database of a newer program, naming what to do', () => {
    const store = openStore(path);
    store.db.pragma('user_version = 9990');
    closeStore(store);
    expect(refusal(() => openStore(path))).toMatchObject({
      code: 'store_too_new',
      message: expect.stringContaining('Install the newer Inglenook'),
    });
  });

  it.each([
    [
      'a file that is no database',
      () => writeFileSync(path, 'This is a text and long enough to be looked at.'.repeat(50)),
      'damaged',
    ],
    ['a folder in its place', () => mkdirSync(path), 'cannot be written'],
    [
      'a file where the folder should be',
      () => {
        rmSync(join(dir, 'data'), { recursive: true });
        writeFileSync(join(dir, 'data'), '');
      },
      'cannot be written',
    ],
  ])('has a sentence for %s', (_what, prepare, words) => {
    mkdirSync(join(dir, 'data'));
    prepare();
    const error = refusal(() => openStore(path));
    expect([error.code, error.message]).toEqual(['store_unavailable', expect.stringContaining(words)]);
    expect(error.message).toContain(path);
  });

  it('has a sentence for a folder that may not be written', () => {
    mkdirSync(join(dir, 'data'), { mode: 0o500 });
    const error = withoutRootsRights(dir, () => refusal(() => openStore(path)));
    expect(error.message).toContain('cannot be written');
  });

  it('has a sentence for a full disk, and what was saved before is still there', () => {
    const store = openStore(path);
    createKey(store, { name: 'a' }, 1);
    // SQLite answers the same SQLITE_FULL when its own limit is reached as when the disk's is.
    const pages = Number(store.db.pragma('page_count', { simple: true }));
    store.db.pragma(`max_page_count = ${pages}`);
    const error = refusal(() => {
      for (let index = 0; index < 1000; index++) setSetting(store, `s${index}`, 'x'.repeat(1000));
    });
    expect([error.status, error.retryable]).toEqual([503, true]);
    expect(error.message).toContain('The disk is full');
    expect(findKey(store, 'a')?.name).toBe('a');
    store.db.pragma('max_page_count = 1000000');
    setSetting(store, 'again', true);
    expect(getSetting(store, 'again')).toBe(true);
    closeStore(store);
  });
});

/** Root may write everywhere, so its process is nobody's for as long as that takes. */
function withoutRootsRights<Result>(folder: string, work: () => Result): Result {
  if (process.geteuid?.() !== 0) return work();
  chmodSync(folder, 0o755);
  process.seteuid?.(65_534);
  try {
    return work();
  } finally {
    process.seteuid?.(0);
  }
}
