import type { LogRow } from '../../core/log-row.ts';
import type { FailureKind } from '../../wire/failures.ts';
import { statement, type Store } from '../open.ts';

/**
 * Texts that come again and again are kept once, and rows hold their numbers. What was looked up is remembered in
 * `store.known`, which forgets everything when a write fails: a number that was rolled back must not be used again.
 */

/** Beyond so many, new texts are kept in the rows themselves: whoever sends ever new texts gains nothing here. */
const mostTexts = 50_000;
const mostKnown = 20_000;
const longestShared = 500;

/** The number of the text, or the text itself where it is not one to share. Within a transaction that writes. */
export function encodeText(store: Store, text: string): number | string {
  return textNumber(store, text) ?? text;
}

export function encodeOptional(store: Store, text: string | null): number | string | null {
  return text === null ? null : encodeText(store, text);
}

/** The number of a text that always has one, for instance a model's name; 0 for none. */
export function requireText(store: Store, text: string | null): number {
  if (text === null) return 0;
  const number = textNumber(store, text);
  if (number !== null) return number;
  // The dictionary is full, or the text is long: it must have a number all the same.
  return remember(store, `text ${text}`, () => insertText(store, text));
}

function textNumber(store: Store, text: string): number | null {
  const number = findOrAddText(store, text);
  if (number !== null) store.sweep?.add(number);
  return number;
}

function findOrAddText(store: Store, text: string): number | null {
  const known = store.known.get(`text ${text}`);
  if (known !== undefined) return known;
  const found = statement(store, 'SELECT id FROM texts WHERE text = ?').pluck().get(text);
  if (found !== undefined) return remember(store, `text ${text}`, () => Number(found));
  if (text.length > longestShared || isFull(store)) return null;
  return remember(store, `text ${text}`, () => insertText(store, text));
}

function insertText(store: Store, text: string): number {
  return Number(statement(store, 'INSERT INTO texts (text) VALUES (?)').run(text).lastInsertRowid);
}

function isFull(store: Store): boolean {
  const count = statement(store, 'SELECT coalesce(max(id), 0) - coalesce(min(id), 0) FROM texts')
    .pluck()
    .get();
  return Number(count) >= mostTexts;
}

/** The number of who asked, as the key was at that time. */
export function askerNumber(store: Store, row: LogRow): number {
  const { keyId, key, person, team, device, labels } = row;
  const who = JSON.stringify([keyId, key, person, team, device, labels]);
  return remember(store, `asker ${who}`, () => {
    const found = statement(store, 'SELECT id FROM askers WHERE who = ?').pluck().get(who);
    if (found !== undefined) return Number(found);
    return Number(statement(store, 'INSERT INTO askers (who) VALUES (?)').run(who).lastInsertRowid);
  });
}

export type GroupParts = {
  readonly asker: number;
  readonly asked: number;
  readonly model: number;
  readonly engine: number;
  readonly leftOffice: number;
  readonly status: string;
  /** 1: answered from the response cache. */
  readonly cacheHit: 0 | 1;
  /** Why it was not answered; empty for an answer, and for what was summed up before kinds were told apart. */
  readonly failure: FailureKind | '';
};

/** The number of what the request is summed up by. */
export function groupNumber(store: Store, group: GroupParts): number {
  const { asker, asked, model, engine, leftOffice, status, cacheHit, failure } = group;
  const name = `group ${asker} ${asked} ${model} ${engine} ${leftOffice} ${status} ${cacheHit} ${failure}`;
  return remember(store, name, () => {
    const found = statement(
      store,
      `SELECT id FROM request_groups WHERE asker = @asker AND asked = @asked AND model = @model
         AND engine = @engine AND left_office = @leftOffice AND status = @status AND cache_hit = @cacheHit
         AND failure = @failure`,
    )
      .pluck()
      .get(group);
    if (found !== undefined) return Number(found);
    return Number(
      statement(
        store,
        `INSERT INTO request_groups (asker, asked, model, engine, left_office, status, cache_hit, failure)
         VALUES (@asker, @asked, @model, @engine, @leftOffice, @status, @cacheHit, @failure)`,
      ).run(group).lastInsertRowid,
    );
  });
}

/** The number of a name that has led to a model before; 0 for any other. */
export function nameInUse(store: Store, name: string | null): number {
  const number = name === null ? null : (store.known.get(`text ${name}`) ?? findText(store, name));
  if (number === null || store.known.has(`name ${number}`)) return number ?? 0;
  const used = statement(
    store,
    'SELECT 1 FROM request_groups WHERE asked = @number OR model = @number LIMIT 1',
  ).get({ number });
  if (used === undefined) return 0;
  return remember(store, `name ${number}`, () => number);
}

/** What else a request of this group is summed up by, whoever asked: how it ended, and that with its model. */
export function sumGroups(
  store: Store,
  group: number,
): { readonly statusGroup: number; readonly modelGroup: number } {
  const parts = (): GroupParts =>
    statement(
      store,
      `SELECT 0 AS asker, 0 AS asked, model, engine, left_office AS leftOffice, status, cache_hit AS cacheHit,
         failure
       FROM request_groups WHERE id = ?`,
    ).get(group) as GroupParts;
  return {
    statusGroup: remember(store, `status of ${group}`, () =>
      groupNumber(store, { ...parts(), model: 0, engine: 0 }),
    ),
    modelGroup: remember(store, `model of ${group}`, () => groupNumber(store, parts())),
  };
}

function remember(store: Store, name: string, find: () => number): number {
  const known = store.known.get(name);
  if (known !== undefined) return known;
  const number = find();
  if (store.known.size >= mostKnown) store.known.clear();
  store.known.set(name, number);
  return number;
}

// --- reading -----------------------------------------------------------------------------------------------

/** The text that a column of a row means. */
export function decodeText(store: Store, value: number | string): string {
  if (typeof value === 'string') return value;
  const known = store.texts.get(value);
  if (known !== undefined) return known;
  const text = statement(store, 'SELECT text FROM texts WHERE id = ?').pluck().get(value);
  const found = typeof text === 'string' ? text : '';
  if (store.texts.size >= mostKnown) store.texts.clear();
  store.texts.set(value, found);
  return found;
}

export function decodeOptional(store: Store, value: number | string | null): string | null {
  return value === null || value === 0 ? null : decodeText(store, value);
}

/** The number of a text that is in the dictionary, or null. Reads only. */
export function findText(store: Store, text: string): number | null {
  const found = statement(store, 'SELECT id FROM texts WHERE text = ?').pluck().get(text);
  return found === undefined ? null : Number(found);
}
