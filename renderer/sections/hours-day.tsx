import { Button, TextInput } from '@mantine/core';
import { Plus, X } from 'lucide-react';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { IconButton } from '../parts/icon-button.tsx';
import { isHalf, withBreak, type DayTime, type Weekday } from './hours-week.ts';
import styles from './hours-panel.module.css';

/** As many as the server takes. */
const mostTimes = 6;

type HoursDayProps = {
  readonly day: Weekday;
  readonly times: readonly DayTime[];
  /** Whether to say what is missing. */
  readonly isChecked: boolean;
  readonly onChange: (times: readonly DayTime[]) => void;
};

/** When the office opens and closes on one day, with its breaks. */
export function HoursDay({ day, times, isChecked, onChange }: HoursDayProps): ReactNode {
  const { t } = useTranslation();
  const name = t(`hours.day.${day}`);
  const shown = times.length === 0 ? [{ from: '', to: '' }] : times;
  const isWhole = times.length > 0 && times.every(({ from, to }) => from !== '' && to !== '');

  function set(index: number, part: Partial<DayTime>): void {
    const next = shown.map((time, at) => (at === index ? { ...time, ...part } : time));
    onChange(next.length === 1 && next.every(({ from, to }) => from === '' && to === '') ? [] : next);
  }
  return (
    <fieldset className={styles['day']}>
      <legend className={styles['legend']}>
        {name} {times.length === 0 && <span className={styles['closed']}>{t('hours.dayClosed')}</span>}
      </legend>
      {shown.map((time, index) => (
        // A time has no name but its place, and none is moved.
        // oxlint-disable-next-line react/no-array-index-key
        <div key={index} className={styles['time']}>
          <TextInput
            type="time"
            label={t('hours.from')}
            value={time.from}
            error={isChecked && isHalf(time) && time.from === '' ? t('hours.bothTimes') : null}
            onChange={({ currentTarget: { value } }) => set(index, { from: value })}
          />
          <TextInput
            type="time"
            label={t('hours.to')}
            value={time.to}
            error={isChecked && isHalf(time) && time.to === '' ? t('hours.bothTimes') : null}
            onChange={({ currentTarget: { value } }) => set(index, { to: value })}
          />
          {times.length > 0 && (
            <IconButton
              label={t('hours.remove', { day: name, number: index + 1 })}
              icon={<X size={16} aria-hidden />}
              onClick={() => onChange(times.filter((_, at) => at !== index))}
            />
          )}
        </div>
      ))}
      {isWhole && times.length < mostTimes && (
        <div>
          <Button
            variant="subtle"
            size="xs"
            leftSection={<Plus size={14} aria-hidden />}
            aria-label={t('hours.addBreakWhat', { day: name })}
            onClick={() => onChange(withBreak(times))}
          >
            {t('hours.addBreak')}
          </Button>
        </div>
      )}
    </fieldset>
  );
}
