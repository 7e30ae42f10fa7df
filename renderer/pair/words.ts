import connectDe from '../locales/connect.de.json';
import connectEn from '../locales/connect.en.json';
import de from '../locales/pair.de.json';
import en from '../locales/pair.en.json';
import { counted, type CountedWord } from './plural.ts';

/** The page's sentences in two languages, without the console's i18n library, which is half of this page's budget. */

export type Word = keyof typeof en;
export type Language = 'en' | 'de';
export type Values = Readonly<Record<string, string>>;

const sentences: Readonly<Record<Language, Readonly<Record<Word, string>>>> = { en, de };
const guideSentences: Readonly<Record<Language, Readonly<Record<string, string>>>> = {
  en: connectEn,
  de: connectDe,
};
/** The console's, so that both speak the same language in one browser. */
const storageKey = 'inglenook-language';

let language = stored() ?? preferred();
document.documentElement.lang = language;

export function t(word: Word, values: Values = {}): string {
  return fillIn(sentences[language][word], values);
}

/** As `t`, for a word that goes by how many there are; `{{count}}` in it is that number. */
export function tCount(word: CountedWord<Word>, count: number): string {
  return t(counted(word, count, language), { count: formatCount(count) });
}

/** A sentence of the connect guides; their keys come from the server. */
export function guideSentence(key: string, values: Values = {}): string {
  return fillIn(guideSentences[language][key] ?? key, values);
}

export function currentLanguage(): Language {
  return language;
}

export function otherLanguage(): Language {
  return language === 'en' ? 'de' : 'en';
}

export function switchLanguage(): void {
  language = otherLanguage();
  document.documentElement.lang = language;
  try {
    localStorage.setItem(storageKey, language);
  } catch {
    // Storage can be forbidden; the choice then lasts until the page is closed.
  }
}

/** “14:32”, by this device's clock. */
export function formatTime(iso: string): string {
  return new Intl.DateTimeFormat(locale(), { timeStyle: 'short' }).format(new Date(iso));
}

/** “Friday, 27 November 2026 at 18:00”, by this device's clock. */
export function formatMoment(iso: string): string {
  return new Intl.DateTimeFormat(locale(), { dateStyle: 'full', timeStyle: 'short' }).format(new Date(iso));
}

/** “8 minutes”, “30 seconds”; rounded up. */
export function formatDuration(durationMs: number): string {
  const seconds = Math.max(1, Math.ceil(durationMs / 1000));
  const [count, unit] = seconds > 90 ? [Math.ceil(seconds / 60), 'minute'] : [seconds, 'second'];
  return new Intl.NumberFormat(locale(), { style: 'unit', unit, unitDisplay: 'long' }).format(count);
}

export function formatCount(count: number): string {
  return new Intl.NumberFormat(locale()).format(count);
}

/** With the country where the browser tells it: whether it is 14:32 or 2:32 pm depends on that. */
export function locale(): string {
  return navigator.languages.find((tag) => tag.toLowerCase().startsWith(language)) ?? language;
}

/** Puts values in the places of a sentence's `{{names}}`. */
export function fillIn(sentence: string, values: Values): string {
  return sentence.replaceAll(/\{\{(\w+)\}\}/g, (placeholder, name: string) => values[name] ?? placeholder);
}

function stored(): Language | null {
  try {
    const chosen = localStorage.getItem(storageKey);
    return chosen === 'en' || chosen === 'de' ? chosen : null;
  } catch {
    return null;
  }
}

function preferred(): Language {
  const known = navigator.languages.map((tag) => tag.slice(0, 2).toLowerCase());
  return known.find((tag) => tag === 'en' || tag === 'de') ?? 'en';
}
