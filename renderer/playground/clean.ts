/** Far more than anybody reads; beyond it an answer is ended, lest it fill the browser. */
export const mostAnswerCharacters = 400_000;

// oxlint-disable-next-line no-control-regex -- they are what is looked for
const unseen = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/g;

/**
 * What a model says, fit to be shown: characters that would not be seen, but do something, are made visible. Terminals
 * obey escape sequences when a text is pasted into them, and a change of direction lets code read as what it is not
 * (Unicode Technical Report 36, §2.6). Marks of direction that languages need stay.
 */
export function clean(text: string): string {
  return text.toWellFormed().replace(unseen, (character) => {
    const code = character.charCodeAt(0);
    if (character === '\r') return '';
    if (code < 0x20) return String.fromCharCode(0x2400 + code);
    if (code === 0x7f) return '\u2421';
    if (code < 0xa0) return '\ufffd';
    return `⟦U+${code.toString(16).toUpperCase()}⟧`;
  });
}
