import type { Tokenizer } from './loaded-model.ts';
import { createStopMatcher } from './stop-strings.ts';

export type TextOutput = {
  /** Text that may be shown after this token, and whether a stop string has been met. */
  readonly push: (token: number) => { readonly text: string; readonly stopped: boolean };
  /** The rest, when the answer has ended otherwise than by a stop string. */
  readonly flush: () => string;
};

/** A character has at most four bytes in UTF-8, so at most four tokens. After that it is no half character. */
const mostTokensOfACharacter = 4;
/** What the tokenizer needs to know which text came before; more would be decoded again for each token. */
const previousTokens = 4;

/** Tokens to text: characters split over several tokens wait until they are whole, stop strings are cut off. */
export function createTextOutput(detokenize: Tokenizer['detokenize'], stops: readonly string[]): TextOutput {
  const matcher = createStopMatcher(stops);
  let previous: number[] = [];
  let pending: number[] = [];

  function takePending(): string {
    const text = detokenize(pending, previous);
    previous = [...previous, ...pending].slice(-previousTokens);
    pending = [];
    return text;
  }

  return {
    push(token) {
      pending.push(token);
      const isHalf =
        pending.length < mostTokensOfACharacter && detokenize(pending, previous).endsWith('\uFFFD');
      return isHalf ? { text: '', stopped: false } : matcher.push(takePending());
    },
    flush() {
      const { text, stopped } = pending.length === 0 ? matcher.push('') : matcher.push(takePending());
      return stopped ? text : text + matcher.flush();
    },
  };
}
