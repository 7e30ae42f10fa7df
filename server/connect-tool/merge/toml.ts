import { isDeepStrictEqual } from 'node:util';
import { parse as parseForPatch, patch } from '@decimalturn/toml-patch';
import { parse } from 'smol-toml';
import { Untouched } from '../failures.ts';
import { isTree } from './json.ts';

type Tree = Readonly<Record<string, unknown>>;

/** @throws Untouched with the reason */
export function readTomlSettings(text: string): Tree {
  try {
    return parse(withoutMark(text));
  } catch (error) {
    const reason = error instanceof Error ? error.message.split('\n')[0] : String(error);
    throw new Untouched(`it is no TOML: ${reason?.replace(/^Invalid TOML document: /, '')}`);
  }
}

/**
 * The text with each wanted value set; everything else stays byte for byte. What comes out is read by another parser and
 * must say exactly what was there and what was wanted. @throws Untouched
 */
export function mergeToml(existing: string | null, wantedText: string): string {
  if (existing === null || existing.trim() === '') return wantedText;
  // Copied: the parser's own objects have no prototype.
  const before = structuredClone(readTomlSettings(existing));
  const wanted = structuredClone(readTomlSettings(wantedText));
  const expected = withAll(before, wanted);
  if (isDeepStrictEqual(expected, before)) return existing;
  // The editor would make them all the same.
  if (/\r\n/.test(existing) && /(?<!\r)\n/.test(existing))
    throw new Untouched('some of its lines end as on Windows, others do not');
  const text = edited(existing, wanted);
  if (text === null || !isDeepStrictEqual(structuredClone(readTomlSettings(text)), expected))
    throw new Untouched('it is written in a way that this tool cannot change safely');
  return text;
}

/** Null where the editor does not manage. */
function edited(existing: string, wanted: Tree): string | null {
  try {
    // Tables within tables get lines of their own, however deep.
    return patch(existing, withAll(parseForPatch(withoutMark(existing)), wanted), { inlineTableStart: 99 });
  } catch {
    return null;
  }
}

function withAll(tree: Tree, wanted: Tree): Tree {
  const set = Object.entries(wanted).map(([key, value]) => {
    const there = tree[key];
    return [key, isTree(value) && isTree(there) ? withAll(there, value) : value] as const;
  });
  return { ...tree, ...Object.fromEntries(set) };
}

function withoutMark(text: string): string {
  return text.replace(/^\ufeff/, '');
}
