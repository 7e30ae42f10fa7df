import { parseArgs } from 'node:util';
import { UsageError } from './failures.mjs';

/**
 * What a command takes. `flags`: name → what its value is called in the help (`''` for a switch; with `…` at its end it
 * may be given several times, which is one list).
 * `later`: flags of the contract whose feature does not exist yet.
 * @typedef {{
 *   flags?: Record<string, string>,
 *   later?: readonly string[],
 *   arguments?: readonly string[],
 * }} Shape
 *
 * @typedef {Record<string, { type: 'string' | 'boolean', multiple: boolean }>} Options
 * @typedef {{ values: Record<string, string | undefined>, switches: Set<string>, args: string[] }} Parsed
 */

/**
 * @param {string[]} words
 * @param {Shape} shape
 * @returns {Parsed}
 */
export function parseFlags(words, shape) {
  refuseLater(words, shape.later ?? []);
  const flags = { json: '', ...shape.flags };
  /** @type {Options} */
  const options = {};
  for (const [name, value] of Object.entries(flags)) {
    options[name] = { type: value === '' ? 'boolean' : 'string', multiple: value.endsWith('…') };
  }
  const { values, positionals } = parse(words, options);
  const expected = shape.arguments ?? [];
  const missing = expected[positionals.length];
  if (missing !== undefined) throw new UsageError(`${missing} is missing.`);
  if (positionals.length > expected.length) {
    throw new UsageError(`"${positionals[expected.length]}" is one word too many; quote names with spaces.`);
  }
  /** @type {Parsed} */
  const parsed = { values: {}, switches: new Set(), args: positionals };
  for (const [name, value] of Object.entries(values)) {
    if (value === true) parsed.switches.add(name);
    else if (typeof value === 'string') parsed.values[name] = value;
    else if (Array.isArray(value)) parsed.values[name] = value.join(',');
  }
  return parsed;
}

/**
 * @param {string[]} words
 * @param {Options} options
 */
function parse(words, options) {
  try {
    return parseArgs({ args: words, options, allowPositionals: true, strict: true });
  } catch (error) {
    const { message } = /** @type {Error} */ (error);
    // Node adds a hint about `--` after the first sentence.
    throw new UsageError(`${message.split('. ')[0]?.replace(/\.$/, '')}.`);
  }
}

/**
 * @param {string[]} words
 * @param {readonly string[]} later
 */
function refuseLater(words, later) {
  for (const word of words) {
    if (word === '--') return;
    const name = word.startsWith('--') ? word.slice(2).split('=')[0] : '';
    if (name && later.includes(name)) {
      throw new UsageError(
        `--${name} comes with a later version; this one does not have what it sets. Nothing was done.`,
      );
    }
  }
}

/**
 * A comma-separated list without empty entries.
 * @param {string} text
 * @returns {string[]}
 */
export function parseList(text) {
  return text
    .split(',')
    .map((entry) => entry.trim())
    .filter((entry) => entry !== '');
}

/**
 * @param {string} name
 * @param {string} text
 * @param {{ min: number, max: number }} range
 * @returns {number}
 */
export function parseCount(name, text, { min, max }) {
  const count = Number(text);
  if (/^\d+$/.test(text) && count >= min && count <= max) return count;
  throw new UsageError(`--${name} takes a whole number from ${min} to ${max}.`);
}
