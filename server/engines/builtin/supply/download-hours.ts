import type { DailyHours } from '../../../core/download.ts';

const minuteMs = 60_000;
const dayMinutes = 24 * 60;

/** Whether it is the hour for it, by this computer's clock. The same beginning and end is the whole day. */
export function isWithinHours({ fromMinute, untilMinute }: DailyHours, nowMs: number): boolean {
  if (fromMinute === untilMinute) return true;
  const minute = minuteOfDay(nowMs);
  return fromMinute < untilMinute
    ? fromMinute <= minute && minute < untilMinute
    : fromMinute <= minute || minute < untilMinute;
}

/** How long until that may be another: to the beginning or the end, whichever is next. */
export function msUntilHoursTurn({ fromMinute, untilMinute }: DailyHours, nowMs: number): number {
  const minute = minuteOfDay(nowMs);
  const untilNext = [fromMinute, untilMinute].map(
    (turn) => (turn - minute + dayMinutes) % dayMinutes || dayMinutes,
  );
  return Math.min(...untilNext) * minuteMs - (nowMs % minuteMs);
}

function minuteOfDay(nowMs: number): number {
  const now = new Date(nowMs);
  return now.getHours() * 60 + now.getMinutes();
}
