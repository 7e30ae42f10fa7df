import { createHash } from 'node:crypto';
import { join, resolve, sep } from 'node:path';
import { splitPartOf } from '../life/model-names.ts';

const longestName = 120;
/** Device names of Windows, with or without an ending. */
const windowsDevices = /^(con|prn|aux|nul|com\d|lpt\d)(\.|$)/i;

/**
 * The last part of a path or address as a file name that means the same on every system: ASCII letters, digits,
 * `.`, `_` and `-`, not beginning with a dot, ending in `.gguf`. What else it may have meant does not matter.
 */
export function safeFileName(text: string): string {
  const last = text.split(/[\\/]/).at(-1) ?? '';
  const split = splitPartOf(last);
  const ending = split === null ? '.gguf' : (/-\d{5}-of-\d{5}\.gguf$/i.exec(last)?.[0] ?? '.gguf');
  const stem = last.toLowerCase().endsWith(ending.toLowerCase()) ? last.slice(0, -ending.length) : last;
  return safeWord(stem).slice(0, longestName) + ending.toLowerCase();
}

/** One folder name out of anything. */
export function safeWord(text: string): string {
  const word = text
    .normalize('NFKD')
    .replaceAll(/[^A-Za-z0-9._-]+/g, '-')
    .replaceAll(/\.{2,}/g, '.')
    .replaceAll(/^[-.]+|[-.]+$/g, '')
    .slice(0, longestName);
  if (word === '') return 'model';
  return windowsDevices.test(word) ? `model-${word}` : word;
}

/** `publisher--repository`, and the branch if it is not the usual one. */
export function hubFolder(repo: string, branch: string): string {
  const folder = repo.split('/').map(safeWord).join('--');
  return branch === 'main' ? folder : `${folder}--${safeWord(branch)}`;
}

/** One folder for each folder of each server, so that files of one name do not meet. */
export function urlFolder(url: URL): string {
  const folder = url.origin + url.pathname.replace(/[^/]*$/, '') + url.search;
  const mark = createHash('sha256').update(folder).digest('hex').slice(0, 8);
  return `${safeWord(url.host)}-${mark}`;
}

/** Below the folder and nowhere else; throws where somebody forgot to make the name safe. */
export function pathWithin(folder: string, relative: string): string {
  const root = resolve(folder);
  const path = join(root, relative);
  if (!path.startsWith(root + sep)) throw new Error('A file name leads out of its folder.');
  return path;
}
