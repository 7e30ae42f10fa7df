import Database from 'better-sqlite3';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { ModelDescription } from '../../../server/core/model.ts';
import { aliasModel, servingModel } from '../../../server/core/alias.ts';
import { getAlias, listAliases, removeAlias, setAlias } from '../../../server/store/aliases.ts';
import { migrate } from '../../../server/store/migrate.ts';
import { closeStore, openStore, type Store } from '../../../server/store/open.ts';
import { createFakeEngine } from '../../fakes/fake-engine.ts';

let store: Store;
beforeEach(() => {
  store = openStore(':memory:');
});
afterEach(() => closeStore(store));

const set = (name: string, model: string, fallback?: string[]) =>
  setAlias(store, { name, model, fallback }, ['big', 'small']);
const models = (...changes: Partial<ModelDescription>[]): ModelDescription[] =>
  changes.map((change) => ({
    ...(createFakeEngine().models()[0] as ModelDescription),
    source: 'added',
    ...change,
  }));

test('50 → 60 adds the four names and keeps what there was', () => {
  const db = new Database(':memory:');
  migrate(db, 59);
  db.prepare(`INSERT INTO settings (name, value) VALUES ('a', '1')`).run();
  migrate(db, 60);
  expect(db.prepare('SELECT name, model, fallback, built_in FROM aliases').raw().all()).toEqual([
    ['office', null, '[]', 1],
    ['office-autocomplete', null, '[]', 1],
    ['office-code', null, '[]', 1],
    ['office-embed', null, '[]', 1],
  ]);
  expect(db.prepare('SELECT value FROM settings').pluck().all()).toEqual(['1']);
  db.close();
});

describe('from the start', () => {
  test('the four names stand for the starter model, whatever its id', () => {
    const office = getAlias(store, 'office');
    expect(office).toEqual({ name: 'office', model: null, fallback: [], builtIn: true });
    if (office === null) return;
    const present = models({ id: 'big' }, { id: 'tiny-2', source: 'starter' });
    expect(aliasModel(office, present)).toBe('tiny-2');
    expect(servingModel('office', present, (name) => getAlias(store, name))?.id).toBe('tiny-2');
    expect(aliasModel(office, [])).toBe('smollm2-135m-instruct');
  });

  test('they can be pointed elsewhere, but not removed', () => {
    expect(set('office', 'big')).toEqual({ name: 'office', model: 'big', fallback: [], builtIn: true });
    expect(() => removeAlias(store, 'office')).toThrow(
      expect.objectContaining({ status: 409, code: 'alias_not_removable' }),
    );
    expect(listAliases(store).map(({ name }) => name)).toEqual([
      'office',
      'office-autocomplete',
      'office-code',
      'office-embed',
    ]);
  });
});

describe('an alias', () => {
  test('is made, moved with its fallbacks kept, and removed', () => {
    expect(set(' gpt-4o-mini ', ' big ', ['small', 'later', 'small', 'big'])).toEqual({
      name: 'gpt-4o-mini',
      model: 'big',
      fallback: ['small', 'later'],
      builtIn: false,
    });
    expect(set('gpt-4o-mini', 'small').fallback).toEqual(['later']);
    expect(set('gpt-4o-mini', 'small', []).fallback).toEqual([]);
    removeAlias(store, 'gpt-4o-mini');
    expect(getAlias(store, 'gpt-4o-mini')).toBeNull();
    expect(() => removeAlias(store, 'gpt-4o-mini')).toThrow(expect.objectContaining({ status: 404 }));
  });

  test.each([
    'Büro',
    '😀 chat',
    'vendor/model:7b',
    'a"b\'c$(d)',
    '100 %',
    'x'.repeat(200),
    "'; DROP TABLE aliases;--",
  ])('may be named %s', (name) => {
    set(name, 'big');
    expect(getAlias(store, name)?.model).toBe('big');
  });

  test.each(['', '  ', 'a\nb', 'a\u0000b', 'a\u2028b', '\u202ebig', 'x'.repeat(201), '\ud800', '.', '..'])(
    'may not be named %j',
    (name) => {
      expect(() => set(name, 'big')).toThrow(expect.objectContaining({ status: 400, param: 'name' }));
    },
  );

  test('may not bear the id of a model', () => {
    expect(() => set('big', 'small')).toThrow(expect.objectContaining({ status: 409, code: 'name_taken' }));
  });

  test.each([
    ['itself', () => set('a', 'a')],
    ['itself as a fallback', () => set('a', 'big', ['a'])],
    ['another alias', () => set('a', 'office')],
    ['another alias as a fallback', () => set('a', 'big', ['office-code'])],
  ])('may not point to %s, and nothing is saved', (_name, attempt) => {
    expect(attempt).toThrow(expect.objectContaining({ status: 400, param: 'model' }));
    expect(getAlias(store, 'a')).toBeNull();
  });

  test('may not take the name another one points to', () => {
    set('a', 'later');
    expect(() => set('later', 'a')).toThrow(/“a” points to a model named “later”/);
  });
});

test('the first model that is there and usable serves', () => {
  set('a', 'broken', ['missing', 'small']);
  const present = models({ id: 'broken', state: 'failed' }, { id: 'small' });
  const find = (name: string) => getAlias(store, name);
  expect(servingModel('a', present, find)?.id).toBe('small');
  expect(servingModel('a', [], find)).toBeNull();
  expect(servingModel('small', present, find)?.id).toBe('small');
});
