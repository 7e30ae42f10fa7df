import { readFileSync } from 'node:fs';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { noteOnTokens } from '../../../scripts/cli/token-note.mjs';

const sentenceOf = (language: string): string => {
  const words = JSON.parse(readFileSync(`renderer/locales/${language}.json`, 'utf8')) as {
    readonly tokens: { readonly own: string };
  };
  return words.tokens.own;
};

const { isTTY } = process.stdout;
afterEach(() => {
  vi.restoreAllMocks();
  process.stdout.isTTY = isTTY;
});

/** What the command line writes, at a terminal or into a pipe. */
function written(atTerminal: boolean): string {
  let text = '';
  process.stdout.isTTY = atTerminal;
  vi.spyOn(process.stdout, 'write').mockImplementation((chunk) => {
    text += String(chunk);
    return true;
  });
  noteOnTokens();
  vi.restoreAllMocks();
  return text;
}

describe('the one sentence about tokens', () => {
  it('is the same in the console and at a terminal, and is not written into a pipe', () => {
    expect([written(true).trim(), written(false)]).toEqual([sentenceOf('en'), '']);
  });

  it('is one sentence in each language, and names a cloud’s model', () => {
    for (const language of ['en', 'de']) {
      expect(sentenceOf(language).match(/\.$|\. /gu)).toHaveLength(1);
      expect(sentenceOf(language)).toMatch(/cloud/iu);
    }
  });
});
