import { TextInput } from '@mantine/core';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { Link, useSearchParams } from 'wouter';
import { periodNames, searchOf, type Period, type PeriodName } from '../period.ts';
import { isDay, type Day } from '../zone.ts';
import styles from './usage-period-bar.module.css';

type UsagePeriodBarProps = {
  readonly period: Period;
  readonly today: Day;
  readonly onChange: (period: Period) => void;
  /** At the right: how it is shown. */
  readonly children: ReactNode;
};

/** Which time: each is a link, so that a view can be kept and sent. */
export function UsagePeriodBar({ period, today, onChange, children }: UsagePeriodBarProps): ReactNode {
  const { t } = useTranslation();
  const [search] = useSearchParams();

  /** The present days are what a time of one's own begins with. */
  function addressOf(name: PeriodName): string {
    const next = new URLSearchParams(searchOf({ ...period, name }));
    if (search.get('as') === 'table') next.set('as', 'table');
    return next.size === 0 ? '/usage' : `/usage?${next}`;
  }

  return (
    <div className={styles['bar']}>
      <nav aria-label={t('usage.period')}>
        <ul className={styles['choices']}>
          {periodNames.map((name) => (
            <li key={name}>
              <Link
                href={addressOf(name)}
                className={styles['choice'] ?? ''}
                aria-current={name === period.name ? 'true' : undefined}
              >
                {t(`usage.periodName.${name}`)}
              </Link>
            </li>
          ))}
        </ul>
      </nav>
      {children}
      {period.name === 'custom' && <Days period={period} today={today} onChange={onChange} />}
    </div>
  );
}

function Days({ period, today, onChange }: Omit<UsagePeriodBarProps, 'children'>): ReactNode {
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
