import { statement, write } from './open.ts';
import type { Store } from './open.ts';

/** As JSON; read once and kept, since every request asks. Only this file writes the table, and it forgets what it kept. */
const kept = new WeakMap<Store, Map<string, string | undefined>>();

/** Goes up with each setting that is written, in whichever store. */
let changes = 0;

function read(store: Store, name: string): string | undefined {
  const known = kept.get(store) ?? new Map<string, string | undefined>();
  if (known.has(name)) return known.get(name);
  kept.set(store, known);
  const row = statement(store, 'SELECT value FROM settings WHERE name = ?').get(name);
  const json = row === undefined ? undefined : (row as { value: string }).value;
  // What a transaction under way has written may yet be rolled back.
  if (!store.db.inTransaction) known.set(name, json);
  return json;
}

/** The stored value, or undefined. The caller parses it: a newer or older program may have written it. */
export function getSetting(store: Store, name: string): unknown {
  const json = read(store, name);
  return json === undefined ? undefined : (JSON.parse(json) as unknown);
}

/**
 * Reads one setting; what it was parsed to is kept until it changes. Each request asks for ten of them, nearly always in
 * the store of the time before and with nothing written since, which is seen at once.
 */
export function settingReader<Value>(
  name: string,
  parse: (value: unknown) => Value,
): (store: Store) => Value {
  const known = new WeakMap<Store, { readonly json: string | undefined; readonly value: Value }>();
  let last: { readonly store: Store; readonly changes: number; readonly value: Value } | null = null;
  function parsed(store: Store): Value {
    const json = read(store, name);
    const before = known.get(store);
    if (before !== undefined && before.json === json) return before.value;
    const value = parse(getSetting(store, name));
    known.set(store, { json, value });
    return value;
  }
  return (store) => {
    if (last !== null && last.store === store && last.changes === changes) return last.value;
    const value = parsed(store);
    // What a transaction under way has written may yet be rolled back.
    last = store.db.inTransaction ? null : { store, changes, value };
    return value;
  };
}

/** Keeps anything JSON can hold. */
export function setSetting(store: Store, name: string, value: unknown): void {
  write(store, () => {
    kept.get(store)?.delete(name);
    changes += 1;
    statement(
      store,
      'INSERT INTO settings (name, value) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value',
    ).run(name, JSON.stringify(value));
  });
}
