import { TextInput } from '@mantine/core';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { useLocation, useSearchParams } from 'wouter';
import { ChoiceLinks } from '../parts/choice-links.tsx';
import { periodNames, periodOf, type Period, type PeriodName } from '../period.ts';
import { searchAt, withSearch, type NamedTime } from '../request-filters.ts';
import { useNow } from '../use-format.ts';
import { dayIn, isDay } from '../zone.ts';
import styles from './usage-period-bar.module.css';

type UsagePeriodBarProps = {
  /** Null: all times. */
  readonly time: NamedTime | null;
  readonly zone: string;
  readonly mayBeAlways: boolean;
};

/** Which time: each is a link, so that a view can be kept and sent. */
export function UsagePeriodBar({ time, zone, mayBeAlways }: UsagePeriodBarProps): ReactNode {
  const { t } = useTranslation();
  const now = useNow();
  const [path] = useLocation();
  const [search, setSearch] = useSearchParams();
  const today = dayIn(zone, now);
  // The days that are shown are what a time of one's own begins with.
  const shown = time?.period ?? periodOf(new URLSearchParams(), today);
  const current = time === null ? 'always' : time.isExact ? null : time.period.name;
  const addressOf = (name: PeriodName | 'always'): string =>
    withSearch(path, searchAt(search, name === 'always' ? null : { ...shown, name }));
  const names = [...(mayBeAlways ? (['always'] as const) : []), ...periodNames];
  return (
    <div className={styles['bar']}>
      <nav aria-label={t('usage.period')}>
        <ChoiceLinks
          choices={names.map((name) => ({
            name: t(`usage.periodName.${name}`),
            href: addressOf(name),
            isCurrent: name === current,
          }))}
        />
      </nav>
      {current === 'custom' && (
        <Days period={shown} today={today} onChange={(period) => setSearch(searchAt(search, period))} />
      )}
    </div>
  );
}

type DaysProps = {
  readonly period: Period;
  readonly today: string;
  readonly onChange: (period: Period) => void;
};

function Days({ period, today, onChange }: DaysProps): ReactNode {
  const { t } = useTranslation();
  const { first, last } = period;
  return (
    <div className={styles['days']}>
      <TextInput
        type="date"
        label={t('usage.from')}
        value={first}
        max={today}
        onChange={({ currentTarget: { value } }) => {
          if (isDay(value)) onChange({ name: 'custom', first: value, last: value > last ? value : last });
        }}
      />
      <TextInput
        type="date"
        label={t('usage.to')}
        value={last}
        max={today}
        onChange={({ currentTarget: { value } }) => {
          if (isDay(value)) onChange({ name: 'custom', first: value < first ? value : first, last: value });
        }}
      />
    </div>
  );
}
