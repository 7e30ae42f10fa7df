import { randomInt } from 'node:crypto';
import { sha256 } from './secrets.ts';

/** As many as other services give. */
const count = 10;
const groups = 4;
const groupLength = 4;
/** Without 0, 1, I and O, which look like one another on paper. */
const alphabet = '23456789ABCDEFGHJKLMNPQRSTUVWXYZ';

/**
 * Words that sign in once each in place of a code of the app: `7KQ2-MN4P-9WXT-H3VC`. Each has 80 random bits, so that
 * SHA-256 is enough to keep them by.
 */
export function newRecoveryCodes(): string[] {
  return Array.from({ length: count }, () => Array.from({ length: groups }, newGroup).join('-'));
}

function newGroup(): string {
  return Array.from({ length: groupLength }, () => alphabet.charAt(randomInt(alphabet.length))).join('');
}

/** The same however it was typed: in small letters, with spaces or without dashes. */
export function recoveryCodeHash(text: string): Buffer {
  const plain = text.toUpperCase().replaceAll(/[^0-9A-Z]/gu, '');
  return sha256(`recovery:${plain}`);
}
