import { isRecord } from '../grammar/json-schema-branches.ts';
import type { ParserShared } from './tool-parser-shared.ts';
import {
  createJsonScan,
  findMark,
  jsonLength,
  partialMarkStart,
  type OutputPiece,
  type State,
} from './tool-scanner.ts';

/** The usual order, which lets the arguments stream; anything else waits until the object is whole. */
const usualHeader =
  /^\s*\{\s*(?:"type"\s*:\s*"function"\s*,\s*)?"name"\s*:\s*("(?:[^"\\]|\\.)*")\s*,\s*"(?:arguments|parameters)"\s*:\s*(?=\{)/;

/** A JSON object with a name and arguments, then `close` (null: the object's own end), then `back`. */
export function jsonCalls(
  shared: ParserShared,
  close: string | null,
  back: State,
  afterArguments?: State,
): State {
  return (text, isEnd) => {
    const header = usualHeader.exec(text);
    const name: unknown = header === null ? null : parseJson(header[1] ?? '');
    if (header !== null && typeof name === 'string' && shared.isKnown(name)) {
      const after = afterArguments ?? (close === null ? afterObject(shared, back) : untilMark(close, back));
      return { take: header[0].length, pieces: shared.begin(name), next: jsonArguments(shared, after) };
    }
    const length = wholeLength(text, close);
    if (length === null && !isEnd) return null;
    const whole = text.slice(0, length ?? text.length);
    // Broken off in the middle of a call: nobody is helped by half of its marks.
    if (length === null && /^\s*(?:\{|$)/.test(whole)) return { take: whole.length, next: back };
    const pieces = wholeCall(shared, close === null ? whole : whole.replace(close, ''));
    return {
      take: whole.length,
      pieces: pieces ?? shared.say(close === null ? whole : `<tool_call>${whole}`),
      next: back,
    };
  };
}

function wholeLength(text: string, close: string | null): number | null {
  if (close !== null) {
    const at = text.indexOf(close);
    return at < 0 ? null : at + close.length;
  }
  return jsonLength(text);
}

/** A call in whatever order and form, once it is whole; null if it is none. */
function wholeCall(shared: ParserShared, text: string): readonly OutputPiece[] | null {
  const value = parseJson(text.trim());
  const call = isRecord(value) && isRecord(value['function']) ? value['function'] : value;
  if (!isRecord(call)) return null;
  const { name } = call;
  if (typeof name !== 'string' || !shared.isKnown(name)) return null;
  const given = call['arguments'] ?? call['parameters'] ?? {};
  return [...shared.begin(name), ...shared.more(typeof given === 'string' ? given : JSON.stringify(given))];
}

/** The JSON object of the arguments, passed on as it comes. */
function jsonArguments(shared: ParserShared, next: State): State {
  const scan = createJsonScan();
  return (text, isEnd) => {
    const end = scan.push(text);
    if (end !== null) return { take: end, pieces: shared.more(text.slice(0, end)), next };
    if (text === '' && isEnd) return { take: 0, next };
    return text === '' ? null : { take: text.length, pieces: shared.more(text) };
  };
}

/** Skips up to a mark. */
export function untilMark(mark: string, back: State): State {
  return (text, isEnd) => {
    const at = text.indexOf(mark);
    if (at >= 0) return { take: at + mark.length, next: back };
    const safe = isEnd ? text.length : partialMarkStart(text, [mark]);
    return safe === 0 && !isEnd ? null : { take: safe };
  };
}

/** What is left of the object around the arguments: nothing but its brace, mostly. */
const restOfObject = /^(?:[^"{}]|"(?:[^"\\]|\\.)*")*\}/;

/** Past the call's own brace, and what may stand between two calls. */
function afterObject(shared: ParserShared, back: State): State {
  return (text, isEnd) => {
    const closing = restOfObject.exec(text)?.[0];
    if (closing === undefined) return isEnd ? { take: text.length } : null;
    const between = /^[\s;]*/.exec(text.slice(closing.length))?.[0] ?? '';
    const take = closing.length + between.length;
    if (take === text.length && !isEnd) return null;
    return { take, next: text[take] === '{' ? jsonCalls(shared, null, back) : back };
  };
}

/** Mistral's older form: a list of calls. */
export function listCalls(shared: ParserShared, back: State): State {
  const item: State = (text, isEnd) => {
    const blanks = /^[\s,[\]]*/.exec(text)?.[0] ?? '';
    if (blanks.includes(']')) return { take: blanks.length, next: back };
    if (blanks.length === text.length) return isEnd ? { take: text.length, next: back } : null;
    return {
      take: blanks.length,
      next: text[blanks.length] === '{' ? jsonCalls(shared, null, item, afterItem) : back,
    };
  };
  const afterItem: State = (text, isEnd) => {
    const closing = restOfObject.exec(text)?.[0];
    if (closing === undefined) return isEnd ? { take: text.length } : null;
    return { take: closing.length, next: item };
  };
  return item;
}

/** Mistral's newer form: `name[ARGS]{…}`, perhaps with a `[CALL_ID]` in between. */
export function namedCalls(shared: ParserShared, back: State): State {
  const marks = ['[ARGS]', '[CALL_ID]', '{'];
  return (text, isEnd) => {
    const found = findMark(text, marks);
    const brace = text.indexOf('{');
    const argumentsAt = text.indexOf('[ARGS]');
    if (found !== null && (brace >= 0 || argumentsAt >= 0)) {
      const name = text.slice(0, found.at).trim();
      const take = argumentsAt >= 0 ? argumentsAt + '[ARGS]'.length : brace;
      if (shared.isKnown(name))
        return { take, pieces: shared.begin(name), next: jsonArguments(shared, back) };
      return { take, pieces: shared.say(text.slice(0, take)), next: back };
    }
    return isEnd ? { take: text.length, next: back } : null;
  };
}

export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
