import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { counted } from '../../../renderer/pair/plural.ts';

const locales = join(import.meta.dirname, '../../../renderer/locales');

async function read(name: string): Promise<Record<string, string>> {
  return JSON.parse(await readFile(join(locales, name), 'utf8')) as Record<string, string>;
}

describe('words that go by how many there are', () => {
  it('are one of something, or any other number of it', () => {
    const forms = [0, 1, 2, 1000].map((count) => counted('token', count, 'en'));
    expect(forms).toEqual(['token_other', 'token_one', 'token_other', 'token_other']);
    expect(counted('token', 1, 'de')).toBe('token_one');
  });

  it.each(['me.en.json', 'me.de.json', 'pair.en.json', 'pair.de.json'])(
    '(%s) are there twice, and no page says “1 tokens”',
    async (name) => {
      const words = await read(name);
      const stems = Object.keys(words).flatMap((key) => /^(.+)_(?:one|other)$/.exec(key)?.[1] ?? []);
      expect(stems.length).toBeGreaterThan(1);
      for (const stem of stems) expect(words, stem).toHaveProperty([`${stem}_one`]);
      for (const stem of stems) expect(words, stem).toHaveProperty([`${stem}_other`]);
      const alone = Object.entries(words).filter(
        ([key, sentence]) =>
          !/_(?:one|other)$/.test(key) &&
          /\{\{\w+\}\} (?:tokens?|days?|hours?|others|requests?|Tokens?|Tage?|Stunden?|Anfragen?)\b/u.test(
            sentence,
          ),
      );
      expect(alone).toEqual([]);
    },
  );
});
