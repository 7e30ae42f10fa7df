import { matchOf } from '../core/name-pattern.ts';
import { statement, write, type Store } from './open.ts';

/** A name that was asked for and that nobody has defined. */
export type UnknownName = {
  readonly name: string;
  readonly requests: number;
  readonly firstMs: number;
  readonly lastMs: number;
  /** Whose key asked last; null where that key is gone. */
  readonly keyName: string | null;
};

/** So many are kept; a program that makes names up must not fill the disk. The one unused for longest goes first. */
const mostNames = 200;
const longestName = 200;

/** Counts a request for it. Longer names are no names and are not kept. */
export function noteUnknownName(
  store: Store,
  name: string,
  by: { keyId: string | null; nowMs: number },
): void {
  if (name.length > longestName || name.trim() === '') return;
  write(store, () => {
    statement(
      store,
      `INSERT INTO unknown_names (name, requests, first_ms, last_ms, last_key_id)
       VALUES (@name, 1, @nowMs, @nowMs, @keyId)
       ON CONFLICT (name) DO UPDATE SET
         requests = requests + 1, last_ms = excluded.last_ms, last_key_id = excluded.last_key_id`,
    ).run({ name, ...by });
    statement(
      store,
      `DELETE FROM unknown_names WHERE name IN
         (SELECT name FROM unknown_names ORDER BY last_ms DESC, name LIMIT -1 OFFSET ?)`,
    ).run(mostNames);
  });
}

/** The one asked for most often first. */
export function listUnknownNames(store: Store): UnknownName[] {
  return statement(
    store,
    `SELECT unknown.name, requests, first_ms AS firstMs, last_ms AS lastMs, keys.name AS keyName
     FROM unknown_names AS unknown LEFT JOIN keys ON keys.id = unknown.last_key_id
     ORDER BY requests DESC, last_ms DESC, unknown.name`,
  ).all() as UnknownName[];
}

/** Forgets a name, or all that a pattern fits, for instance because they lead somewhere now. Gives how many. */
export function forgetUnknownNames(store: Store, pattern: string): number {
  return write(store, () => {
    const names = listUnknownNames(store).filter(({ name }) => matchOf(pattern, name) !== null);
    for (const { name } of names) statement(store, 'DELETE FROM unknown_names WHERE name = ?').run(name);
    return names.length;
  });
}
