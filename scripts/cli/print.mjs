/** C0, DEL, C1, line separators, and marks that turn the direction of text: names may hold anything. */
// oxlint-disable-next-line no-control-regex
const controls = /[\u0000-\u001f\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/g;

/**
 * Text that cannot steer the terminal.
 * @param {string | number | boolean | null | undefined} value
 * @returns {string}
 */
export function plain(value) {
  if (value === null || value === undefined) return '–';
  return String(value).replaceAll(
    controls,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

/** @typedef {string | number | boolean | null | undefined} Cell */

/** @param {string} line */
export function print(line) {
  process.stdout.write(`${line}\n`);
}

/** @param {string} line */
export function warn(line) {
  process.stderr.write(`${plain(line)}\n`);
}

/** @param {unknown} value */
export function printJson(value) {
  print(JSON.stringify(value, null, 2));
}

/**
 * Aligned columns; numbers stand to the right.
 * @param {Record<string, (row: any) => Cell>} columns heading → cell
 * @param {readonly any[]} rows
 * @param {string} whenEmpty
 */
export function printTable(columns, rows, whenEmpty) {
  if (rows.length === 0) return print(whenEmpty);
  const headings = Object.keys(columns);
  const cells = Object.values(columns).map((cell) => rows.map((row) => cell(row)));
  const texts = cells.map((column) => column.map(plain));
  const widths = headings.map((heading, index) =>
    Math.max(widthOf(heading), ...(texts[index] ?? []).map(widthOf)),
  );
  const isNumeric = cells.map((column) => {
    const known = column.filter((cell) => cell !== null);
    return known.length > 0 && known.every((cell) => typeof cell === 'number');
  });
  /** @param {(index: number) => string} textOf */
  const line = (textOf) =>
    headings
      .map((_, index) => pad(textOf(index), widths[index] ?? 0, isNumeric[index] === true))
      .join('  ')
      .trimEnd();
  print(line((index) => headings[index] ?? ''));
  for (const row of rows.keys()) print(line((index) => texts[index]?.[row] ?? ''));
}

/**
 * One thing, a line for each of its parts.
 * @param {Record<string, Cell>} parts
 */
export function printParts(parts) {
  const width = Math.max(...Object.keys(parts).map((name) => name.length));
  for (const [name, value] of Object.entries(parts)) print(`${name.padEnd(width)}  ${plain(value)}`);
}

/**
 * @param {string | null} iso
 * @returns {string | null} in this computer's time zone, to the second
 */
export function localTime(iso) {
  if (iso === null) return null;
  const time = new Date(iso);
  const two = (/** @type {number} */ part) => String(part).padStart(2, '0');
  const date = [time.getFullYear(), two(time.getMonth() + 1), two(time.getDate())].join('-');
  return `${date} ${[time.getHours(), time.getMinutes(), time.getSeconds()].map(two).join(':')}`;
}

/**
 * @param {number} bytes
 * @returns {string}
 */
export function size(bytes) {
  const units = ['B', 'kB', 'MB', 'GB', 'TB'];
  const power = bytes < 1 ? 0 : Math.min(units.length - 1, Math.floor(Math.log10(bytes) / 3));
  const scaled = bytes / 1000 ** power;
  return `${scaled.toFixed(power === 0 || scaled >= 100 ? 0 : 1)} ${units[power]}`;
}

/**
 * @param {string} text
 * @param {number} width
 * @param {boolean} toTheRight
 */
function pad(text, width, toTheRight) {
  const space = ' '.repeat(Math.max(0, width - widthOf(text)));
  return toTheRight ? space + text : text + space;
}

/**
 * Columns on a terminal; East Asian characters and emoji take two.
 * @param {string} text
 */
function widthOf(text) {
  let width = 0;
  for (const character of text) {
    if (/\p{Mn}/u.test(character)) continue;
    width +=
      /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60]|\p{Emoji_Presentation}/u.test(
        character,
      )
        ? 2
        : 1;
  }
  return width;
}
