import type { Tokenizer } from '../loaded-model.ts';
import { createStopMatcher } from './stop-strings.ts';
import type { AnswerParser } from '../chat/tool-parser.ts';
import type { OutputPiece } from '../chat/tool-scanner.ts';

/** What may be shown after a token. */
export type Shown = {
  readonly pieces: readonly OutputPiece[];
  /** Characters of the model's text up to which the pieces go, since the last time. */
  readonly consumed: number;
  /** The stop string that has been met; null if none. */
  readonly stop: string | null;
};

export type TextOutput = {
  readonly push: (token: number) => Shown;
  /** The rest, when the answer has ended otherwise than by a stop string. */
  readonly flush: () => Shown;
  /** How many tokens were thought so far, and whether the model still thinks. */
  readonly thought: () => { readonly tokens: number; readonly isOpen: boolean };
  /** Whether tools have been called. */
  readonly hasCalls: () => boolean;
};

/** A character has at most four bytes in UTF-8, so at most four tokens. After that it is no half character. */
const mostTokensOfACharacter = 4;
/** What the tokenizer needs to know which text came before; more would be decoded again for each token. */
const previousTokens = 4;

/**
 * Tokens to text: characters split over several tokens wait until they are whole. The parser, if there is one, splits
 * the text into its kinds; stop strings cut off what is for the reader, never thoughts or calls.
 */
export function createTextOutput(
  detokenize: Tokenizer['detokenize'],
  stops: readonly string[],
  parser: AnswerParser | null = null,
): TextOutput {
  const matcher = createStopMatcher(stops);
  let previous: number[] = [];
  let pending: number[] = [];
  let pushed = 0;
  let consumed = 0;
  let thoughtTokens = 0;

  function takePending(): string {
    const text = detokenize(pending, previous);
    previous = [...previous, ...pending].slice(-previousTokens);
    pending = [];
    pushed += text.length;
    return text;
  }

  function parse(text: string): readonly OutputPiece[] {
    if (parser !== null) return parser.push(text);
    return text === '' ? [] : [{ type: 'text-delta', text }];
  }

  function show(pieces: readonly OutputPiece[], isEnd: boolean): Shown {
    const shown: OutputPiece[] = [];
    const say = (text: string): void => {
      if (text !== '') shown.push({ type: 'text-delta', text });
    };
    for (const piece of pieces) {
      if (piece.type !== 'text-delta') {
        say(matcher.flush());
        shown.push(piece);
        continue;
      }
      const { text, stop } = matcher.push(piece.text);
      say(text);
      if (stop !== null) return { pieces: shown, consumed: lengthOfText(shown), stop };
    }
    if (isEnd) say(matcher.flush());
    const upTo = pushed - (parser?.held() ?? 0) - matcher.held();
    const more = upTo - consumed;
    consumed = upTo;
    return { pieces: shown, consumed: isEnd ? Infinity : more, stop: null };
  }

  return {
    push(token) {
      pending.push(token);
      if (parser?.isThinking() === true) thoughtTokens += 1;
      const isHalf =
        pending.length < mostTokensOfACharacter && detokenize(pending, previous).endsWith('\uFFFD');
      return isHalf ? { pieces: [], consumed: 0, stop: null } : show(parse(takePending()), false);
    },
    flush() {
      const last = pending.length === 0 ? [] : parse(takePending());
      return show([...last, ...(parser?.end() ?? [])], true);
    },
    thought: () => ({ tokens: thoughtTokens, isOpen: parser?.isThinking() ?? false }),
    hasCalls: () => (parser?.calls() ?? 0) > 0,
  };
}

function lengthOfText(pieces: readonly OutputPiece[]): number {
  return pieces.reduce((sum, piece) => sum + (piece.type === 'text-delta' ? piece.text.length : 0), 0);
}
