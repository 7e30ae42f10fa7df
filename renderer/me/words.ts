import type { BadgeReason } from '../../server/wire/checks.ts';
import checksDe from '../locales/checks.de.json';
import checksEn from '../locales/checks.en.json';
import de from '../locales/me.de.json';
import en from '../locales/me.en.json';
import { counted, thousandsIn, type CountedWord } from '../pair/plural.ts';
import { currentLanguage, fillIn, formatCount, locale, type Language, type Values } from '../pair/words.ts';

/** This page's own sentences; the language is the pairing page's, with which it shares what both show. */

type Word = keyof typeof en;

const sentences: Readonly<Record<Language, Readonly<Record<Word, string>>>> = { en, de };
const checks = { en: checksEn.checks, de: checksDe.checks };

export function say(word: Word, values: Values = {}): string {
  return fillIn(sentences[currentLanguage()][word], values);
}

/** As `say`, for a word that goes by how many there are; `{{count}}` in it is that number. */
export function sayCount(word: CountedWord<Word>, count: number, values: Values = {}): string {
  return say(counted(word, count, currentLanguage()), { count: formatCount(count), ...values });
}

/** Why a tool does not work with a model, or only partly. */
export function sayReason({ code, values, sentence }: BadgeReason): string {
  const { reason, point } = checks[currentLanguage()];
  const words: Readonly<Record<string, string>> = reason;
  const points: Readonly<Record<string, string>> = point;
  const filled = Object.entries(values).map(([name, value]) => [
    name,
    name === 'point' ? (points[value] ?? String(value)) : written(value),
  ]);
  return fillIn(words[code] ?? sentence, Object.fromEntries(filled));
}

function written(value: string | number): string {
  const count = thousandsIn(String(value));
  return count === null ? String(value) : formatCount(count);
}

/** Both parts of a tool's name, where it has two. */
export function sayPart(part: 'autocomplete' | 'embeddings'): string {
  return checks[currentLanguage()].part[part];
}

export function sayBadge(state: keyof typeof checksEn.checks.badge): string {
  return checks[currentLanguage()].badge[state];
}

/** “420 ms”, “1.8 s”, “2 min 05 s”; whole seconds from ten on. */
export function formatWait(durationMs: number): string {
  const seconds = durationMs / 1000;
  if (seconds < 1) return `${Math.round(durationMs)} ms`;
  if (seconds >= 60) {
    const whole = Math.round(seconds);
    return `${Math.floor(whole / 60)} min ${String(whole % 60).padStart(2, '0')} s`;
  }
  const digits = seconds >= 10 ? 0 : 1;
  const number = new Intl.NumberFormat(locale(), {
    minimumFractionDigits: digits,
    maximumFractionDigits: digits,
  });
  return `${number.format(seconds)} s`;
}

const cent = 0.01;

/** “€ 12.40”, “< € 0.01”; a number with the currency's name where the browser does not know it. */
export function formatMoney(amount: number, currency: string): string {
  if (amount > 0 && amount < cent) return `< ${formatMoney(cent, currency)}`;
  try {
    return new Intl.NumberFormat(locale(), { style: 'currency', currency }).format(amount);
  } catch {
    return `${formatCount(Math.round(amount * 100) / 100)} ${currency}`;
  }
}

/** “Mon, 30 November at 00:00”, by this device's clock. */
export function formatWhen(iso: string): string {
  return new Intl.DateTimeFormat(locale(), {
    weekday: 'short',
    day: 'numeric',
    month: 'long',
    hour: '2-digit',
    minute: '2-digit',
  }).format(new Date(iso));
}
