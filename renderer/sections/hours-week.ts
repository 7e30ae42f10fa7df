/** The office's hours, as the server writes them, apart by days and together again. */

export const weekdays = ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun'] as const;
export type Weekday = (typeof weekdays)[number];
/** As time fields have them, `08:00`; empty while it is not given. Until `00:00` is until midnight. */
export type DayTime = { readonly from: string; readonly to: string };
/** A day without any is closed. */
export type WeekTimes = Readonly<Record<Weekday, readonly DayTime[]>>;

const closed: WeekTimes = { Mon: [], Tue: [], Wed: [], Thu: [], Fri: [], Sat: [], Sun: [] };
const midnight = { field: '00:00', server: '24:00' } as const;

/** Of the one form that the server gives back: `Mon-Fri 08:00-18:00; Sat 09:00-13:00,14:00-16:00`. */
export function timesOfWeek(week: string | null): WeekTimes {
  let times = closed;
  for (const rule of (week ?? '').split(';').filter((part) => part.trim() !== '')) {
    const [named = '', list = ''] = rule.trim().split(' ');
    const [first = '', last = first] = named.split('-');
    const [from, to] = [first, last].map((day) => weekdays.findIndex((known) => known === day));
    for (const day of weekdays.slice(from, (to ?? 0) + 1))
      times = { ...times, [day]: list.split(',').map(timeOf) };
  }
  return times;
}

function timeOf(text: string): DayTime {
  const [from = '', to = ''] = text.split('-');
  return { from, to: to === midnight.server ? midnight.field : to };
}

/** Null where every day is closed; whether the times may stand together is the server's to say. */
export function weekOfTimes(times: WeekTimes): string | null {
  const rules = weekdays.flatMap((day) => {
    const given = times[day].filter(({ from, to }) => from !== '' && to !== '');
    const list = given.map(({ from, to }) => `${from}-${to === midnight.field ? midnight.server : to}`);
    return list.length === 0 ? [] : [`${day} ${list.join(',')}`];
  });
  return rules.length === 0 ? null : rules.join('; ');
}

/** Whether one of the two is missing. */
export function isHalf({ from, to }: DayTime): boolean {
  return (from === '') !== (to === '');
}

/** The day with a pause in its last time: at noon, where that lies within. */
export function withBreak(day: readonly DayTime[]): readonly DayTime[] {
  const last = day.at(-1);
  const end = last?.to === midnight.field ? midnight.server : (last?.to ?? '');
  if (last === undefined || last.from >= '12:00' || end <= '13:00') return [...day, { from: '', to: '' }];
  return [...day.slice(0, -1), { from: last.from, to: '12:00' }, { from: '13:00', to: last.to }];
}
