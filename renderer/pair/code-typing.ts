import { bareCode, formatCode } from './code.ts';

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
