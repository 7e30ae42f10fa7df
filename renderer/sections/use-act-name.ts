import { useTranslation } from 'react-i18next';
import type { Sentences } from '../locales/english.ts';

type KnownAct = keyof Sentences['settings']['act'];

/** What an act of the audit is called in the office; one that this page does not know yet keeps its own name. */
export function useActName(): (act: string) => string {
  const { t, i18n } = useTranslation();
  return (act) => {
    const name = act.replaceAll('.', '-');
    return i18n.exists(`settings.act.${name}`) ? t(`settings.act.${name as KnownAct}`) : act;
  };
}
