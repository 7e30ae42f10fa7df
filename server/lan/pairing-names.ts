/** Controls, line separators, and marks that turn the direction of text or cannot be seen. */
const unshowable = /[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}\u200b\u2060-\u2065\ufeff\ufffe\uffff]/gu;

/**
 * A device's own word about itself as plain text on one line: nothing that steers a terminal, breaks a line of
 * the log or turns the text around. Markup stays as the text it is. Empty when nothing is left.
 */
export function plainText(text: string, mostCharacters: number): string {
  return text
    .toWellFormed()
    .replaceAll(unshowable, ' ')
    .replaceAll(/\s+/g, ' ')
    .slice(0, mostCharacters)
    .replace(/[\ud800-\udbff]$/, '')
    .trim();
}

/** What the key is called when the owner has given no name: “Anna’s laptop”; a device that says whose it is, as it is. */
export function keyNameFor(person: string | null, device: string): string {
  const namesPerson = person !== null && device.toLowerCase().includes(person.toLowerCase());
  return person === null || namesPerson ? device : `${person}’s ${device}`;
}
