import { useMemo } from 'react';
import { useFormat } from './use-format.ts';
import type { Step } from './period.ts';
import type { Day } from './zone.ts';

/** Days and months of a calendar, as the office reads them; no time zone plays a part any more. */
export function useCalendar() {
  const { locale } = useFormat();
  return useMemo(() => createCalendar(locale), [locale]);
}

function createCalendar(locale: string) {
  const utc = { timeZone: 'UTC' } as const;
  const short = new Intl.DateTimeFormat(locale, { ...utc, day: 'numeric', month: 'short' });
  const long = new Intl.DateTimeFormat(locale, { ...utc, dateStyle: 'medium' });
  const month = new Intl.DateTimeFormat(locale, { ...utc, month: 'short', year: 'numeric' });
  const dateOf = (day: Day): Date => new Date(`${day}T00:00:00Z`);
  const monthOf = (text: string): string => month.format(dateOf(`${text}-01`));
  return {
    day: (day: Day) => long.format(dateOf(day)),
    month: monthOf,
    range: (first: Day, last: Day) => long.formatRange(dateOf(first), dateOf(last)),

    /** The server's label of a step: `2026-11-23 14:00`, `2026-11-23`, `2026-11`. */
    step(label: string, step: Step): string {
      switch (step) {
        case 'hour':
          return label.slice(11);
        case 'day':
        case 'week':
          return short.format(dateOf(label));
        case 'month':
          return monthOf(label);
        default:
          return step satisfies never;
      }
    },
  };
}
