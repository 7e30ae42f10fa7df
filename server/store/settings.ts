import { statement, write } from './open.ts';
import type { Store } from './open.ts';

/** As JSON; read once and kept, since every request asks. Only this file writes the table, and it forgets what it kept. */
const kept = new WeakMap<Store, Map<string, string | undefined>>();

function read(store: Store, name: string): string | undefined {
  const known = kept.get(store) ?? new Map<string, string | undefined>();
  kept.set(store, known);
  if (known.has(name)) return known.get(name);
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

/** Reads one setting; what it was parsed to is kept until it changes. */
export function settingReader<Value>(
  name: string,
  parse: (value: unknown) => Value,
): (store: Store) => Value {
  const known = new WeakMap<Store, { readonly json: string | undefined; readonly value: Value }>();
  return (store) => {
    const json = read(store, name);
    const before = known.get(store);
    if (before !== undefined && before.json === json) return before.value;
    const value = parse(getSetting(store, name));
    known.set(store, { json, value });
    return value;
  };
}

/** Keeps anything JSON can hold. */
export function setSetting(store: Store, name: string, value: unknown): void {
  write(store, () => {
    kept.get(store)?.delete(name);
    statement(
      store,
      'INSERT INTO settings (name, value) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value',
    ).run(name, JSON.stringify(value));
  });
}
