import Database from 'better-sqlite3';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { ModelDescription } from '../../../server/core/model.ts';
import { aliasModel, noSettings, servingModel } from '../../../server/core/alias.ts';
import { findAlias, getAlias, listAliases, removeAlias, setAlias } from '../../../server/store/aliases.ts';
import { migrate } from '../../../server/store/migrate.ts';
import { closeStore, openStore, type Store } from '../../../server/store/open.ts';
import { createFakeEngine } from '../../fakes/fake-engine.ts';

let store: Store;
beforeEach(() => {
  store = openStore(':memory:');
});
afterEach(() => closeStore(store));

const plain = { shares: [], settings: noSettings };
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

test('130 → 140 keeps the names, without shares and settings, and gives room for unknown ones', () => {
  const db = new Database(':memory:');
  migrate(db, 139);
  db.prepare(
    `INSERT INTO aliases (name, model, fallback, built_in) VALUES ('a*b', 'big', '["small"]', 0)`,
  ).run();
  migrate(db, 140);
  expect(db.prepare(`SELECT * FROM aliases WHERE name = 'a*b'`).all()).toEqual([
    { name: 'a*b', model: 'big', fallback: '["small"]', built_in: 0, shares: '[]', settings: '{}' },
  ]);
  expect(db.prepare('SELECT COUNT(*) FROM unknown_names').pluck().get()).toBe(0);
  db.close();
});

test('140 → 150: no request of before has left the office', () => {
  const db = new Database(':memory:');
  migrate(db, 149);
  db.prepare(
    `INSERT INTO requests (id, time_ms, route, status, http_status, prompt_tokens, cached_tokens, completion_tokens,
       queue_ms, load_ms, total_ms, tried, ip)
     VALUES ('req_1', 1, '/v1/chat/completions', 'ok', 200, 1, 0, 1, 0, 0, 1, '[]', '::1')`,
  ).run();
  migrate(db, 150);
  expect(db.prepare('SELECT id, left_office FROM requests').all()).toEqual([
    { id: 'req_1', left_office: null },
  ]);
  db.close();
});

describe('from the start', () => {
  test('the four names stand for the starter model, whatever its id', () => {
    const office = getAlias(store, 'office');
    expect(office).toEqual({ name: 'office', model: null, fallback: [], builtIn: true, ...plain });
    if (office === null) return;
    const present = models({ id: 'big' }, { id: 'tiny-2', source: 'starter' });
    expect(aliasModel(office, present)).toBe('tiny-2');
    expect(servingModel('office', present, (name) => getAlias(store, name))?.id).toBe('tiny-2');
    expect(aliasModel(office, [])).toBe('smollm2-135m-instruct');
  });

  test('they can be pointed elsewhere, but not removed', () => {
    expect(set('office', 'big')).toEqual({
      name: 'office',
      model: 'big',
      fallback: [],
      builtIn: true,
      ...plain,
    });
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
      ...plain,
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
  ])('may not point to %s, and nothing is saved', (_name, attempt) => {
    expect(attempt).toThrow(expect.objectContaining({ status: 400, param: 'model' }));
    expect(getAlias(store, 'a')).toBeNull();
  });

  test('attack 30: may point to another one, but not in a circle, and then nothing is saved', () => {
    set('a', 'b');
    set('b', 'office', ['c']);
    expect(() => set('c', 'a')).toThrow(/“c” would lead back to itself \(c → a → b → c\)/);
    expect(() => set('office', 'small', ['a'])).toThrow(expect.objectContaining({ status: 400 }));
    expect(getAlias(store, 'c')).toBeNull();
    expect(getAlias(store, 'office')?.model).toBeNull();
  });

  test('keeps its settings and shares while its model stays, and only its settings when it goes elsewhere', () => {
    const shares = [
      { model: 'big', weight: 3 },
      { model: 'small', weight: 1 },
    ];
    setAlias(store, { name: 'a', model: 'big', shares, settings: { temperature: 0 } }, []);
    expect(setAlias(store, { name: 'a', model: 'big', settings: { maxTokens: 99 } }, [])).toMatchObject({
      shares,
      settings: { ...noSettings, temperature: 0, maxTokens: 99 },
    });
    expect(getAlias(store, 'a')).toMatchObject({ shares, settings: { temperature: 0, maxTokens: 99 } });
    expect(set('a', 'small')).toMatchObject({ shares: [], settings: { temperature: 0 } });
  });

  test.each([
    [
      'a model twice',
      [
        { model: 'big', weight: 1 },
        { model: 'big', weight: 2 },
      ],
    ],
    ['not its own model', [{ model: 'small', weight: 1 }]],
  ])('may not share its work with %s', (_name, shares) => {
    expect(() => setAlias(store, { name: 'a', model: 'big', shares }, [])).toThrow(
      expect.objectContaining({ status: 400, param: 'shares' }),
    );
  });
});

describe('a pattern', () => {
  test('stands for every name that fits, after exact names; the one that says most goes first', () => {
    set('gpt-*', 'big');
    set('gpt-4*', 'small');
    set('gpt-4o', 'other');
    set('*', 'office');
    const leads = (name: string) => findAlias(store, name)?.model;
    expect(['gpt-3', 'gpt-4.1', 'gpt-4o', 'claude', 'office'].map(leads)).toEqual([
      'big',
      'small',
      'other',
      'office',
      null,
    ]);
    removeAlias(store, '*');
    expect(findAlias(store, 'claude')).toBeNull();
  });

  test.each([
    ['two stars', () => set('a*b*', 'big')],
    ['a star in the target of a plain name', () => set('a', 'b*')],
    ['a target that it fits itself', () => set('gpt-*', 'gpt-later')],
    ['a target that never gets shorter', () => set('x*', 'xx*')],
  ])('is refused with %s', (_name, attempt) => {
    expect(attempt).toThrow(expect.objectContaining({ status: 400 }));
    expect(listAliases(store)).toHaveLength(4);
  });

  test('may lead to a model that it fits itself, and may shorten names', () => {
    expect(setAlias(store, { name: 'gpt-*', model: 'gpt-oss' }, ['gpt-oss']).model).toBe('gpt-oss');
    expect(set('openai/*', '*').model).toBe('*');
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
