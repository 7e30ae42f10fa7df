import { memo, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { ErrorNote } from '../parts/error-note.tsx';
import { spanOf } from '../period.ts';
import { useUsage } from '../queries-usage.ts';
import { useCalendar } from '../use-calendar.ts';
import { useFormat, useNow } from '../use-format.ts';
import { dayIn, shiftDay } from '../zone.ts';
import styles from './today-panel.module.css';

const days = 14;

/** How many requests each of the last two weeks' days had; each bar says its number to whoever cannot see it. */
export const FortnightBars = memo(function TwoWeeks({ zone }: { readonly zone: string }): ReactNode {
  const { t } = useTranslation();
  const format = useFormat();
  const calendar = useCalendar();
  const today = dayIn(zone, useNow());
  const first = shiftDay(today, 1 - days);
  const query = useUsage(spanOf({ first, last: today }, zone), 'day');
  const counts = new Map((query.data?.rows ?? []).map(({ day, requests }) => [day, requests]));
  const shown = Array.from({ length: days }, (_, index) => {
    const day = shiftDay(first, index);
    return { day, requests: counts.get(day) ?? 0 };
  });
  const most = Math.max(1, ...shown.map(({ requests }) => requests));
  if (query.data === undefined) {
    return query.isError ? <ErrorNote error={query.error} onRetry={() => void query.refetch()} /> : null;
  }
  return (
    <div className={styles['part']}>
      <h3 className={styles['title']}>{t('today.fortnight')}</h3>
      <ol className={styles['bars']}>
        {shown.map(({ day, requests }) => {
          const said = t('today.onDay', {
            day: calendar.day(day),
            count: requests,
            shown: format.integer(requests),
          });
          return (
            <li key={day} className={styles['day']} title={said} data-is-empty={requests === 0 || undefined}>
              <span className={styles['bar']} style={{ blockSize: `${(requests / most) * 100}%` }} />
              <span className={styles['said']}>{said}</span>
            </li>
          );
        })}
      </ol>
      <p className={styles['axis']} aria-hidden>
        <span>{calendar.day(first)}</span>
        <span>{calendar.day(today)}</span>
      </p>
    </div>
  );
});
