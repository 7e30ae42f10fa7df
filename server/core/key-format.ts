import { hash, randomBytes } from 'node:crypto';
import { crc32 } from 'node:zlib';

/**
 * The text of an API key: `sk-ink_`, 32 random base62 characters (190 bits), and the CRC-32 of all that as six
 * base62 characters. The checksum lets a typing mistake be refused before any database work, and lets the log
 * scrubber and secret scanners recognise a key for certain (the design GitHub published for its tokens).
 */
export const keyPrefix = 'sk-ink_';
/** The same in form for scripts of the owner's on other computers; opens the admin API and nothing else. */
export const adminTokenPrefix = 'adm-ink_';
const randomLength = 32;
const checksumLength = 6;

const base62 = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
/** Bytes from here on would make some characters likelier than others: 248 = 4 × 62. */
const firstBiasedByte = 248;

type Prefix = typeof keyPrefix | typeof adminTokenPrefix;

const shapes = { [keyPrefix]: shapeOf(keyPrefix), [adminTokenPrefix]: shapeOf(adminTokenPrefix) } as const;

function shapeOf(prefix: Prefix): RegExp {
  return new RegExp(`^${prefix}[0-9A-Za-z]{${randomLength + checksumLength}}$`);
}

/** A new key. Shown once to a person, then only its hash is kept. */
export function newKeyText(prefix: Prefix = keyPrefix): string {
  const body = prefix + randomBase62(randomLength);
  return body + checksum(body);
}

/** Whether the text can be a key of ours at all; says nothing about whether it exists. */
export function isWellFormedKey(text: string, prefix: Prefix = keyPrefix): boolean {
  if (!shapes[prefix].test(text)) return false;
  return checksum(text.slice(0, -checksumLength)) === text.slice(-checksumLength);
}

/**
 * SHA-256 of a key: all that is stored. No slow hash is needed, since nobody can guess 190 random bits; looking
 * up by hash also tells an attacker nothing by its timing.
 */
export function hashKey(text: string): Buffer {
  return hash('sha256', text, 'buffer');
}

/** What a key is recognised by afterwards: its beginning and its last four characters. */
export function keyHint(text: string, prefix: Prefix = keyPrefix): string {
  return `${prefix}…${text.slice(-4)}`;
}

/**
 * Masks every key of ours, cut or mistyped ones included, and whatever follows `Bearer`, so that neither can
 * reach a log.
 */
export function scrubKeys(text: string): string {
  return text
    .replaceAll(/sk-ink_[0-9A-Za-z]{4,}/g, `${keyPrefix}[masked]`)
    .replaceAll(/adm-ink_[0-9A-Za-z]{4,}/g, `${adminTokenPrefix}[masked]`)
    .replaceAll(/ink-admin_[\w-]{4,}/g, 'ink-admin_[masked]')
    .replaceAll(/\b(Bearer)\s+[^\s"',;]+/gi, '$1 [masked]');
}

/** `length` characters, each of 62 equally likely. Also used for ids that must not be guessable. */
export function randomBase62(length: number): string {
  let text = '';
  while (text.length < length) {
    for (const byte of randomBytes(length)) {
      if (byte < firstBiasedByte && text.length < length) text += base62.charAt(byte % 62);
    }
  }
  return text;
}

function checksum(body: string): string {
  let rest = crc32(body);
  let text = '';
  for (let position = 0; position < checksumLength; position++) {
    text = base62.charAt(rest % 62) + text;
    rest = Math.floor(rest / 62);
  }
  return text;
}
