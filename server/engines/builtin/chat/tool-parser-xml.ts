import type { TypeName } from '../grammar/json-schema-branches.ts';
import { isRecord } from '../grammar/json-schema-branches.ts';
import { parseJson, untilMark } from './tool-parser-json.ts';
import type { ParserShared } from './tool-parser-shared.ts';
import { findMark, partialMarkStart, type State } from './tool-scanner.ts';

const parameterEnd = '</parameter>';

/**
 * Qwen3-Coder's form: `<function=name>`, then `<parameter=key>` elements with a line end on both sides of each value,
 * texts as they are and everything else as JSON. The arguments' JSON text is written on the way.
 */
export function xmlCalls(shared: ParserShared, back: State): State {
  return (text, isEnd) => {
    const found = /^\s*<function=([^>\n]*)>/.exec(text);
    if (found !== null) {
      const name = (found[1] ?? '').trim();
      if (!shared.isKnown(name)) return { take: found[0].length, pieces: shared.say(found[0]), next: back };
      return {
        take: found[0].length,
        pieces: [...shared.begin(name), ...shared.more('{')],
        next: parameters(shared, name, back),
      };
    }
    const begin = text.trimStart();
    const mayCome =
      '<function='.startsWith(begin) || (begin.startsWith('<function=') && !begin.includes('\n'));
    // Broken off before the name was whole, there is nothing to show.
    if (mayCome) return isEnd ? { take: text.length, next: back } : null;
    const take = isEnd ? text.length : text.length - begin.length + 1;
    return { take, pieces: shared.say(text.slice(0, take)), next: back };
  };
}

function parameters(shared: ParserShared, tool: string, back: State): State {
  let count = 0;
  const state: State = (text, isEnd) => {
    const found = /^\s*<parameter=([^>\n]*)>\n?/.exec(text);
    // The line end after the mark may still be on its way.
    if (found !== null && (found[0].endsWith('\n') || found[0].length < text.length || isEnd)) {
      const key = found[1] ?? '';
      const lead = `${count === 0 ? '' : ','}${JSON.stringify(key)}:`;
      count += 1;
      const types = shared.options.parameterTypes(tool, key);
      // So is one that the schema does not name.
      const isText = types.every((type) => type === 'string');
      return {
        take: found[0].length,
        pieces: shared.more(isText ? `${lead}"` : lead),
        next: isText ? textValue(shared, state) : otherValue(shared, types, state),
      };
    }
    const mark = findMark(text, ['</function>', '</tool_call>']);
    if (mark !== null || isEnd) {
      const take = mark === null ? text.length : mark.at + mark.mark.length;
      const next = mark?.mark === '</function>' ? closing(back) : back;
      return { take, pieces: shared.more('}'), next: isEnd && mark === null ? ended : next };
    }
    return null;
  };
  return state;
}

/** `</tool_call>` follows, unless the model has left both out. */
function closing(back: State): State {
  return (text, isEnd) => {
    const begin = text.trimStart();
    if (begin.startsWith('</tool_call>')) return { take: 0, next: untilMark('</tool_call>', back) };
    if ('</tool_call>'.startsWith(begin) && !isEnd) return null;
    return { take: 0, next: back };
  };
}

const ended: State = (text) => (text === '' ? null : { take: text.length });

/** A text streams, all but the line end that belongs to the form. */
function textValue(shared: ParserShared, next: State): State {
  const inner = (text: string): string => JSON.stringify(text).slice(1, -1);
  return (text, isEnd) => {
    const end = text.indexOf(parameterEnd);
    if (end >= 0) {
      const value = text.slice(0, end).replace(/\n$/, '');
      return { take: end + parameterEnd.length, pieces: shared.more(`${inner(value)}"`), next };
    }
    if (isEnd) return { take: text.length, pieces: shared.more(inner(text)), next: ended };
    const safe = partialMarkStart(text, [`\n${parameterEnd}`, parameterEnd]);
    // Not between the two halves of a character.
    const whole = /[\uD800-\uDBFF]$/.test(text.slice(0, safe)) ? safe - 1 : safe;
    return whole <= 0 ? null : { take: whole, pieces: shared.more(inner(text.slice(0, whole))) };
  };
}

/** Told apart only when it is whole: JSON of a type that the schema allows, else a text. */
function otherValue(shared: ParserShared, types: readonly TypeName[], next: State): State {
  return (text, isEnd) => {
    const end = text.indexOf(parameterEnd);
    if (end < 0) return isEnd ? { take: text.length, next: ended } : null;
    const raw = text.slice(0, end).replace(/\n$/, '');
    const value = parseJson(raw.trim());
    const isOther = value !== undefined && types.some((type) => type !== 'string' && isOfType(value, type));
    const written =
      isOther || (value !== undefined && !types.includes('string')) ? raw.trim() : JSON.stringify(raw);
    return { take: end + parameterEnd.length, pieces: shared.more(written), next };
  };
}

function isOfType(value: unknown, type: TypeName): boolean {
  if (type === 'null') return value === null;
  if (type === 'array') return Array.isArray(value);
  if (type === 'object') return isRecord(value);
  if (type === 'integer') return Number.isInteger(value);
  return typeof value === type;
}
