import { createInstance } from 'i18next';
import { initReactI18next } from 'react-i18next';
import connectDe from './locales/connect.de.json';
import connectEn from './locales/connect.en.json';
import de from './locales/de.json';
import en from './locales/en.json';
import healthDe from './locales/health.de.json';
import healthEn from './locales/health.en.json';
import securityDe from './locales/security.de.json';
import securityEn from './locales/security.en.json';
import type networkEn from './locales/network.en.json';
import type settingsEn from './locales/settings.en.json';
import type usageEn from './locales/usage.en.json';

/**
 * Every sentence of the console is a key in `locales/*.json`; the English file gives the keys their type. The guides'
 * sentences, whose keys the server sends, are in files of their own: the pairing page has them too. Those of the
 * larger pages come with them, by `addSentences`.
 */
const english = { ...en, ...connectEn, ...healthEn, ...securityEn };
const german = { ...de, ...connectDe, ...healthDe, ...securityDe };

export const languages = ['en', 'de'] as const;
export type Language = (typeof languages)[number];

const instance = createInstance();
const storageKey = 'inglenook-language';

declare module 'i18next' {
  // oxlint-disable-next-line typescript/consistent-type-definitions -- only an interface can be merged into
  interface CustomTypeOptions {
    defaultNS: 'translation';
    resources: {
      translation: typeof en &
        typeof healthEn &
        typeof securityEn &
        typeof usageEn &
        typeof settingsEn &
        typeof networkEn;
    };
  }
}

/** What a page says that is fetched later than the rest; to be called when it has come, before it is drawn. */
export function addSentences(sentences: Readonly<Record<Language, object>>): void {
  for (const language of languages) {
    instance.addResourceBundle(language, 'translation', sentences[language], true, true);
  }
}

export function currentLanguage(): Language {
  return instance.language === 'de' ? 'de' : 'en';
}

export async function startLanguage(): Promise<void> {
  await instance.use(initReactI18next).init({
    resources: { en: { translation: english }, de: { translation: german } },
    lng: stored() ?? preferred(),
    fallbackLng: 'en',
    // React escapes.
    interpolation: { escapeValue: false },
  });
  document.documentElement.lang = currentLanguage();
}

export async function changeLanguage(language: Language): Promise<void> {
  await instance.changeLanguage(language);
  document.documentElement.lang = language;
  try {
    localStorage.setItem(storageKey, language);
  } catch {
    // Storage can be forbidden; the choice then lasts until the page is closed.
  }
}

function stored(): Language | null {
  try {
    return languages.find((language) => language === localStorage.getItem(storageKey)) ?? null;
  } catch {
    return null;
  }
}

function preferred(): Language {
  const wanted = navigator.languages.map((tag) => tag.slice(0, 2).toLowerCase());
  for (const tag of wanted) {
    const known = languages.find((language) => language === tag);
    if (known !== undefined) return known;
  }
  return 'en';
}
