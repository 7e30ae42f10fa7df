import { describe, expect, it } from 'vitest';
import { createStopMatcher } from '../../../server/engines/builtin/ticks/stop-strings.ts';
import { createTextOutput, type Shown } from '../../../server/engines/builtin/ticks/text-output.ts';

/** Feeds the text in pieces; what was shown, piece by piece, and the rest. */
function feed(stops: readonly string[], pieces: readonly string[]) {
  const matcher = createStopMatcher(stops);
  const shown: string[] = [];
  for (const piece of pieces) {
    const { text, stop } = matcher.push(piece);
    shown.push(text);
    if (stop !== null) return { shown, rest: null };
  }
  return { shown, rest: matcher.flush() };
}

describe('stop strings', () => {
  it('shows text at once where no stop string can begin', () => {
    expect(feed(['###'], ['Hello ', 'world'])).toEqual({ shown: ['Hello ', 'world'], rest: '' });
  });

  it('holds back exactly what may become a stop string, and gives it when it does not', () => {
    expect(feed(['###'], ['a#', '#', 'b'])).toEqual({ shown: ['a', '', '##b'], rest: '' });
    expect(feed(['###'], ['a##'])).toEqual({ shown: ['a'], rest: '##' });
  });

  it('cuts at the earliest of several stop strings, wherever the pieces are divided', () => {
    const text = 'one STOP two END';
    for (let at = 0; at <= text.length; at += 1) {
      const { shown, rest } = feed(['END', 'STOP', 'TOP two'], [text.slice(0, at), text.slice(at)]);
      expect([shown.join(''), rest]).toEqual(['one ', null]);
    }
  });

  it('ignores empty stop strings', () => {
    expect(feed([''], ['text'])).toEqual({ shown: ['text'], rest: '' });
  });
});

const textOf = ({ pieces }: Shown) => pieces.map((piece) => ('text' in piece ? piece.text : '')).join('');

describe('text output', () => {
  const bytes = (tokens: readonly number[]) => new TextDecoder().decode(Uint8Array.from(tokens));

  it('waits until a character of several tokens is whole', () => {
    const output = createTextOutput(bytes, []);
    const shown = [...new TextEncoder().encode('aé🙂b')].map((byte) => textOf(output.push(byte)));
    expect(shown).toEqual(['a', '', 'é', '', '', '', '🙂', 'b']);
  });

  it('does not wait for ever for bytes that are no character', () => {
    const output = createTextOutput(bytes, []);
    const shown = [0xff, 0xff, 0xff, 0xff, 0x61].map((byte) => textOf(output.push(byte)));
    expect(shown.join('')).toBe('\uFFFD\uFFFD\uFFFD\uFFFDa');
  });

  it('gives half a character at the end rather than nothing', () => {
    const output = createTextOutput(bytes, []);
    expect([textOf(output.push(0xc3)), textOf(output.flush())]).toEqual(['', '\uFFFD']);
  });
});
