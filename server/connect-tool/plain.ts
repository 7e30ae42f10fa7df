/** Controls but for the tab, line separators, and marks that turn the direction of text or cannot be seen. */
const steering = /[^\P{Cc}\t]|[\p{Zl}\p{Zp}\p{Bidi_Control}\u200b\u2060-\u2065\ufeff]/gu;

/** Text of others on one line of a terminal. */
export function plain(text: string): string {
  return text.toWellFormed().replaceAll(steering, ' ');
}

/** Keys never reach a screen: not ours, and none of those that stand beside it in somebody's settings. */
export function withoutKeys(text: string): string {
  return text
    .replaceAll(/sk-ink_[A-Za-z0-9]+/g, '<your key>')
    .replaceAll(/\b(sk-|hf_|gh[a-z]_|xox[a-z]-|eyJ|AIza)[\w.-]{8,}/g, '$1…');
}
