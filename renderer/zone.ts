/** Days of the calendar in the server's time zone, which need not be the browser's. */

/** A day as `2026-11-23`. */
export type Day = string;

const dayMs = 86_400_000;

/** Which day it is there. */
export function dayIn(zone: string, moment: Date): Day {
  return new Date(moment.getTime() + offsetMs(zone, moment)).toISOString().slice(0, 10);
}

export function shiftDay(day: Day, days: number): Day {
  return new Date(Date.parse(`${day}T00:00:00Z`) + days * dayMs).toISOString().slice(0, 10);
}

/** How many days from the first to the last, both counted. */
export function daysBetween(first: Day, last: Day): number {
  return Math.round((Date.parse(last) - Date.parse(first)) / dayMs) + 1;
}

export function isDay(text: string | null): text is Day {
  if (text === null || !/^\d{4}-\d\d-\d\d$/.test(text)) return false;
  const ms = Date.parse(`${text}T00:00:00Z`);
  return !Number.isNaN(ms) && new Date(ms).toISOString().startsWith(text);
}

/** The first moment of the day there: where the clocks leave out midnight, the moment that they go on with. */
export function beginOfDay(zone: string, day: Day): Date {
  const shown = Date.parse(`${day}T00:00:00Z`);
  // Clocks are changed at most once in these two days, so one of the two offsets is that of the day's beginning.
  const moments = [shown - dayMs, shown + dayMs]
    .map((near) => shown - offsetMs(zone, new Date(near)))
    .filter((ms) => dayIn(zone, new Date(ms)) === day);
  return new Date(moments.length === 0 ? shown : Math.min(...moments));
}

/** How far the clocks there are ahead of UTC. */
function offsetMs(zone: string, moment: Date): number {
  const parts = new Map(
    clockOf(zone)
      .formatToParts(moment)
      .map(({ type, value }) => [type, value]),
  );
  const part = (type: Intl.DateTimeFormatPartTypes): number => Number(parts.get(type) ?? 0);
  const shown = Date.UTC(
    part('year'),
    part('month') - 1,
    part('day'),
    part('hour'),
    part('minute'),
    part('second'),
  );
  return shown - Math.floor(moment.getTime() / 1000) * 1000;
}

const clocks = new Map<string, Intl.DateTimeFormat>();

function clockOf(zone: string): Intl.DateTimeFormat {
  const known = clocks.get(zone);
  if (known !== undefined) return known;
  const clock = new Intl.DateTimeFormat('en', {
    timeZone: zone,
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  });
  clocks.set(zone, clock);
  return clock;
}
