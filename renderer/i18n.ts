import { createInstance } from 'i18next';
import { initReactI18next } from 'react-i18next';
import type { Sentences } from './locales/english.ts';
import { createTeller, speakAs, type ServerWords, type Teller } from './server-words.ts';

/**
 * Every sentence of the console is a key in `locales/*.json`; `english.ts` gives the keys their type. Only the language
 * that is spoken is fetched, in one file, and nothing is drawn before it is there.
 */
const sentencesOf = {
  en: () => import('./locales/english.ts'),
  de: () => import('./locales/german.ts'),
} satisfies Record<string, () => Promise<{ sentences: Sentences; serverWords: ServerWords }>>;

export type Language = keyof typeof sentencesOf;
export const languages: readonly Language[] = ['en', 'de'];
/** Each in its own words, whatever the console speaks now. */
export const languageNames: Readonly<Record<Language, string>> = { en: 'English', de: 'Deutsch' };

const instance = createInstance();
const storageKey = 'inglenook-language';

declare module 'i18next' {
  // oxlint-disable-next-line typescript/consistent-type-definitions -- only an interface can be merged into
  interface CustomTypeOptions {
    defaultNS: 'translation';
    resources: { translation: Sentences };
  }
}

const tellers = new Map<Language, Teller>();

async function fetchSentences(language: Language): Promise<Sentences> {
  const { sentences, serverWords } = await sentencesOf[language]();
  tellers.set(language, createTeller(serverWords, language));
  return sentences;
}

export function currentLanguage(): Language {
  return instance.language === 'de' ? 'de' : 'en';
}

/** Fetches the language that this browser has chosen, or prefers; throws where it cannot be had. */
export async function startLanguage(): Promise<void> {
  const language = stored() ?? preferred();
  await instance.use(initReactI18next).init({
    resources: { [language]: { translation: await fetchSentences(language) } },
    lng: language,
    // Both have the same keys, which is tested; what is not fetched could not stand in.
    fallbackLng: false,
    // React escapes.
    interpolation: { escapeValue: false },
  });
  speakAs(tellers.get(language));
  document.documentElement.lang = language;
}

/** For what is said in more than the spoken language; throws where it cannot be fetched. */
export async function fetchLanguage(language: Language): Promise<void> {
  if (instance.hasResourceBundle(language, 'translation')) return;
  instance.addResourceBundle(language, 'translation', await fetchSentences(language));
}

/** Speaks the other language once it has come; where it cannot be fetched, nothing changes, and it throws. */
export async function changeLanguage(language: Language): Promise<void> {
  await fetchLanguage(language);
  // Before anything is drawn anew.
  speakAs(tellers.get(language));
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
