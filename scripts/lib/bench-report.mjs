// What the benchmarks have in common in how they are asked, shown and kept.
import { mkdirSync, writeFileSync } from 'node:fs';
import { loadavg } from 'node:os';
import { inRoot } from './project.mjs';

/**
 * @typedef {{ name: string, value: number, least?: number, most?: number }} Target
 * @typedef {{ summary: Record<string, unknown>, targets: readonly Target[] }} PartResult Spreads and ratios; more is saved only.
 */

/** Fewer rounds are a try, no result. */
export const leastRounds = 7;

/** @param {PartResult} result */
export function showPart({ summary, targets }) {
  for (const [name, value] of Object.entries(summary)) console.log(`  ${name}: ${inWords(value)}`);
  for (const target of targets) {
    const { name, value, least, most } = target;
    const goal = least === undefined ? `≤ ${most}` : `≥ ${least}`;
    console.log(`  ${isReached(target) ? 'reached' : 'MISSED '}  ${name}: ${value.toFixed(3)} (${goal})`);
  }
}

/** @param {Target} target */
export function isReached({ value, least, most }) {
  return (least === undefined || value >= least) && (most === undefined || value <= most);
}

/**
 * A spread as `median (least–most)`.
 * @param {unknown} value
 * @returns {string}
 */
function inWords(value) {
  if (typeof value === 'number') return value.toFixed(value < 10 ? 2 : 0);
  if (typeof value !== 'object' || value === null) return String(value);
  if ('median' in value && 'least' in value && 'most' in value) {
    const [middle, least, most] = [value.median, value.least, value.most].map(inWords);
    return `${middle} (${least}–${most})`;
  }
  return Object.entries(value)
    .map(([name, part]) => `${name} ${inWords(part)}`)
    .join(', ');
}

/**
 * Into bench-results/.
 * @param {string} bench
 * @param {object} everything
 */
export function saveResult(bench, everything) {
  const dir = inRoot('bench-results');
  mkdirSync(dir, { recursive: true });
  const name = `${bench}-${new Date().toISOString().replaceAll(/[:.]/gu, '-')}.json`;
  writeFileSync(`${dir}/${name}`, `${JSON.stringify(everything, null, 2)}\n`);
  console.log(`\nsaved bench-results/${name}`);
}

/**
 * @param {string} name
 * @param {string} text
 * @param {number} least
 */
export function atLeast(name, text, least) {
  const value = Number(text);
  if (!Number.isInteger(value) || value < least)
    throw new Error(`--${name} takes a whole number from ${least} on.`);
  return value;
}

export function loadNow() {
  return loadavg()
    .map((value) => value.toFixed(1))
    .join(' ');
}
