import { beginOfDay, dayIn, daysBetween, isDay, shiftDay, type Day } from './zone.ts';

/** Which time the page of usage is about; it is in the address. */

export const periodNames = ['today', '7d', '30d', 'month', 'year', 'custom'] as const;
export type PeriodName = (typeof periodNames)[number];

/** Both days are in it. */
export type Period = { readonly name: PeriodName; readonly first: Day; readonly last: Day };

export type Step = 'hour' | 'day' | 'week' | 'month';

/** What the address says; what it says wrongly is the usual, seven days. */
export function periodOf(search: URLSearchParams, today: Day): Period {
  const name = periodNames.find((known) => known === search.get('period')) ?? '7d';
  const [from, to] = [search.get('from'), search.get('to')];
  switch (name) {
    case 'today':
      return { name, first: today, last: today };
    case '7d':
      return { name, first: shiftDay(today, -6), last: today };
    case '30d':
      return { name, first: shiftDay(today, -29), last: today };
    case 'month':
      return { name, first: `${today.slice(0, 7)}-01`, last: today };
    case 'year':
      return { name, first: `${today.slice(0, 4)}-01-01`, last: today };
    case 'custom': {
      const first = isDay(from) ? from : shiftDay(today, -6);
      const last = isDay(to) && to >= first ? to : first > today ? first : today;
      return { name, first, last };
    }
    default:
      return name satisfies never;
  }
}

/** What goes into the address. */
export function searchOf(period: Period): string {
  const search = new URLSearchParams({ period: period.name });
  if (period.name === 'custom') {
    search.set('from', period.first);
    search.set('to', period.last);
  }
  return `?${search}`;
}

/** So many that a chart can be read. */
export function stepOf({ first, last }: Period): Step {
  const days = daysBetween(first, last);
  if (days <= 2) return 'hour';
  if (days <= 62) return 'day';
  return days <= 186 ? 'week' : 'month';
}

/** From its first moment up to, but not with, the end. */
export type Span = { readonly from: string; readonly to: string };

export function spanOf({ first, last }: Pick<Period, 'first' | 'last'>, zone: string): Span {
  return {
    from: beginOfDay(zone, first).toISOString(),
    to: beginOfDay(zone, shiftDay(last, 1)).toISOString(),
  };
}

/** The time of one step, for the requests behind it: its own, cut to the period's. */
export function stepSpan(
  start: string,
  { step, zone, whole }: { readonly step: Step; readonly zone: string; readonly whole: Span },
): Span {
  const end = endOfStep(start, step, zone);
  return { from: start, to: end < whole.to ? end : whole.to };
}

const hourMs = 3_600_000;

function endOfStep(start: string, step: Step, zone: string): string {
  const moment = new Date(start);
  if (step === 'hour') return new Date(moment.getTime() + hourMs).toISOString();
  const day = dayIn(zone, moment);
  return beginOfDay(zone, endDay(day, step)).toISOString();
}

function endDay(day: Day, step: Exclude<Step, 'hour'>): Day {
  if (step === 'day') return shiftDay(day, 1);
  const date = new Date(`${day}T00:00:00Z`);
  // 1 for Monday … 7 for Sunday
  if (step === 'week') return shiftDay(day, 8 - (date.getUTCDay() || 7));
  return new Date(Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1, 1)).toISOString().slice(0, 10);
}
