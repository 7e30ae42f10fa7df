import type { SettingRecord } from '../server/wire/settings.ts';
import { useSettings } from './queries.ts';

type Value = SettingRecord['value'];

/** Values by their dotted names; undefined while they are not known. */
export function useSettingValues(): ((name: string) => Value) | undefined {
  const settings = useSettings().data;
  if (settings === undefined) return undefined;
  const values = new Map(settings.map(({ name, value }) => [name, value]));
  return (name) => values.get(name) ?? null;
}
