import type { Period } from './policy.ts';

/**
 * When the period that holds this moment ends, on the clocks of the time zone: always later than the moment, whatever
 * daylight saving does. Null for `total`.
 */
export function periodEnd(period: Period, nowMs: number, timeZone: string): number | null {
  const { year, month, day } = localDate(nowMs, timeZone);
  switch (period) {
    case 'day':
      return midnight({ year, month, day: day + 1 }, timeZone);
    case 'week': {
      // 1 for Monday … 7 for Sunday
      const weekday = new Date(Date.UTC(year, month - 1, day)).getUTCDay() || 7;
      return midnight({ year, month, day: day + 8 - weekday }, timeZone);
    }
    case 'month':
      return midnight({ year, month: month + 1, day: 1 }, timeZone);
    case 'total':
      return null;
  }
}

/** A day of the calendar; months from 1. Numbers beyond a month or year count on into the next. */
type LocalDate = { readonly year: number; readonly month: number; readonly day: number };

/**
 * The moment from which on clocks show this date. Where midnight is skipped, it is the moment of the leap; where it
 * comes twice, the second, so that no later moment has an earlier date.
 */
function midnight({ year, month, day }: LocalDate, timeZone: string): number {
  const wantedMs = Date.UTC(year, month - 1, day);
  const offsets = [wantedMs - dayMs, wantedMs + dayMs].map((timeMs) => offsetMs(timeMs, timeZone));
  const moments = offsets.map((offset) => wantedMs - offset);
  const showing = moments.filter((timeMs) => timeMs + offsetMs(timeMs, timeZone) === wantedMs);
  // By the clocks from before the leap, midnight is the moment of the leap itself.
  return showing.length === 0 ? (moments[0] ?? wantedMs) : Math.max(...showing);
}

const dayMs = 86_400_000;

function localDate(timeMs: number, timeZone: string): LocalDate {
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
