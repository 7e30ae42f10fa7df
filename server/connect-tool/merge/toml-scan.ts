/**
 * Where the lines of a TOML text begin and end: headers of tables, and pairs with the place of their value. It knows as
 * much of the language as that needs (texts of several lines, lists, comments); the text was parsed before.
 */
export type TomlStatement = {
  /** Behind its line break. */
  readonly end: number;
  /** The table it belongs to, or opens. */
  readonly table: readonly string[];
  /** Within `[[…]]`, of which there are several. */
  readonly isInArray: boolean;
} & (
  | { readonly kind: 'header' }
  | {
      readonly kind: 'pair';
      readonly key: readonly string[];
      readonly valueStart: number;
      readonly valueEnd: number;
    }
);

const blank = /(?:[ \t\r\n\ufeff]|#[^\n]*)*/y;
const keyPart = /[ \t]*(?:([A-Za-z0-9_-]+)|"((?:[^"\\\n]|\\.)*)"|'([^'\n]*)')[ \t]*/y;
const wholeText = /"""[\s\S]*?(?<!\\)"""+|'''[\s\S]*?'''+|"(?:[^"\\\n]|\\.)*"|'[^'\n]*'/y;

export function scanToml(text: string): TomlStatement[] {
  const statements: TomlStatement[] = [];
  let table: readonly string[] = [];
  let isInArray = false;
  let at = skip(text, 0, blank);
  while (at < text.length) {
    if (text[at] === '[') {
      isInArray = text[at + 1] === '[';
      const path = keyAt(text, at + (isInArray ? 2 : 1));
      table = path.key;
      const end = endOfLine(text, path.end);
      statements.push({ kind: 'header', table, isInArray, end });
      at = skip(text, end, blank);
      continue;
    }
    const { key, end: equals } = keyAt(text, at);
    const valueStart = skip(text, equals + 1, /[ \t]*/y);
    const valueEnd = endOfValue(text, valueStart);
    const end = endOfLine(text, valueEnd);
    statements.push({ kind: 'pair', key, table, isInArray, valueStart, valueEnd, end });
    // Never standing still, whatever the text is.
    at = skip(text, Math.max(end, at + 1), blank);
  }
  return statements;
}

function keyAt(text: string, start: number): { readonly key: readonly string[]; readonly end: number } {
  const key: string[] = [];
  let at = start;
  for (;;) {
    keyPart.lastIndex = at;
    const found = keyPart.exec(text);
    if (found === null) return { key, end: at };
    key.push(found[1] ?? (found[2] === undefined ? (found[3] ?? '') : unescaped(found[2])));
    at += found[0].length;
    if (text[at] !== '.') return { key, end: at };
    at += 1;
  }
}

function unescaped(text: string): string {
  try {
    return JSON.parse(`"${text}"`) as string;
  } catch {
    // An escape that JSON does not have: then it is none of our keys.
    return text;
  }
}

function endOfValue(text: string, start: number): number {
  let depth = 0;
  let end = start;
  for (let at = start; at < text.length;) {
    const character = text[at] ?? '';
    if (character === '#') at = skip(text, at, /[^\n]*/y);
    else if (character === '\n' && depth <= 0) break;
    else if (character === '"' || character === "'") at = end = Math.max(skip(text, at, wholeText), at + 1);
    else {
      if (character === '[' || character === '{') depth += 1;
      if (character === ']' || character === '}') depth -= 1;
      at += 1;
      if (!/\s/.test(character)) end = at;
    }
  }
  return end;
}

function endOfLine(text: string, at: number): number {
  const end = text.indexOf('\n', at);
  return end === -1 ? text.length : end + 1;
}

function skip(text: string, at: number, pattern: RegExp): number {
  pattern.lastIndex = at;
  return at + (pattern.exec(text)?.[0].length ?? 0);
}
