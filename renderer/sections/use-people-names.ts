import { useTranslation } from 'react-i18next';
import { useKeys } from '../queries.ts';

/** Everybody whose name a key bears or bore, in the order of the alphabet. */
export function usePeopleNames(): string[] {
  const { i18n } = useTranslation();
  const names = (useKeys().data ?? []).flatMap(({ person }) => (person === null ? [] : [person]));
  return [...new Set(names)].toSorted((a, b) => a.localeCompare(b, i18n.language));
}
