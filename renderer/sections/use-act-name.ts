import { useTranslation } from 'react-i18next';
import settingsEn from '../locales/settings.en.json';

type KnownAct = keyof typeof settingsEn.settings.act;

/** What an act of the audit is called in the office; one that this page does not know yet keeps its own name. */
export function useActName(): (act: string) => string {
  const { t } = useTranslation();
  return (act) => {
    const name = act.replaceAll('.', '-');
    return isKnown(name) ? t(`settings.act.${name}`) : act;
  };
}

function isKnown(name: string): name is KnownAct {
  return Object.hasOwn(settingsEn.settings.act, name);
}
