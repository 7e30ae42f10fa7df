import { UsageError } from './failures.mjs';

const unitsMs = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 };
const farthestMs = Date.UTC(9999, 11, 31);

/**
 * When a key ends, as ISO time in UTC. A span (`30d 12h 90s`) counts from now; a date is its whole day, so the
 * key still works on it, in this computer's time zone.
 * @param {string} text
 * @param {number} nowMs
 * @param {string} [flag]
 * @returns {string}
 */
export function parseExpiry(text, nowMs, flag = 'expires') {
  const spanMs = parseSpan(text);
  const day = parseDay(text);
  const timeMs = spanMs === null ? (day?.endMs ?? parseMoment(text)) : nowMs + spanMs;
  if (timeMs === null || timeMs > farthestMs) {
    throw new UsageError(`--${flag} takes a span like 30d, 12h or 90s, or a date like 2027-01-31.`);
  }
  if (timeMs <= nowMs) throw new UsageError(`--${flag} lies in the past.`);
  return new Date(timeMs).toISOString();
}

/**
 * A length of time in whole seconds; `0` is none.
 * @param {string} text
 * @param {string} flag
 * @returns {number}
 */
export function parseSeconds(text, flag) {
  const spanMs = text === '0' ? 0 : parseSpan(text);
  if (spanMs === null) throw new UsageError(`--${flag} takes a span like 24h, 30m or 7d, or 0.`);
  return spanMs / 1000;
}

/**
 * From when on, as ISO time in UTC. A span (`2h`) counts back from now; a date begins with its day.
 * @param {string} text
 * @param {number} nowMs
 * @returns {string}
 */
export function parseSince(text, nowMs) {
  const spanMs = parseSpan(text);
  const day = parseDay(text);
  const timeMs = spanMs === null ? (day?.startMs ?? parseMoment(text)) : nowMs - spanMs;
  if (timeMs !== null && timeMs >= 0) return new Date(timeMs).toISOString();
  throw new UsageError(
    '--since takes a span like 2h or 7d, a date like 2026-11-22, or a time like 2026-11-22T09:00.',
  );
}

/**
 * @param {string} text
 * @returns {number | null}
 */
function parseSpan(text) {
  const [, count, unit] = /^(\d{1,9})([smhdw])$/.exec(text) ?? [];
  if (count === undefined || unit === undefined) return null;
  return Number(count) * unitsMs[/** @type {keyof typeof unitsMs} */ (unit)];
}

/**
 * @param {string} text
 * @returns {{ startMs: number, endMs: number } | null}
 */
function parseDay(text) {
  const [, year, month, day] = /^(\d{4})-(\d\d)-(\d\d)$/.exec(text) ?? [];
  if (year === undefined) return null;
  const start = new Date(Number(year), Number(month) - 1, Number(day));
  // 2027-02-30 would silently become the second of March.
  if (start.getMonth() !== Number(month) - 1 || start.getDate() !== Number(day)) return null;
  const next = new Date(Number(year), Number(month) - 1, Number(day) + 1);
  return { startMs: start.getTime(), endMs: next.getTime() - 1 };
}

/**
 * @param {string} text
 * @returns {number | null}
 */
function parseMoment(text) {
  if (!/^\d{4}-\d\d-\d\d[T ]\d\d:\d\d/.test(text)) return null;
  const timeMs = Date.parse(text);
  return Number.isNaN(timeMs) ? null : timeMs;
}
