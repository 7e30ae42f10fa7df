import { statement, write } from './open.ts';
import type { Store } from './open.ts';

/** The stored value, or undefined. The caller parses it: a newer or older program may have written it. */
export function getSetting(store: Store, name: string): unknown {
  const row = statement(store, 'SELECT value FROM settings WHERE name = ?').get(name);
  return row === undefined ? undefined : (JSON.parse((row as { value: string }).value) as unknown);
}

/** Keeps anything JSON can hold. */
export function setSetting(store: Store, name: string, value: unknown): void {
  write(store, () =>
    statement(
      store,
      'INSERT INTO settings (name, value) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value',
    ).run(name, JSON.stringify(value)),
  );
}
