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

/** Formats while somebody types, with the caret staying behind the letter it was behind. */
export function formatWhileTyping(input: HTMLInputElement): void {
  input.addEventListener('input', (event) => {
    // A phone's keyboard that is still composing would be thrown off; it fires once more when it has finished.
    if (event instanceof InputEvent && event.isComposing) return;
    reformat(input);
  });
  input.addEventListener('compositionend', () => reformat(input));
}

function reformat(input: HTMLInputElement): void {
  const lettersBefore = bareCode(input.value.slice(0, input.selectionStart ?? input.value.length)).length;
  const formatted = formatCode(input.value);
  if (formatted === input.value) return;
  input.value = formatted;
  const caret = Math.min(lettersBefore > 4 ? lettersBefore + 1 : lettersBefore, formatted.length);
  input.setSelectionRange(caret, caret);
}

function bareCode(text: string): string {
  return text.toUpperCase().replaceAll(/[^A-Z0-9]/g, '');
}
