import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import type { WireLogRow } from '../../server/wire/admin.ts';
import { useFormat } from '../use-format.ts';
import styles from './request-timeline.module.css';

type Phase = { readonly name: 'queue' | 'load' | 'reading' | 'writing' | 'ended'; readonly ms: number };

/** Where the time went: waiting, loading the model, reading the prompt, writing the answer. */
export function RequestTimeline({ row }: { readonly row: WireLogRow }): ReactNode {
  const { t } = useTranslation();
  const format = useFormat();
  const phases = phasesOf(row);
  return (
    <div>
      <div className={styles['bar']} aria-hidden>
        {phases.map(({ name, ms }) => (
          <span key={name} className={styles['part']} data-phase={name} style={{ flexGrow: ms }} />
        ))}
      </div>
      <dl className={styles['legend']}>
        {phases.map(({ name, ms }) => (
          <div key={name} className={styles['entry']}>
            <dt>
              <span className={styles['dot']} data-phase={name} aria-hidden />
              {t(`phase.${name}`)}
            </dt>
            <dd>{format.duration(ms)}</dd>
          </div>
        ))}
        <div className={styles['entry']}>
          <dt>{t('request.firstToken')}</dt>
          <dd>{format.duration(row.firstTokenMs)}</dd>
        </div>
        <div className={styles['entry']}>
          <dt>{t('request.total')}</dt>
          <dd>{format.duration(row.totalMs)}</dd>
        </div>
      </dl>
    </div>
  );
}

/** `firstTokenMs` counts from arrival, so what is left of it after queue and load was spent on the prompt. */
function phasesOf(row: WireLogRow): readonly Phase[] {
  const before = row.queueMs + row.loadMs;
  const begun: readonly Phase[] = [
    { name: 'queue', ms: row.queueMs },
    { name: 'load', ms: row.loadMs },
  ];
  if (row.firstTokenMs === null) return [...begun, { name: 'ended', ms: Math.max(0, row.totalMs - before) }];
  return [
    ...begun,
    { name: 'reading', ms: Math.max(0, row.firstTokenMs - before) },
    { name: 'writing', ms: Math.max(0, row.totalMs - row.firstTokenMs) },
  ];
}
