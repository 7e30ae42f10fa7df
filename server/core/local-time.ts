import type { Period } from './policy.ts';

/**
 * When the period that holds this moment ends, on the clocks of the time zone: always later than the moment, whatever
 * daylight saving does. Null for `total`.
 */
export function periodEnd(period: Period, nowMs: number, timeZone: string): number | null {
  const { year, month, day } = localDate(nowMs, timeZone);
  switch (period) {
    case 'day':
      return midnightOf({ year, month, day: day + 1 }, timeZone);
    case 'week': {
      // 1 for Monday … 7 for Sunday
      const weekday = new Date(Date.UTC(year, month - 1, day)).getUTCDay() || 7;
      return midnightOf({ year, month, day: day + 8 - weekday }, timeZone);
    }
    case 'month':
      return midnightOf({ year, month: month + 1, day: 1 }, timeZone);
    case 'total':
      return null;
  }
}

/**
 * The last moment, now or before, at which clocks of the zone showed this full hour (0 to 23), and the next one after now.
 */
export function aroundHour(
  hour: number,
  nowMs: number,
  timeZone: string,
): { readonly lastMs: number; readonly nextMs: number } {
  const { year, month, day } = localDate(nowMs, timeZone);
  const moments = [-1, 0, 1, 2].map((days) => momentOf({ year, month, day: day + days, hour }, timeZone));
  const past = moments.filter((timeMs) => timeMs <= nowMs);
  const future = moments.filter((timeMs) => timeMs > nowMs);
  return { lastMs: Math.max(...past), nextMs: Math.min(...future) };
}

/** What a course of time is cut into, on the clocks of a time zone. */
export const timeSteps = ['hour', 'day', 'week', 'month'] as const;
export type TimeStep = (typeof timeSteps)[number];

/** One step: from `startMs` up to, but not with, `endMs`; `label` as its clocks and calendar show its beginning. */
export type TimeSlice = { readonly startMs: number; readonly endMs: number; readonly label: string };

/**
 * Cuts a time at the midnights (or hours, Mondays, firsts of the month) of the zone. The first and last slice are cut to
 * the time itself; days with daylight saving have 23, 24, 25 hours, or whatever the zone decided.
 */
export function slicesOf(
  step: TimeStep,
  { fromMs, toMs }: { readonly fromMs: number; readonly toMs: number },
  timeZone: string,
): TimeSlice[] {
  const slices: TimeSlice[] = [];
  for (let startMs = fromMs; startMs < toMs;) {
    const endMs = Math.min(toMs, step === 'hour' ? hourEnd(startMs, timeZone) : end(step, startMs, timeZone));
    slices.push({ startMs, endMs, label: labelOf(step, startMs, timeZone) });
    startMs = endMs;
  }
  return slices;
}

function end(step: Exclude<TimeStep, 'hour'>, startMs: number, timeZone: string): number {
  return periodEnd(step, startMs, timeZone) ?? Number.POSITIVE_INFINITY;
}

function hourEnd(startMs: number, timeZone: string): number {
  const shownMs = startMs + offsetMs(startMs, timeZone);
  return startMs + hourMs - (((shownMs % hourMs) + hourMs) % hourMs);
}

/** `2026-11-23 14:00`, `2026-11-23` (a week's is its Monday), `2026-11`. */
function labelOf(step: TimeStep, startMs: number, timeZone: string): string {
  const shown = new Date(startMs + offsetMs(startMs, timeZone));
  if (step === 'week') shown.setUTCDate(shown.getUTCDate() - ((shown.getUTCDay() || 7) - 1));
  const text = shown.toISOString();
  switch (step) {
    case 'hour':
      return `${text.slice(0, 10)} ${text.slice(11, 13)}:00`;
    case 'day':
    case 'week':
      return text.slice(0, 10);
    case 'month':
      return text.slice(0, 7);
  }
}

const hourMs = 3_600_000;

/** Whether this program knows the time zone, by its name in the IANA database. */
export function isTimeZone(name: string): boolean {
  try {
    return formatOf(name) !== null;
  } catch {
    return false;
  }
}

/** A day of the calendar; months from 1. Numbers beyond a month or year count on into the next. */
type LocalDate = { readonly year: number; readonly month: number; readonly day: number };

/** When a day of the calendar begins in the zone. */
export function midnightOf(date: LocalDate, timeZone: string): number {
  return momentOf({ ...date, hour: 0 }, timeZone);
}

/**
 * The moment from which on clocks show this hour of this date. Where it is skipped, it is the moment of the leap; where it
 * comes twice, the last before which it was earlier: no moment after midnight has an earlier date (clocks set
 * from 0:00 back to 23:00), and none before it has the new one (Havana sets 1:00 back to 0:00).
 */
function momentOf(
  { year, month, day, hour }: LocalDate & { readonly hour: number },
  timeZone: string,
): number {
  const wantedMs = Date.UTC(year, month - 1, day, hour);
  const offsets = [wantedMs - dayMs, wantedMs + dayMs].map((timeMs) => offsetMs(timeMs, timeZone));
  const moments = offsets.map((offset) => wantedMs - offset);
  const shownAt = (timeMs: number): number => timeMs + offsetMs(timeMs, timeZone);
  const showing = moments.filter((timeMs) => shownAt(timeMs) === wantedMs && shownAt(timeMs - 1) < wantedMs);
  // By the clocks from before the leap, what is skipped is the moment of the leap itself, or as long after it.
  return showing.length === 0 ? (moments[0] ?? wantedMs) : Math.max(...showing);
}

/**
 * The moment at which clocks show so many minutes after the midnight that begins this date: 540 is nine o'clock whatever
 * daylight saving does, and 1,500 one o'clock of the day after. What comes twice is taken the first time or the last; what is
 * skipped is the moment of the leap.
 */
export function clockMoment(
  { year, month, day, minute }: LocalDate & { readonly minute: number },
  timeZone: string,
  which: 'first' | 'last',
): number {
  const wantedMs = Date.UTC(year, month - 1, day, 0, minute);
  const shownAt = (timeMs: number): number => timeMs + offsetMs(timeMs, timeZone);
  const offsets = [wantedMs - dayMs, wantedMs + dayMs].map((timeMs) => offsetMs(timeMs, timeZone));
  const moments = offsets.map((offset) => wantedMs - offset);
  const showing = moments.filter((timeMs) => shownAt(timeMs) === wantedMs);
  if (showing.length > 0) return which === 'first' ? Math.min(...showing) : Math.max(...showing);
  // Skipped: by the clocks of after the leap it lies before it, by those of before after it.
  let [beforeMs, afterMs] = [Math.min(...moments), Math.max(...moments)];
  while (afterMs - beforeMs > 1) {
    const middleMs = Math.floor((beforeMs + afterMs) / 2);
    if (shownAt(middleMs) < wantedMs) beforeMs = middleMs;
    else afterMs = middleMs;
  }
  return afterMs;
}

const dayMs = 86_400_000;

export function localDate(timeMs: number, timeZone: string): LocalDate {
  const shown = new Date(timeMs + offsetMs(timeMs, timeZone));
  return { year: shown.getUTCFullYear(), month: shown.getUTCMonth() + 1, day: shown.getUTCDate() };
}

/** How far the zone's clocks are ahead of UTC at that moment. */
function offsetMs(timeMs: number, timeZone: string): number {
  const shown: Partial<Record<Intl.DateTimeFormatPartTypes, number>> = {};
  for (const { type, value } of formatOf(timeZone).formatToParts(timeMs)) shown[type] = Number(value);
  const { year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = shown;
  return Date.UTC(year, month - 1, day, hour, minute, second) - Math.floor(timeMs / 1000) * 1000;
}

/** Making one costs a hundred times what using it does. */
const formats = new Map<string, Intl.DateTimeFormat>();

function formatOf(timeZone: string): Intl.DateTimeFormat {
  const known = formats.get(timeZone);
  if (known !== undefined) return known;
  const format = new Intl.DateTimeFormat('en-US-u-ca-gregory-nu-latn', {
    timeZone,
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  });
  formats.set(timeZone, format);
  return format;
}
