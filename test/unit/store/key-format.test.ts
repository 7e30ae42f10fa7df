import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  hashKey,
  isWellFormedKey,
  keyHint,
  newKeyText,
  randomBase62,
  scrubKeys,
} from '../../../server/core/key-format.ts';

describe('the text of a key', () => {
  it('is sk-ink_, 32 base62 characters and 6 of checksum', () => {
    const key = newKeyText();
    expect(key).toMatch(/^sk-ink_[0-9A-Za-z]{38}$/);
    expect(isWellFormedKey(key)).toBe(true);
    expect(newKeyText()).not.toBe(key);
    expect(keyHint(key)).toBe(`sk-ink_…${key.slice(-4)}`);
  });

  it('has the CRC-32 of what precedes as its checksum (a known value)', () => {
    expect(isWellFormedKey(`sk-ink_${'A'.repeat(32)}${knownChecksum}`)).toBe(true);
  });

  it('is refused with any one character changed, missing or added', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 44 }),
        fc.constantFrom('0', 'Z', 'a', 'z', '_', '-', ' '),
        (position, character) => {
          const key = newKeyText();
          const changed = key.slice(0, position) + character + key.slice(position + 1);
          expect(isWellFormedKey(changed)).toBe(changed === key);
          expect(isWellFormedKey(key.slice(0, position) + key.slice(position + 1))).toBe(false);
          expect(isWellFormedKey(`${key}${character}`)).toBe(false);
        },
      ),
    );
    for (const text of ['', 'sk-ink_', `sk-${'a'.repeat(48)}`, `${newKeyText()}\n`]) {
      expect(isWellFormedKey(text)).toBe(false);
    }
  });

  it('draws each of 62 characters equally often', () => {
    const counts = new Map<string, number>();
    for (const character of randomBase62(62_000)) counts.set(character, (counts.get(character) ?? 0) + 1);
    expect(counts.size).toBe(62);
    // Six standard deviations of a fair draw; the biased byte % 62 would give some characters 25 % more.
    for (const count of counts.values()) expect(Math.abs(count - 1000)).toBeLessThan(190);
  });

  it('is hashed by SHA-256', () => {
    expect(hashKey('abc').toString('hex')).toBe(
      'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad',
    );
  });
});

// zlib.crc32('sk-ink_' + 'A' × 32) written to base 62 with the digits 0-9A-Za-z by another program (Python).
const knownChecksum = '1pFAYR';

describe('scrubKeys', () => {
  it('masks keys, whole, cut or mistyped, the admin token, and what follows Bearer', () => {
    const key = newKeyText();
    for (const text of [key, key.slice(0, 20), `${key}extra`, `"${key}"`, `key=${key}&x`, `${key},${key}`]) {
      expect(scrubKeys(`before ${text} after`)).not.toContain(key.slice(7, 16));
      expect(scrubKeys(`before ${text} after`)).toMatch(/^before .* after$/);
    }
    expect(scrubKeys(`Authorization: Bearer abc.def`)).toBe('Authorization: Bearer [masked]');
    expect(scrubKeys(`ink-admin_${'a-'.repeat(20)}`)).toBe('ink-admin_[masked]');
    expect(scrubKeys('the hint sk-ink_…ab12 stays')).toBe('the hint sk-ink_…ab12 stays');
  });
});
