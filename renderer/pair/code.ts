/** RFC 8628 §6.1: no vowels, so no words. */
const alphabet = /^[BCDFGHJKLMNPQRSTVWXZ]*$/;
const codeLength = 8;

/** `bcdf ghjk` → `BCDF-GHJK`: as it is shown, however it is typed or pasted. */
export function formatCode(typed: string): string {
  const bare = bareCode(typed).slice(0, codeLength);
  return bare.length > 4 ? `${bare.slice(0, 4)}-${bare.slice(4)}` : bare;
}

/** What is wrong with a code before anybody is asked: a wrong guess counts, a slip of the finger should not. */
export function codeProblem(code: string): 'missing' | 'unknownLetters' | 'incomplete' | null {
  const bare = bareCode(code);
  if (bare === '') return 'missing';
  if (!alphabet.test(bare)) return 'unknownLetters';
  return bare.length === codeLength ? null : 'incomplete';
}

/** Letters and digits alone. */
export function bareCode(text: string): string {
  return text.toUpperCase().replaceAll(/[^A-Z0-9]/g, '');
}
