import type { Text } from '../wire/text.ts';
import type { UpdateProblem } from '../wire/updates.ts';

/** Why a look for news came to nothing. */
export class UpdateFault extends Error {
  override readonly name = 'UpdateFault';
  readonly problem: UpdateProblem;
  constructor(problem: UpdateProblem, options?: ErrorOptions) {
    super(problemTexts[problem].en, options);
    this.problem = problem;
  }
}

/** Each in a sentence, which begins with what is the matter. */
export const problemTexts: Readonly<Record<UpdateProblem, Text>> = {
  'no-feed': {
    en: 'Nobody has said where to look for newer versions; updates.feed does.',
    de: 'Es ist nicht gesagt, wo nach neueren Versionen zu sehen ist; das tut updates.feed.',
  },
  'no-key': {
    en: 'This build carries no release key, so it could not tell true news from forged ones and does not look.',
    de: 'Dieser Build kennt keinen Veröffentlichungsschlüssel; er könnte echte Nachrichten nicht von gefälschten unterscheiden und sieht nicht nach.',
  },
  offline: {
    en: 'Inglenook is set to never go online, and the address of the news is not on your own network.',
    de: 'Inglenook geht laut Einstellung nie ins Internet, und die Adresse der Nachrichten liegt nicht im eigenen Netz.',
  },
  unreachable: {
    en: 'The address of the news does not answer.',
    de: 'Die Adresse der Nachrichten antwortet nicht.',
  },
  'refused-address': {
    en: 'The address of the news leads to a place that Inglenook fetches nothing from.',
    de: 'Die Adresse der Nachrichten führt an eine Stelle, von der Inglenook nichts holt.',
  },
  'not-found': {
    en: 'There are no news at that address.',
    de: 'An dieser Adresse liegen keine Nachrichten.',
  },
  'too-large': {
    en: 'What lies at the address of the news is too large to be news.',
    de: 'Was an der Adresse der Nachrichten liegt, ist zu groß, um Nachrichten zu sein.',
  },
  'not-understood': {
    en: 'What lies at the address of the news was not understood.',
    de: 'Was an der Adresse der Nachrichten liegt, wurde nicht verstanden.',
  },
  'not-signed': {
    en: 'The news are not signed by the makers of this build; nothing in them is believed.',
    de: 'Die Nachrichten sind nicht von den Machern dieses Builds unterschrieben; ihnen wird nichts geglaubt.',
  },
  older: {
    en: 'The news are older than those seen before: whoever hands them on is out of date, or wants to hide something.',
    de: 'Die Nachrichten sind älter als die zuletzt gesehenen: Wer sie weitergibt, ist nicht auf dem Stand oder will etwas verbergen.',
  },
};
