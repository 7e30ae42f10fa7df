/**
 * JSON with comments and trailing commas, as editors and tools keep their settings: read with the place of everything, so
 * that one value can be set while every other byte stays.
 */
export type JsonNode = { readonly start: number; readonly end: number } & (
  | { readonly kind: 'object'; readonly members: readonly JsonMember[]; readonly hasTrailingComma: boolean }
  | { readonly kind: 'array'; readonly items: readonly JsonNode[] }
  | { readonly kind: 'value'; readonly value: string | number | boolean | null }
);
export type JsonMember = { readonly start: number; readonly key: string; readonly value: JsonNode };

/** Says where a text stops being JSON. */
export class JsonProblem extends Error {
  override readonly name = 'JsonProblem';
}

const deepest = 200;
const whiteSpace = /(?:[\s\ufeff]|\/\/[^\n\r]*|\/\*[\s\S]*?\*\/)*/y;
const plainValue = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null/y;
// Control characters stand in texts only as escapes (RFC 8259 §7).
// oxlint-disable-next-line no-control-regex
const quoted = /"(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"/y;

/** @throws JsonProblem */
export function parseJsonc(text: string): JsonNode {
  let at = 0;

  function take(pattern: RegExp): string | null {
    pattern.lastIndex = at;
    const found = pattern.exec(text)?.[0] ?? null;
    if (found !== null) at += found.length;
    return found;
  }
  function fail(what: string): never {
    const before = text.slice(0, at).split(/\r\n|\n|\r/);
    throw new JsonProblem(`${what} in line ${before.length}, column ${(before.at(-1)?.length ?? 0) + 1}`);
  }
  function takeString(): string {
    const found = take(quoted);
    return found === null ? fail('a text is missing or broken') : (JSON.parse(found) as string);
  }
  function readValue(depth: number): JsonNode {
    if (depth > deepest) fail('too many levels');
    const start = at;
    if (text[at] === '{') return readObject(start, depth);
    if (text[at] === '[') return readArray(start, depth);
    if (text[at] === '"') return { kind: 'value', value: takeString(), start, end: at };
    const found = take(plainValue);
    if (found === null) fail(at >= text.length ? 'the end comes too early' : 'this is no value');
    return { kind: 'value', value: JSON.parse(found) as number | boolean | null, start, end: at };
  }
  function readObject(start: number, depth: number): JsonNode {
    const members: JsonMember[] = [];
    const hasTrailingComma = readList('}', () => {
      const memberStart = at;
      const key = takeString();
      take(whiteSpace);
      if (text[at] !== ':') fail('a colon is missing');
      at += 1;
      take(whiteSpace);
      members.push({ start: memberStart, key, value: readValue(depth + 1) });
    });
    return { kind: 'object', members, hasTrailingComma, start, end: at };
  }
  function readArray(start: number, depth: number): JsonNode {
    const items: JsonNode[] = [];
    readList(']', () => items.push(readValue(depth + 1)));
    return { kind: 'array', items, start, end: at };
  }
  function readList(close: '}' | ']', readOne: () => void): boolean {
    at += 1;
    let hasComma = false;
    for (let count = 0; ; count += 1) {
      take(whiteSpace);
      if (text[at] === close) {
        at += 1;
        return hasComma;
      }
      if (count > 0 && !hasComma) fail('a comma is missing');
      readOne();
      take(whiteSpace);
      hasComma = text[at] === ',';
      if (hasComma) at += 1;
    }
  }

  take(whiteSpace);
  const root = readValue(0);
  take(whiteSpace);
  if (at < text.length) fail('there is something behind the end');
  return root;
}

/** What it says, as JSON.parse would give it. */
export function valueOf(node: JsonNode): unknown {
  switch (node.kind) {
    case 'value':
      return node.value;
    case 'array':
      return node.items.map(valueOf);
    case 'object':
      return Object.fromEntries(node.members.map(({ key, value }) => [key, valueOf(value)]));
  }
}

/**
 * The text with this value at this path: in place of the one there is, or at the end of its object, objects on the way
 * included. @throws JsonProblem where something on the way is no object
 */
export function setIn(text: string, path: readonly string[], value: unknown): string {
  let node = parseJsonc(text);
  for (const [depth, key] of path.entries()) {
    if (node.kind !== 'object') throw new JsonProblem(`“${path.slice(0, depth).join('.')}” is no object`);
    // Of several with the same name the last one counts.
    const member: JsonMember | undefined = node.members.findLast((candidate) => candidate.key === key);
    if (member === undefined) {
      const nested = path.slice(depth + 1).reduceRight<unknown>((inner, name) => ({ [name]: inner }), value);
      return insertMember(text, node, key, nested);
    }
    node = member.value;
  }
  return (
    text.slice(0, node.start) + rendered(text, value, indentOfLine(text, node.start)) + text.slice(node.end)
  );
}

function insertMember(
  text: string,
  object: JsonNode & { readonly kind: 'object' },
  key: string,
  value: unknown,
): string {
  const close = object.end - 1;
  const last = object.members.at(-1);
  // Where everything is on one line, it stays so; elsewhere each new member gets its own.
  const isOnOneLine = last !== undefined && !/[\n\r]/.test(text.trim());
  const outer = indentOfLine(text, object.start);
  const inner =
    last !== undefined && isFirstOfLine(text, last.start)
      ? indentOfLine(text, last.start)
      : outer + unitOf(text);
  const body = `${JSON.stringify(key)}: ${rendered(text, value, isOnOneLine ? outer : inner)}`;
  if (isOnOneLine) return `${text.slice(0, last.value.end)}, ${body}${text.slice(last.value.end)}`;
  // Comments before the brace stay where they are.
  const tail = object.start + 1 + text.slice(object.start + 1, close).trimEnd().length;
  const eol = eolOf(text);
  const head =
    last === undefined
      ? text.slice(0, tail)
      : text.slice(0, last.value.end) +
        (object.hasTrailingComma ? '' : ',') +
        text.slice(last.value.end, tail);
  return `${head}${eol}${inner}${body}${object.hasTrailingComma ? ',' : ''}${eol}${outer}${text.slice(close)}`;
}

function rendered(text: string, value: unknown, indent: string): string {
  return JSON.stringify(value, null, unitOf(text)).replaceAll('\n', `${eolOf(text)}${indent}`);
}

function indentOfLine(text: string, at: number): string {
  const start = Math.max(text.lastIndexOf('\n', at - 1), text.lastIndexOf('\r', at - 1)) + 1;
  return /^[ \t]*/.exec(text.slice(start, at))?.[0] ?? '';
}

function isFirstOfLine(text: string, at: number): boolean {
  return /(^|[\n\r])[ \t]*$/.test(text.slice(0, at));
}

/** What the first indented line is indented by. */
function unitOf(text: string): string {
  return /^[{[][^\n]*\r?\n([ \t]+)\S/.exec(text.trimStart())?.[1] ?? '  ';
}

export function eolOf(text: string): string {
  return text.includes('\r\n') ? '\r\n' : '\n';
}
