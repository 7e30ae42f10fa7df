import {
  getNodeValue,
  parseTree,
  printParseErrorCode,
  stripComments,
  type Node,
  type ParseError,
} from 'jsonc-parser';
import { Untouched } from '../failures.ts';

/**
 * JSON with comments and trailing commas, as editors and tools keep their settings. The library reads it and says where
 * everything stands; its own `modify` is not used, since it lays out the lines around a change anew, and what was said of
 * one setting stands behind another afterwards. Here one value is set, and every other byte stays.
 */

/** What it says, as JSON.parse would give it. @throws Untouched, saying where it stops being JSON */
export function readJsonc(text: string): unknown {
  // Copied: the library's own objects have no prototype.
  return structuredClone(getNodeValue(parseJsonc(text)) as unknown);
}

/**
 * The text with this value at this path: in place of the one there is, or at the end of its object, objects on the way
 * included. @throws Untouched where something on the way is no object
 */
export function setIn(text: string, path: readonly string[], value: unknown): string {
  let node = parseJsonc(text);
  for (const [depth, key] of path.entries()) {
    if (node.type !== 'object') throw new Untouched(`“${path.slice(0, depth).join('.')}” is no object`);
    const there = valueOfMember(node, key);
    if (there === undefined) {
      const nested = path.slice(depth + 1).reduceRight<unknown>((inner, name) => ({ [name]: inner }), value);
      return insertMember(text, node, [key, nested]);
    }
    node = there;
  }
  return (
    text.slice(0, node.offset) +
    rendered(text, value, indentOfLine(text, node.offset)) +
    text.slice(endOf(node))
  );
}

function parseJsonc(text: string): Node {
  const errors: ParseError[] = [];
  // A byte order mark counts as a space, so that every place stays what it is.
  const root = parseTree(text.replace(/^\ufeff/, ' '), errors, { allowTrailingComma: true });
  const [first] = errors;
  if (first !== undefined) throw new Untouched(`it is no JSON: ${wordsOf(text, first)}`);
  if (root === undefined) throw new Untouched('it is no JSON: there is nothing in it');
  return root;
}

/** The library's names are words: `ColonExpected`. */
function wordsOf(text: string, { error, offset }: ParseError): string {
  const before = text.slice(0, offset).split('\n');
  const what = printParseErrorCode(error)
    .replaceAll(/(?<=.)[A-Z]/g, (letter) => ` ${letter}`)
    .toLowerCase();
  return `${what} in line ${before.length}, column ${(before.at(-1)?.length ?? 0) + 1}`;
}

/** Of several with the same name the last one counts. */
function valueOfMember(object: Node, key: string): Node | undefined {
  return object.children?.findLast(({ children }) => children?.[0]?.value === key)?.children?.[1];
}

function insertMember(text: string, object: Node, [key, value]: readonly [string, unknown]): string {
  const close = endOf(object) - 1;
  const last = object.children?.at(-1);
  // Where everything is on one line, it stays so; elsewhere each new member gets its own.
  const isOnOneLine = last !== undefined && !/[\n\r]/.test(text.trim());
  const outer = indentOfLine(text, object.offset);
  const inner =
    last !== undefined && isFirstOfLine(text, last.offset)
      ? indentOfLine(text, last.offset)
      : outer + unitOf(text);
  const body = `${JSON.stringify(key)}: ${rendered(text, value, isOnOneLine ? outer : inner)}`;
  const lastEnd = last === undefined ? object.offset + 1 : endOf(last);
  if (isOnOneLine) return `${text.slice(0, lastEnd)}, ${body}${text.slice(lastEnd)}`;
  const rest = text.slice(lastEnd, close);
  const hasTrailingComma = stripComments(rest).includes(',');
  const comma = last === undefined || hasTrailingComma ? '' : ',';
  const eol = eolOf(text);
  // Comments before the brace stay where they are.
  return `${text.slice(0, lastEnd)}${comma}${rest.trimEnd()}${eol}${inner}${body}${hasTrailingComma ? ',' : ''}${eol}${outer}${text.slice(close)}`;
}

function endOf({ offset, length }: Node): number {
  return offset + length;
}

function rendered(text: string, value: unknown, indent: string): string {
  return JSON.stringify(value, null, unitOf(text)).replaceAll('\n', `${eolOf(text)}${indent}`);
}

function indentOfLine(text: string, at: number): string {
  return /^[ \t]*/.exec(text.slice(text.lastIndexOf('\n', at - 1) + 1, at))?.[0] ?? '';
}

function isFirstOfLine(text: string, at: number): boolean {
  return /(^|\n)[ \t]*$/.test(text.slice(0, at));
}

/** What the first indented line is indented by. */
function unitOf(text: string): string {
  return /^[{[][^\n]*\r?\n([ \t]+)\S/.exec(text.trimStart())?.[1] ?? '  ';
}

export function eolOf(text: string): string {
  return text.includes('\r\n') ? '\r\n' : '\n';
}
