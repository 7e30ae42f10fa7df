import type { CheckState } from '../wire/doctor.ts';
import type { Language, Text } from '../wire/text.ts';

export type Finding = {
  readonly state: CheckState;
  readonly sentence: Text;
  /** What to do about it. */
  readonly fix?: Text;
  /** Where in the console it is put right, where that is not the usual place of the check (`about.ts`); null for nowhere. */
  readonly path?: string | null;
};

/** One thing that is looked at. What it throws, or takes longer than it may, becomes `unknown`; the others go on. */
export type Check = {
  readonly id: string;
  readonly title: Text;
  readonly look: (signal: AbortSignal) => Finding | Promise<Finding>;
};

export function ok(sentence: Text): Finding {
  return { state: 'ok', sentence };
}

export function warn(sentence: Text, fix: Text): Finding {
  return { state: 'warn', sentence, fix };
}

export function bad(sentence: Text, fix: Text): Finding {
  return { state: 'bad', sentence, fix };
}

export function unknown(sentence: Text, fix?: Text): Finding {
  return { state: 'unknown', sentence, ...(fix === undefined ? {} : { fix }) };
}

/** `12.3 GB`, with the decimal comma where it belongs. */
export function size(bytes: number, language: Language): string {
  const isLarge = bytes >= 1e9;
  const number = new Intl.NumberFormat(language, { maximumFractionDigits: isLarge ? 1 : 0 });
  return isLarge ? `${number.format(bytes / 1e9)} GB` : `${number.format(bytes / 1e6)} MB`;
}

/** Both languages by one function, for sentences that are nothing but values. */
export function text(make: (language: Language) => string): Text {
  return { en: make('en'), de: make('de') };
}
