/** How long whoever guesses would need, as a word. Not a rule: only the length is one. */
export type Strength = 'weak' | 'fair' | 'good' | 'strong';

/** Tried first by everybody who guesses; each counts as one character. */
const wellKnown =
  /passwor[dt]|inglenook|kennwor[dt]|geheim|secret|welcome|willkommen|hallo|letmein|admin|owner|qwert[yz]|asdf|abcd?e?f?|(?:0?123456789|12345678|1234567|123456|12345|1234)0?|(?:19|20)\d\d/giu;

/** In bits, from then on. */
const fairFrom = 40;
const goodFrom = 55;
const strongFrom = 75;

/** A word of a language is one of some ten thousand, whatever its length; more of a run are worth less each. */
const wordBits = 14;
const wordLength = 4;
const furtherLetterBits = 1.2;

export function strengthOf(password: string): Strength {
  const bits = bitsOf(password);
  if (bits < fairFrom) return 'weak';
  if (bits < goodFrom) return 'fair';
  return bits < strongFrom ? 'good' : 'strong';
}

/** What is repeated or well known says nothing new. */
function bitsOf(password: string): number {
  const told = password.replaceAll(wellKnown, '·').replaceAll(/(.)\1+/gu, '$1');
  const runs = [...new Set(told.match(/\p{L}+|\p{N}+|[^\p{L}\p{N}]/gu))];
  return runs.reduce((sum, run) => sum + bitsOfRun(run), 0);
}

function bitsOfRun(run: string): number {
  const { length } = run;
  if (/^\p{N}/u.test(run)) return length * 3.3;
  if (!/^\p{L}/u.test(run)) return run === ' ' ? 1 : 5;
  // Capitals in the middle are nobody's language.
  if (/^.+\p{Lu}/u.test(run)) return length * 5.7;
  const asLetters = length * 4.7;
  return Math.min(asLetters, wordBits + Math.max(0, length - wordLength) * furtherLetterBits);
}
