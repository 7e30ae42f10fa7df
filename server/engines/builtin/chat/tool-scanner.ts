import type { ToolCallPiece } from '../../../core/generate.ts';

/** A piece of an answer, without its count of tokens. */
export type OutputPiece =
  | { readonly type: 'text-delta'; readonly text: string }
  | { readonly type: 'reasoning-delta'; readonly text: string }
  | ToolCallPiece;

/**
 * What a state makes of the text in hand: takes so many characters of its beginning and goes on, in another state if
 * one is given. Null: more text is needed. At the end of the answer a state takes everything.
 */
export type Step = {
  readonly take: number;
  readonly pieces?: readonly OutputPiece[];
  readonly next?: State;
} | null;
export type State = (text: string, isEnd: boolean) => Step;

/** Runs states over a text that comes in pieces; the pieces may be cut anywhere. */
export function createScanner(first: State) {
  let state = first;
  let text = '';

  function run(isEnd: boolean): OutputPiece[] {
    const pieces: OutputPiece[] = [];
    for (;;) {
      const step = state(text, isEnd);
      if (step === null) return pieces;
      if (step.pieces !== undefined) pieces.push(...step.pieces);
      const isStuck = step.take === 0 && (step.next === undefined || step.next === state);
      text = text.slice(step.take);
      state = step.next ?? state;
      if (isStuck) return pieces;
    }
  }

  return {
    push(more: string): OutputPiece[] {
      text += more;
      return run(false);
    },
    end: (): OutputPiece[] => run(true),
    /** Characters that wait for what follows. */
    held: (): number => text.length,
  };
}

export type Found = { readonly at: number; readonly mark: string };

/** The mark that comes first; at the same place, the longest. */
export function findMark(text: string, marks: readonly string[]): Found | null {
  let found: Found | null = null;
  for (const mark of marks) {
    const at = text.indexOf(mark);
    if (at < 0) continue;
    if (found === null || at < found.at || (at === found.at && mark.length > found.mark.length))
      found = { at, mark };
  }
  return found;
}

/** Where that end of the text begins that could still become a mark; the text's length if there is none. */
export function partialMarkStart(text: string, marks: readonly string[]): number {
  const longest = Math.max(0, ...marks.map((mark) => mark.length - 1));
  for (let length = Math.min(longest, text.length); length > 0; length -= 1) {
    const end = text.slice(text.length - length);
    if (marks.some((mark) => mark.startsWith(end))) return text.length - length;
  }
  return text.length;
}

export type JsonScan = {
  /** Reads on; gives the place behind the value's end, or null if it has not ended. */
  readonly push: (text: string) => number | null;
};

/** Finds the end of a JSON object or array that comes in pieces. */
export function createJsonScan(): JsonScan {
  let depth = 0;
  let isInText = false;
  let isEscaped = false;
  return {
    push(text) {
      for (let index = 0; index < text.length; index += 1) {
        const character = text[index];
        if (isInText) {
          if (isEscaped) isEscaped = false;
          else if (character === '\\') isEscaped = true;
          else if (character === '"') isInText = false;
        } else if (character === '"') isInText = true;
        else if (character === '{' || character === '[') depth += 1;
        else if (character === '}' || character === ']') {
          depth -= 1;
          if (depth <= 0) return index + 1;
        }
      }
      return null;
    },
  };
}

/** Length of the JSON object at the beginning; null while it has not ended. */
export function jsonLength(text: string): number | null {
  return createJsonScan().push(text);
}
