// What the built console weighs on its way to a browser, and whether that is more than it may be.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { filesUnder } from './files.mjs';

/** Sentences come in one file for each language, of which a browser fetches one. */
const languages = ['english', 'german'];
/** Lies beside the console and is no page of it: teammates fetch this program with curl. */
const noPage = new Set(['connect.mjs', '.stamp']);

/**
 * @typedef {object} ConsoleSize In bytes, compressed by gzip.
 * @property {string} name How a person would say it.
 * @property {string[]} files What is in it, below the folder.
 * @property {number} bytes
 * @property {number} mostBytes
 */

/**
 * What is fetched before the first page of the console stands, in the language that weighs more; each of the two small
 * pages; and everything that a browser may ever fetch, in every language.
 * @param {string} folder `dist/renderer`, or one that is not there yet.
 * @returns {{ first: ConsoleSize, pairing: ConsoleSize, ownPage: ConsoleSize, total: ConsoleSize }}
 */
export function consoleSizes(folder) {
  const all = filesUnder(folder)
    .map((file) => file.replaceAll('\\', '/'))
    .filter((file) => !noPage.has(file));
  const firsts = languages.map((language) => {
    const own = all.find((file) => file.startsWith(`assets/${language}-`) && file.endsWith('.js'));
    if (own === undefined) throw new Error(`The console has been built without a file for ${language}.`);
    return weigh(folder, withImports(folder, ['index.html', own]));
  });
  const [first] = firsts.toSorted((one, other) => other.bytes - one.bytes);
  if (first === undefined) throw new Error('The console speaks no language.');
  return {
    first: { name: 'the first load', ...first, mostBytes: 400_000 },
    pairing: { name: 'the pairing page', ...page(folder, 'pair.html'), mostBytes: 120_000 },
    ownPage: { name: 'the page of teammates', ...page(folder, 'me.html'), mostBytes: 120_000 },
    total: { name: 'everything together', ...weigh(folder, all), mostBytes: 750_000 },
  };
}

/**
 * A sentence for each figure that is over its limit.
 * @param {ReturnType<typeof consoleSizes>} sizes
 */
export function oversize(sizes) {
  return Object.values(sizes)
    .filter(({ bytes, mostBytes }) => bytes > mostBytes)
    .map(
      ({ name, bytes, mostBytes }) =>
        `Of the console, ${name} is ${inKilobytes(bytes - mostBytes)} too large: ${inKilobytes(bytes)} compressed, ` +
        `where ${inKilobytes(mostBytes)} are allowed.`,
    );
}

/** @param {number} bytes */
function inKilobytes(bytes) {
  return `${(bytes / 1000).toFixed(1)} kB`;
}

/**
 * @param {string} folder
 * @param {string} html
 */
function page(folder, html) {
  return weigh(folder, withImports(folder, [html]));
}

/**
 * With all that these files make a browser fetch at once: what a page names, and what scripts import of each other.
 * @param {string} folder
 * @param {readonly string[]} begin
 */
function withImports(folder, begin) {
  const found = new Set(begin);
  for (const file of found) {
    if (!/\.(?:html|js)$/u.test(file)) continue;
    const text = readFileSync(join(folder, file), 'utf8');
    const named = file.endsWith('.html')
      ? text.matchAll(/\/console\/(assets\/[^"]+)"/gu)
      : text.matchAll(/\b(?:from|import)\s*["'`]\.\/([^"'`]+)["'`]/gu);
    for (const [, name = ''] of named) found.add(file.endsWith('.html') ? name : `assets/${name}`);
  }
  return [...found];
}

/**
 * @param {string} folder
 * @param {readonly string[]} files
 */
function weigh(folder, files) {
  const bytes = files.reduce((sum, file) => sum + gzipSync(readFileSync(join(folder, file))).byteLength, 0);
  return { files: [...files], bytes };
}
