import { isDeepStrictEqual } from 'node:util';
import { Untouched } from '../failures.ts';
import { eolOf, readJsonc, setIn } from './jsonc.ts';

/** What of the wanted settings is set as one piece, and what only where there is nothing. */
export type JsonRule = {
  readonly whole: readonly (readonly string[])[];
  readonly onlyIfMissing: readonly string[];
  /** Leaves one piece as it is where these say the same. */
  readonly isSame?: (there: unknown, wanted: unknown) => boolean;
};

type Tree = Readonly<Record<string, unknown>>;

/** @throws Untouched with the reason, for what is no JSON with comments, or no object */
export function readJsonSettings(text: string): Tree {
  const value = readJsonc(text);
  if (!isTree(value)) throw new Untouched('it holds no JSON object');
  return value;
}

/** The text with the wanted settings in it; the very same text where they are all there. @throws Untouched */
export function mergeJson(existing: string | null, wanted: Tree, rule: JsonRule): string {
  if (existing === null || existing.trim() === '') return `${JSON.stringify(wanted, null, 2)}\n`;
  let text = existing;
  const before = readJsonSettings(existing);
  const expected: unknown = structuredClone(before);
  for (const path of pathsOf(wanted, rule)) {
    const value = at(wanted, path);
    const there = at(before, path);
    const isThere = there !== undefined;
    if (isThere && rule.onlyIfMissing.includes(path.join('.'))) continue;
    if (isThere && (rule.isSame ?? isDeepStrictEqual)(there, value)) continue;
    text = setIn(text, path, value);
    put(expected, path, value);
  }
  if (!isDeepStrictEqual(readJsonSettings(text), expected)) {
    throw new Untouched('it is written in a way that this tool cannot change safely');
  }
  return text === existing ? existing : text.replaceAll(/\r?\n/g, eolOf(existing));
}

/** Leaves, and pieces that are set as a whole. */
function pathsOf(value: unknown, rule: JsonRule, path: readonly string[] = []): (readonly string[])[] {
  const isWhole = rule.whole.some((whole) => isDeepStrictEqual(whole, path));
  if (isWhole || !isTree(value) || Object.keys(value).length === 0) return [path];
  return Object.entries(value).flatMap(([key, child]) => pathsOf(child, rule, [...path, key]));
}

function at(value: unknown, path: readonly string[]): unknown {
  return path.reduce<unknown>(
    (inner, key) => (isTree(inner) && Object.hasOwn(inner, key) ? inner[key] : undefined),
    value,
  );
}

function put(value: unknown, path: readonly string[], leaf: unknown): void {
  const [key, ...rest] = path;
  if (key === undefined || !isTree(value)) return;
  const tree = value as Record<string, unknown>;
  if (rest.length === 0) tree[key] = leaf;
  else {
    if (!isTree(tree[key])) tree[key] = {};
    put(tree[key], rest, leaf);
  }
}

export function isTree(value: unknown): value is Tree {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
