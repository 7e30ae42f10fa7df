import { afterEach, beforeEach, expect, it } from 'vitest';
import { addModelFile, listModelFiles, removeModelFile } from '../../../server/store/model-files.ts';
import { closeStore, openStore, type Store } from '../../../server/store/open.ts';
import {
  deleteStaleSessions,
  findSession,
  insertSession,
  ownerPasswordHash,
  replacePassword,
  setFirstPassword,
  touchSession,
} from '../../../server/store/owner.ts';
import { getSetting, setSetting } from '../../../server/store/settings.ts';

let store: Store;
beforeEach(() => {
  store = openStore(':memory:');
});
afterEach(() => closeStore(store));

const session = (fill: number, createdMs: number, lastUsedMs = createdMs) => ({
  hash: Buffer.alloc(32, fill),
  createdMs,
  lastUsedMs,
  ip: '127.0.0.1',
  client: null,
});

it('the first password is set once; a later one ends every session', () => {
  expect(ownerPasswordHash(store)).toBeNull();
  expect([setFirstPassword(store, 'one', 1), setFirstPassword(store, 'two', 2)]).toEqual([true, false]);
  expect(ownerPasswordHash(store)).toBe('one');
  insertSession(store, session(1, 5));
  replacePassword(store, 'three', 3);
  expect([ownerPasswordHash(store), findSession(store, Buffer.alloc(32, 1))]).toEqual(['three', null]);
});

it('stale sessions are removed by age and by idleness, others stay with their latest use', () => {
  insertSession(store, session(1, 10, 100));
  insertSession(store, session(2, 50, 60));
  insertSession(store, session(3, 50, 100));
  touchSession(store, Buffer.alloc(32, 3), 90);
  deleteStaleSessions(store, { begunBeforeMs: 10, unusedSinceMs: 60 });
  expect([1, 2, 3].map((fill) => findSession(store, Buffer.alloc(32, fill))?.lastUsedMs)).toEqual([
    undefined,
    undefined,
    100,
  ]);
});

it('model files are remembered once, in the order they were added, until they are forgotten', () => {
  expect([addModelFile(store, '/b', 1), addModelFile(store, '/a', 2), addModelFile(store, '/b', 3)]).toEqual([
    true,
    true,
    false,
  ]);
  expect(listModelFiles(store)).toEqual([
    { path: '/b', name: null, addedMs: 1 },
    { path: '/a', name: null, addedMs: 2 },
  ]);
  expect([removeModelFile(store, '/b'), removeModelFile(store, '/b')]).toEqual([true, false]);
});

it('a setting is what was set last', () => {
  setSetting(store, 'lan', { on: true });
  setSetting(store, 'lan', null);
  expect([getSetting(store, 'lan'), getSetting(store, 'other')]).toEqual([null, undefined]);
});
