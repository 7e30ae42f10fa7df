import { notifications } from '@mantine/notifications';
import { useTranslation } from 'react-i18next';
import { changeLanguage, currentLanguage, type Language } from './i18n.ts';

/** What the console speaks, and how to change it. A language that cannot be fetched now is told of, and nothing changes. */
export function useLanguage(): {
  readonly language: Language;
  readonly speak: (language: Language) => void;
} {
  const { t } = useTranslation();
  return {
    language: currentLanguage(),
    speak: (language) => {
      changeLanguage(language).catch(() =>
        notifications.show({ color: 'red', message: t('preferences.languageFailed') }),
      );
    },
  };
}
