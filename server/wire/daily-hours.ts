import { z } from 'zod';

/** `22:00-06:00`: hours of each day, as settings and forms hold them. */
export const dailyHoursText = z
  .string('a text')
  .trim()
  .regex(/^([01]\d|2[0-3]):[0-5]\d-([01]\d|2[0-3]):[0-5]\d$/, 'hours like 22:00-06:00');

type DailyHours = { readonly fromMinute: number; readonly untilMinute: number };

/** Of a text that is one of these. */
export function readHours(text: string): DailyHours {
  const [from = 0, until = 0] = text.split('-').map((time) => {
    const [hour = 0, minute = 0] = time.split(':').map(Number);
    return hour * 60 + minute;
  });
  return { fromMinute: from, untilMinute: until };
}

export function hoursInWords(hours: DailyHours | null): string | null {
  return hours === null ? null : `${timeOf(hours.fromMinute)}-${timeOf(hours.untilMinute)}`;
}

function timeOf(minute: number): string {
  return [Math.floor(minute / 60), minute % 60].map((part) => String(part).padStart(2, '0')).join(':');
}
