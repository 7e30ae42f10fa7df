import { untilMark } from './tool-parser-json.ts';
import type { ParserShared } from './tool-parser-shared.ts';
import { partialMarkStart, type State } from './tool-scanner.ts';
import { gemmaQuote } from '../grammar/json-schema-syntax.ts';

const callEnd = '<tool_call|>';

/** Gemma 4's form: `call:name{key:<|"|>text<|"|>,other:1}<tool_call|>`, rewritten as JSON on the way. */
export function gemmaCalls(shared: ParserShared, back: State): State {
  return (text, isEnd) => {
    const found = /^\s*call:\s*([^{\s]*)\s*(?=\{)/.exec(text);
    if (found !== null) {
      const name = found[1] ?? '';
      if (!shared.isKnown(name)) return { take: found[0].length, pieces: shared.say(found[0]), next: back };
      return { take: found[0].length, pieces: shared.begin(name), next: value(shared, back) };
    }
    // Broken off before the name was whole.
    return isEnd ? { take: text.length, next: back } : null;
  };
}

/** Bare keys get quotes, quote tokens become quotes; everything else is JSON already. */
function value(shared: ParserShared, back: State): State {
  const holders: ('object' | 'array')[] = [];
  let isKeyNext = false;
  const inText: State = (text, isEnd) => {
    const end = text.indexOf(gemmaQuote);
    if (end >= 0) {
      const next = outside;
      return { take: end + gemmaQuote.length, pieces: shared.more(`${escaped(text.slice(0, end))}"`), next };
    }
    const safe = isEnd ? text.length : partialMarkStart(text, [gemmaQuote]);
    const whole = /[\uD800-\uDBFF]$/.test(text.slice(0, safe)) && !isEnd ? safe - 1 : safe;
    return whole <= 0 ? null : { take: whole, pieces: shared.more(escaped(text.slice(0, whole))) };
  };
  const outside: State = (text, isEnd) => {
    const [first] = text;
    if (first === undefined) return null;
    if (text.startsWith(gemmaQuote))
      return { take: gemmaQuote.length, pieces: shared.more('"'), next: inText };
    if (!isEnd && gemmaQuote.startsWith(text)) return null;
    if (isKeyNext && !/[\s}]/.test(first)) {
      const colon = text.indexOf(':');
      if (colon < 0) return isEnd ? { take: text.length } : null;
      isKeyNext = false;
      return { take: colon + 1, pieces: shared.more(`${JSON.stringify(text.slice(0, colon).trim())}:`) };
    }
    if (first === '{' || first === '[') holders.push(first === '{' ? 'object' : 'array');
    if (first === '}' || first === ']') holders.pop();
    isKeyNext =
      holders.at(-1) === 'object' && (first === '{' || first === ',' || (isKeyNext && /\s/.test(first)));
    const next = holders.length === 0 ? untilMark(callEnd, back) : outside;
    return { take: 1, pieces: shared.more(first), next };
  };
  return outside;
}

function escaped(text: string): string {
  return JSON.stringify(text).slice(1, -1);
}
