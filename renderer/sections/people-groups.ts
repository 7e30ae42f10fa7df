import type { KeyRecord } from '../../server/wire/admin.ts';
import type { DeviceOrder } from '../people-list.ts';

export type PersonGroup = { readonly person: string | null; readonly keys: readonly KeyRecord[] };

/**
 * By person: in the language's order, what belongs to nobody last, and within a person as given; sorted by anything else,
 * people come in the order of their first device.
 */
export function groupByPerson(
  keys: readonly KeyRecord[],
  { language, order }: { readonly language: string; readonly order: DeviceOrder },
): PersonGroup[] {
  const groups = [...Map.groupBy(keys, ({ person }) => person)].map(([person, own]) => ({
    person,
    keys: own,
  }));
  if (order !== 'person') return groups;
  const { compare } = new Intl.Collator(language, { sensitivity: 'base', numeric: true });
  return groups.sort((a, b) => {
    if (a.person === null || b.person === null) return Number(a.person === null) - Number(b.person === null);
    return compare(a.person, b.person);
  });
}
