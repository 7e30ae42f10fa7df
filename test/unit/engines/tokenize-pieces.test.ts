import { describe, expect, it } from 'vitest';
import {
  pieceLength,
  piecesOf,
  tokenizePieces,
} from '../../../server/engines/builtin/chat/tokenize-pieces.ts';

const lengthsOf = (text: string) => [...piecesOf(text)].map(({ length }) => length);

describe('pieces of a long text', () => {
  it('are the text again, none too long', () => {
    for (const text of [
      '',
      'a',
      'word '.repeat(20_000),
      'x'.repeat(3 * pieceLength),
      '\n'.repeat(pieceLength + 1),
    ]) {
      expect([...piecesOf(text)].join('')).toBe(text);
      expect(Math.max(...lengthsOf(text))).toBeLessThanOrEqual(pieceLength);
    }
    expect(lengthsOf('short')).toEqual([5]);
  });

  it('begin with a line or a word where there is one, and keep characters whole', () => {
    for (const piece of [...piecesOf('word '.repeat(20_000))].slice(1))
      expect(piece.startsWith(' word')).toBe(true);
    for (const piece of piecesOf(`a${'😀'.repeat(20_000)}`)) expect(piece.isWellFormed()).toBe(true);
  });

  it('are not read further than is of use', async () => {
    const read: string[] = [];
    const tokenize = (text: string) => {
      read.push(text);
      return Array.from(text, () => 1);
    };
    const tokens = await tokenizePieces(tokenize, 'x'.repeat(10 * pieceLength), 100);
    expect(tokens).toHaveLength(pieceLength);
    expect(read).toHaveLength(1);
    expect(await tokenizePieces(tokenize, 'x'.repeat(3 * pieceLength), Infinity)).toHaveLength(
      3 * pieceLength,
    );
  });
});
