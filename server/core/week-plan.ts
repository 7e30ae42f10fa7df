import { clockMoment, localDate } from './local-time.ts';

/** Hours that come again every week, such as an office's, on the clocks of a time zone. */

/** Monday first, as an office's week goes. */
export const weekdays = ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun'] as const;
export type Weekday = (typeof weekdays)[number];

/** Minutes after the day's midnight; `to` may lie on the day after (up to 2,880), and is always later than `from`. */
export type DayHours = { readonly from: number; readonly to: number };
export type WeekPlan = Readonly<Record<Weekday, readonly DayHours[]>>;

const dayMinutes = 1440;
const mostHoursADay = 6;

/** Why a text is no plan; the message goes on after the name of the setting. */
export class WeekPlanFault extends Error {
  override readonly name = 'WeekPlanFault';
}

/**
 * Reads `Mon-Fri 08:00-18:00; Sat 09:00-13:00,14:00-16:00`. An end that is not later than its beginning is on the day after
 * (`Fri 22:00-06:00`); `00:00-24:00` is the whole day. A day that is not named is closed.
 * @throws WeekPlanFault
 */
export function parseWeekPlan(text: string): WeekPlan {
  const days = new Map<Weekday, DayHours[]>();
  for (const rule of text.split(';').map((part) => part.trim())) {
    if (rule === '') continue;
    const [named = '', ...rest] = rule.split(/\s+/u);
    const times = rest.join('');
    if (times === '')
      throw new WeekPlanFault(
        `days with their times, such as Mon-Fri 08:00-18:00; “${shown(rule)}” has no times`,
      );
    for (const day of parseDays(named)) days.set(day, [...(days.get(day) ?? []), ...parseTimes(times)]);
  }
  for (const [day, hours] of days) {
    if (hours.length > mostHoursADay)
      throw new WeekPlanFault(`at most ${mostHoursADay} times a day; ${day} has more`);
  }
  return weekOf((day) => (days.get(day) ?? []).toSorted((a, b) => a.from - b.from));
}

export function weekOf(hoursOf: (day: Weekday) => readonly DayHours[]): WeekPlan {
  return {
    Mon: hoursOf('Mon'),
    Tue: hoursOf('Tue'),
    Wed: hoursOf('Wed'),
    Thu: hoursOf('Thu'),
    Fri: hoursOf('Fri'),
    Sat: hoursOf('Sat'),
    Sun: hoursOf('Sun'),
  };
}

/** As `parseWeekPlan` reads it, days with the same times together. */
export function formatWeekPlan(plan: WeekPlan): string {
  const rules: { first: Weekday; last: Weekday; times: string }[] = [];
  for (const [index, day] of weekdays.entries()) {
    const times = plan[day].map(({ from, to }) => `${clock(from)}-${clock(to)}`).join(',');
    const before = rules.at(-1);
    if (times === '') continue;
    if (before !== undefined && before.times === times && before.last === weekdays[index - 1])
      before.last = day;
    else rules.push({ first: day, last: day, times });
  }
  return rules
    .map(({ first, last, times }) => `${first === last ? first : `${first}-${last}`} ${times}`)
    .join('; ');
}

export function isEmptyPlan(plan: WeekPlan): boolean {
  return weekdays.every((day) => plan[day].length === 0);
}

/** How a moment stands to the plan. Hours that touch are one. */
export type PlanStanding = {
  /** The hours that hold the moment; `endMs` null: they go on for as far as was looked. */
  readonly now: { readonly beginMs: number; readonly endMs: number | null } | null;
  /** When the next ones begin; null where none do within the next days. */
  readonly nextMs: number | null;
};

/** A week and what may hang over from before and into the next. */
const daysBack = 3;
const daysAhead = 9;

/**
 * Where clocks are set, hours begin and end when clocks show so: a beginning that comes twice is the first, an end that comes
 * twice the last, and what is skipped is the moment of the leap.
 */
export function standingAt(plan: WeekPlan, nowMs: number, timeZone: string): PlanStanding {
  const merged: { beginMs: number; endMs: number }[] = [];
  for (const span of spansAround(plan, nowMs, timeZone)) {
    const last = merged.at(-1);
    if (last !== undefined && span.beginMs <= last.endMs) last.endMs = Math.max(last.endMs, span.endMs);
    else merged.push({ ...span });
  }
  const now = merged.find(({ beginMs, endMs }) => beginMs <= nowMs && nowMs < endMs) ?? null;
  const next = merged.find(({ beginMs }) => beginMs > nowMs) ?? null;
  const isEndless = now !== null && now.endMs - nowMs > (daysAhead - 2) * 86_400_000;
  return {
    now: now === null ? null : { beginMs: now.beginMs, endMs: isEndless ? null : now.endMs },
    nextMs: next?.beginMs ?? null,
  };
}

function spansAround(
  plan: WeekPlan,
  nowMs: number,
  timeZone: string,
): { readonly beginMs: number; readonly endMs: number }[] {
  const today = localDate(nowMs, timeZone);
  const spans: { beginMs: number; endMs: number }[] = [];
  for (let offset = -daysBack; offset <= daysAhead; offset += 1) {
    const date = { ...today, day: today.day + offset };
    // Sunday is 0 there.
    const weekday = weekdays[(new Date(Date.UTC(date.year, date.month - 1, date.day)).getUTCDay() + 6) % 7];
    for (const { from, to } of weekday === undefined ? [] : plan[weekday]) {
      const beginMs = clockMoment({ ...date, minute: from }, timeZone, 'first');
      const endMs = clockMoment({ ...date, minute: to }, timeZone, 'last');
      if (beginMs < endMs) spans.push({ beginMs, endMs });
    }
  }
  return spans.toSorted((a, b) => a.beginMs - b.beginMs);
}

function parseDays(text: string): readonly Weekday[] {
  return text.split(',').flatMap((part) => {
    const [first = '', last = first, ...more] = part.split('-');
    const [from, to] = [dayOf(first), dayOf(last)];
    if (more.length > 0) throw new WeekPlanFault(`days such as Mon, or Mon-Fri; “${shown(part)}” is neither`);
    // Over the end of the week as well: Sat-Mon.
    const count = ((to - from + 7) % 7) + 1;
    return Array.from({ length: count }, (_, index) => weekdays[(from + index) % 7] ?? 'Mon');
  });
}

/** Also as they are written in German. */
const germanDays = ['mo', 'di', 'mi', 'do', 'fr', 'sa', 'so'];

function dayOf(text: string): number {
  const name = text.trim().toLowerCase();
  const index = weekdays.findIndex((day) => day.toLowerCase() === name.slice(0, 3) && name.length >= 3);
  const found = index >= 0 ? index : germanDays.indexOf(name);
  if (found >= 0) return found;
  throw new WeekPlanFault(`days by the names ${weekdays.join(' ')}; “${shown(text)}” is none of them`);
}

function parseTimes(text: string): readonly DayHours[] {
  return text.split(',').map((part) => {
    const [, from, to] = /^(\d{1,2}:\d{2})[-–](\d{1,2}:\d{2})$/u.exec(part) ?? [];
    const [begin, end] = [minutesOf(from), minutesOf(to)];
    if (begin === null || end === null || begin === dayMinutes) {
      throw new WeekPlanFault(`times such as 08:00-18:00; “${shown(part)}” is not one`);
    }
    return { from: begin, to: end > begin ? end : end + dayMinutes };
  });
}

function minutesOf(text: string | undefined): number | null {
  const [hours = NaN, minutes = NaN] = (text ?? '').split(':').map(Number);
  const total = hours * 60 + minutes;
  return minutes < 60 && total <= dayMinutes ? total : null;
}

/** `26:00` is the day after's 02:00. */
function clock(minutes: number): string {
  const ofDay = minutes > dayMinutes ? minutes - dayMinutes : minutes;
  return `${String(Math.floor(ofDay / 60)).padStart(2, '0')}:${String(ofDay % 60).padStart(2, '0')}`;
}

function shown(text: string): string {
  return text.trim().slice(0, 40);
}
