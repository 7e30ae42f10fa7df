import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { hashKey } from '../../../server/core/key-format.ts';
import { keyRecord } from '../../../server/wire/admin.ts';
import {
  createKey,
  findKey,
  findKeyByHash,
  keyStatus,
  listKeys,
  revokeKey,
  touchKey,
  updateKey,
} from '../../../server/store/keys.ts';
import { closeStore, openStore, type Store } from '../../../server/store/open.ts';

let store: Store;
beforeEach(() => {
  store = openStore(':memory:');
});
afterEach(() => closeStore(store));

const nowMs = Date.parse('2026-11-22T12:00:00Z');

describe('keys', () => {
  it('are stored as their SHA-256 only, and found by it', () => {
    const { record, key } = createKey(store, { name: 'a', models: ['m'], person: 'P' }, nowMs);
    expect(keyRecord.parse(record)).toEqual(record);
    expect(findKeyByHash(store, hashKey(key))).toMatchObject({ id: record.id, models: ['m'], person: 'P' });
    expect(findKeyByHash(store, hashKey(`${key}x`))).toBeNull();
    const row = store.db.prepare('SELECT * FROM keys').get() as Record<string, unknown>;
    expect(Object.values(row).join(' ')).not.toContain(key.slice(7, 41));
  });

  it('go by their name while it is theirs, then by id; a revoked key gives its name free', () => {
    const first = createKey(store, { name: 'a' }, nowMs).record;
    expect(() => createKey(store, { name: 'a' }, nowMs)).toThrow('“a” exists already');
    revokeKey(store, first.id, nowMs);
    expect(findKey(store, 'a')?.id).toBe(first.id);
    const second = createKey(store, { name: 'a' }, nowMs).record;
    expect(findKey(store, 'a')?.id).toBe(second.id);
    expect(findKey(store, first.id)?.id).toBe(first.id);
    revokeKey(store, second.id, nowMs + 5);
    expect(findKey(store, 'a')?.id).toBe(second.id);
    expect(() => createKey(store, { name: first.id }, nowMs)).toThrow('exists already');
    expect(findKey(store, 'A')).toBeNull();
  });

  it('run out to the millisecond and stay ended once revoked', () => {
    const { record } = createKey(
      store,
      { name: 'a', expiresAt: new Date(nowMs + 1000).toISOString() },
      nowMs,
    );
    const statusAt = (ms: number): string | undefined => listKeys(store, ms)[0]?.status;
    expect([statusAt(nowMs + 999), statusAt(nowMs + 1000)]).toEqual(['active', 'expired']);
    revokeKey(store, record.id, nowMs + 2000);
    expect(revokeKey(store, record.id, nowMs + 9000).revokedAt).toBe('2026-11-22T12:00:02.000Z');
    expect(statusAt(nowMs)).toBe('revoked');
    expect(keyStatus({ expiresMs: null, revokedMs: null, pausedMs: null }, nowMs)).toBe('active');
    expect(keyStatus({ expiresMs: null, revokedMs: null, pausedMs: 1 }, nowMs)).toBe('paused');
    expect(keyStatus({ expiresMs: 1, revokedMs: null, pausedMs: 1 }, nowMs)).toBe('expired');
  });

  it('keep what a change leaves out', () => {
    const { record } = createKey(store, { name: 'a', person: 'P', team: 'T', models: ['m'] }, nowMs);
    expect(updateKey(store, record.id, { person: null, models: [] }, nowMs)).toEqual({
      ...record,
      person: null,
      models: [],
    });
    createKey(store, { name: 'b' }, nowMs);
    expect(() => updateKey(store, record.id, { name: 'b' }, nowMs)).toThrow('“b” exists already');
    expect(updateKey(store, record.id, { name: 'a' }, nowMs).name).toBe('a');
    expect(() => updateKey(store, 'key_none', { name: 'c' }, nowMs)).toThrow('no such key');
  });

  it('remember their latest use, whatever the order the news comes in', () => {
    const { record } = createKey(store, { name: 'a' }, nowMs);
    const use = { host: '127.0.0.1:11500', client: null, plain: true };
    touchKey(store, record.id, { ...use, atMs: nowMs + 10, ip: '10.0.0.2' });
    touchKey(store, record.id, { ...use, atMs: nowMs + 5, ip: '10.0.0.1' });
    touchKey(store, 'key_none', { ...use, atMs: nowMs, ip: '10.0.0.3' });
    expect(findKey(store, 'a')).toMatchObject({ lastUsedMs: nowMs + 10, lastIp: '10.0.0.2' });
  });

  it('are looked up with bound values only', () => {
    createKey(store, { name: 'a' }, nowMs);
    for (const text of ["' OR 1=1--", "a'; DROP TABLE keys;--", '%', ''])
      expect(findKey(store, text)).toBeNull();
    expect(listKeys(store, nowMs)).toHaveLength(1);
  });
});
