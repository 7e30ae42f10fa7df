import { Button, NumberInput, Switch } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { useState, type FormEvent, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { mostPreloadMinutes } from '../../server/wire/hours.ts';
import type { SettingRecord } from '../../server/wire/settings.ts';
import { currentLanguage } from '../i18n.ts';
import { ErrorNote } from '../parts/error-note.tsx';
import { Note } from '../parts/note.tsx';
import { Panel } from '../parts/panel.tsx';
import { QueryView } from '../parts/query-view.tsx';
import { useOwner } from '../queries-owner.ts';
import { useSetSettings, useSettings } from '../queries.ts';
import { useFormat, useNow } from '../use-format.ts';
import { useUnsaved } from '../unsaved.ts';
import { HoursDay } from './hours-day.tsx';
import { HoursModels } from './hours-models.tsx';
import { isHalf, timesOfWeek, weekdays, weekOfTimes, type WeekTimes } from './hours-week.ts';
import styles from './hours-panel.module.css';

/** When the office is at work: its models are there before it is, and the computer does not sleep meanwhile. */
export function HoursPanel(): ReactNode {
  const { t } = useTranslation();
  const query = useSettings();
  return (
    <Panel title={t('hours.title')}>
      <div className={styles['body']}>
        <p className={styles['lead']}>{t('hours.lead')}</p>
        <HoursState />
        <QueryView query={query}>
          {(settings) => {
            const kept = keptHours(settings);
            return <HoursForm key={JSON.stringify(kept)} kept={kept} />;
          }}
        </QueryView>
      </div>
    </Panel>
  );
}

function HoursState(): ReactNode {
  const { t } = useTranslation();
  const format = useFormat();
  const now = useNow();
  const hours = useOwner().data?.hours;
  if (hours === undefined || hours.open === null) return null;
  const { open, until, next, models, awake, timeZone } = hours;
  const standing = open
    ? until === null
      ? t('hours.always')
      : t('hours.open', { until: format.moment(until, now) })
    : t('hours.closed', { next: next === null ? '–' : format.moment(next, now) });
  return (
    <>
      <p className={styles['lead']} role="status">
        {standing} {t('hours.zone', { timeZone })}{' '}
        {models.length > 0 && t('hours.loads', { models: models.join(', ') })}
      </p>
      {(awake.phase === 'on' || awake.phase === 'app') && <Note tone="ok">{t('hours.awakeNow')}</Note>}
      {awake.problem !== null && <Note tone="attention">{awake.problem[currentLanguage()]}</Note>}
    </>
  );
}

type Hours = {
  readonly times: WeekTimes;
  readonly preloadMinutes: number | string;
  readonly models: readonly string[];
  readonly keepAwake: boolean;
  /** Empty: as the models' own settings say. */
  readonly unloadAfterMinutes: number | string;
};

function keptHours(settings: readonly SettingRecord[]): Hours {
  const valueOf = (name: string) =>
    settings.find((setting) => setting.name === `hours.${name}`)?.value ?? null;
  const week = valueOf('week');
  return {
    times: timesOfWeek(typeof week === 'string' ? week : null),
    preloadMinutes: Number(valueOf('preloadMinutes')),
    models: String(valueOf('models') ?? '')
      .split(',')
      .map((name) => name.trim())
      .filter((name) => name !== ''),
    keepAwake: valueOf('keepAwake') === true,
    unloadAfterMinutes: valueOf('unloadAfterMinutes') === null ? '' : Number(valueOf('unloadAfterMinutes')),
  };
}

function HoursForm({ kept }: { readonly kept: Hours }): ReactNode {
  const { t } = useTranslation();
  const set = useSetSettings();
  const [hours, setHours] = useState(kept);
  const [isChecked, setIsChecked] = useState(false);
  const isChanged = JSON.stringify(hours) !== JSON.stringify(kept);
  useUnsaved(isChanged);
  const change = (part: Partial<Hours>): void => setHours({ ...hours, ...part });
  const { times, preloadMinutes, models, keepAwake, unloadAfterMinutes } = hours;

  function save(event: FormEvent): void {
    event.preventDefault();
    setIsChecked(true);
    if (!isChanged || weekdays.some((day) => times[day].some(isHalf))) return;
    const wanted = [
      { name: 'hours.preloadMinutes', value: Number(preloadMinutes) },
      { name: 'hours.models', value: models.join(', ') },
      { name: 'hours.keepAwake', value: keepAwake },
      {
        name: 'hours.unloadAfterMinutes',
        value: unloadAfterMinutes === '' ? null : Number(unloadAfterMinutes),
      },
      // Last: with it the others begin to count.
      { name: 'hours.week', value: weekOfTimes(times) },
    ];
    set.mutate(wanted, { onSuccess: () => void notifications.show({ message: t('hours.saved') }) });
  }
  return (
    <form className={styles['body']} onSubmit={save} noValidate>
      <p className={styles['lead']}>{t('hours.times')}</p>
      <div className={styles['days']}>
        {weekdays.map((day) => (
          <HoursDay
            key={day}
            day={day}
            times={times[day]}
            isChecked={isChecked}
            onChange={(of) => change({ times: { ...times, [day]: of } })}
          />
        ))}
      </div>
      <div>
        <Button
          variant="subtle"
          disabled={times.Mon.length === 0}
          onClick={() => {
            const { Mon } = times;
            change({ times: { ...times, Tue: Mon, Wed: Mon, Thu: Mon, Fri: Mon } });
          }}
        >
          {t('hours.sameAsMonday')}
        </Button>
      </div>
      <NumberInput
        label={t('hours.preload')}
        min={0}
        max={mostPreloadMinutes}
        allowDecimal={false}
        value={preloadMinutes}
        onChange={(value) => change({ preloadMinutes: value })}
      />
      <HoursModels value={models} onChange={(chosen) => change({ models: chosen })} />
      <NumberInput
        label={t('hours.unload')}
        description={t('hours.unloadMeans')}
        min={0}
        max={1440}
        allowDecimal={false}
        value={unloadAfterMinutes}
        onChange={(value) => change({ unloadAfterMinutes: value })}
      />
      <Switch
        label={t('hours.keepAwake')}
        description={t('hours.keepAwakeMeans')}
        checked={keepAwake}
        onChange={({ currentTarget: { checked } }) => change({ keepAwake: checked })}
      />
      <div>
        <Button type="submit" loading={set.isPending} disabled={!isChanged}>
          {t('hours.save')}
        </Button>
      </div>
      {set.error !== null && <ErrorNote error={set.error} />}
    </form>
  );
}
