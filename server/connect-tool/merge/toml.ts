import { isDeepStrictEqual } from 'node:util';
import { parse, stringify } from 'smol-toml';
import { Untouched } from '../failures.ts';
import { isTree } from './json.ts';
import { eolOf } from './jsonc.ts';
import { scanToml, type TomlStatement } from './toml-scan.ts';

type Tree = Readonly<Record<string, unknown>>;

/** @throws Untouched with the reason */
export function readTomlSettings(text: string): Tree {
  try {
    return parse(text.replace(/^\ufeff/, ''));
  } catch (error) {
    const reason = error instanceof Error ? error.message.split('\n')[0] : String(error);
    throw new Untouched(`it is no TOML: ${reason?.replace(/^Invalid TOML document: /, '')}`);
  }
}

/**
 * The text with each wanted value set: in place of the one there is, at the end of its table, or in a table of its own at
 * the end. Everything else stays byte for byte. What comes out is read by the parser and must say exactly what was there
 * and what was wanted; tables in another notation (`features = { … }`) are therefore left alone. @throws Untouched
 */
export function mergeToml(existing: string | null, wantedText: string): string {
  if (existing === null || existing.trim() === '') return wantedText;
  const before = readTomlSettings(existing);
  const wanted = readTomlSettings(wantedText);
  const expected = structuredClone(before) as Record<string, unknown>;
  let text = existing;
  for (const [path, value] of leavesOf(wanted)) {
    if (isDeepStrictEqual(at(before, path), value)) continue;
    put(expected, path, value);
    text = setToml(text, path, value);
  }
  if (text === existing) return existing;
  let after: Tree | null = null;
  try {
    // Copied, as `expected` is: the parser's own objects have no prototype.
    after = structuredClone(readTomlSettings(text));
  } catch {
    // Told below.
  }
  if (!isDeepStrictEqual(after, expected)) {
    throw new Untouched('its tables are written in a way that this tool cannot change safely');
  }
  return text;
}

function setToml(text: string, path: readonly string[], value: unknown): string {
  const statements = scanToml(text);
  const eol = eolOf(text);
  const pair = statements.find(
    (one) => one.kind === 'pair' && isDeepStrictEqual([...one.table, ...one.key], path),
  );
  if (pair?.kind === 'pair')
    return text.slice(0, pair.valueStart) + valueText(value) + text.slice(pair.valueEnd);
  const table = path.slice(0, -1);
  const line = `${stringify({ [path.at(-1) ?? '']: value }).trim()}${eol}`;
  const end = endOfTable(text, statements, table);
  if (end !== null) return `${text.slice(0, end)}${startOfLine(text, end, eol)}${line}${text.slice(end)}`;
  const dotted = lastDotted(statements, table);
  if (dotted !== undefined) {
    const key = keyText(path.slice(dotted.table.length));
    return `${text.slice(0, dotted.end)}${startOfLine(text, dotted.end, eol)}${key} = ${valueText(value)}${eol}${text.slice(dotted.end)}`;
  }
  const header = `[${keyText(table)}]`;
  return `${text}${startOfLine(text, text.length, eol)}${eol}${header}${eol}${line}`;
}

/** The last of those that write this table as a part of their key (`features.web = true`); it may not be opened again then. */
function lastDotted(
  statements: readonly TomlStatement[],
  table: readonly string[],
): TomlStatement | undefined {
  return statements.findLast(
    (one) =>
      one.kind === 'pair' &&
      !one.isInArray &&
      one.table.length < table.length &&
      isDeepStrictEqual([...one.table, ...one.key].slice(0, -1).slice(0, table.length), table),
  );
}

function keyText(path: readonly string[]): string {
  return path.map((key) => stringify({ [key]: 0 }).split(' = ')[0]).join('.');
}

/** Where another line of this table may stand; null where there is no such table yet. */
function endOfTable(
  text: string,
  statements: readonly TomlStatement[],
  table: readonly string[],
): number | null {
  const own = statements.filter((one) => !one.isInArray && isDeepStrictEqual(one.table, table));
  const last = own.at(-1);
  if (last !== undefined) return last.end;
  if (table.length > 0) return null;
  // Behind a byte order mark.
  return text.startsWith('\ufeff') ? 1 : 0;
}

function startOfLine(text: string, at: number, eol: string): string {
  return at === 0 || /[\n\r\ufeff]/.test(text[at - 1] ?? '\n') ? '' : eol;
}

function valueText(value: unknown): string {
  return stringify({ value }).trim().slice('value = '.length);
}

function leavesOf(tree: Tree, path: readonly string[] = []): (readonly [readonly string[], unknown])[] {
  return Object.entries(tree).flatMap(([key, value]) =>
    isTree(value) && !(value instanceof Date)
      ? leavesOf(value, [...path, key])
      : [[[...path, key], value] as const],
  );
}

function at(value: unknown, path: readonly string[]): unknown {
  return path.reduce<unknown>((inner, key) => (isTree(inner) ? inner[key] : undefined), value);
}

function put(tree: Record<string, unknown>, path: readonly string[], leaf: unknown): void {
  const [key = '', ...rest] = path;
  if (rest.length === 0) tree[key] = leaf;
  else {
    if (!isTree(tree[key])) tree[key] = {};
    put(tree[key] as Record<string, unknown>, rest, leaf);
  }
}
