import type { KeyRecord } from '../../server/wire/admin.ts';

export type PersonGroup = { readonly person: string | null; readonly keys: readonly KeyRecord[] };

/** By person in the language's order; what belongs to nobody comes last. Within a person the newest first, as given. */
export function groupByPerson(keys: readonly KeyRecord[], language: string): PersonGroup[] {
  const { compare } = new Intl.Collator(language, { sensitivity: 'base', numeric: true });
  return [...Map.groupBy(keys, ({ person }) => person)]
    .map(([person, own]) => ({ person, keys: own }))
    .sort((a, b) => {
      if (a.person === null || b.person === null)
        return Number(a.person === null) - Number(b.person === null);
      return compare(a.person, b.person);
    });
}
