import { lazy, type CSSProperties, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'wouter';
import { unknown } from '../format.ts';
import { LazyPart } from '../parts/lazy-part.tsx';
import { ScrollTable } from '../parts/scroll-table.tsx';
import type { Step } from '../period.ts';
import { useCalendar } from '../use-calendar.ts';
import styles from './usage-chart.module.css';
import { charts, type ChartName, type Point } from './usage-series.ts';
import { useUnit } from './use-unit.ts';

const UsageDrawing = lazy(async () => ({ default: (await import('./usage-drawing.tsx')).UsageDrawing }));

type UsageChartProps = {
  readonly name: ChartName;
  readonly points: readonly Point[];
  readonly step: Step;
  /** The address of the requests behind a step that begins then. */
  readonly requestsOf: (start: string) => string;
  readonly onOpen: (start: string) => void;
};

/** One chart with its legend. */
export function UsageChart({ name, points, step, onOpen }: UsageChartProps): ReactNode {
  const { t } = useTranslation();
  const chart = charts[name];
  const isEmpty = points.every(({ row }) => chart.series.every(({ value }) => (value(row) ?? 0) === 0));
  if (isEmpty) return <p className={styles['nothing']}>{t(`usage.nothing.${name}`)}</p>;
  return (
    <figure className={styles['figure']} aria-label={t('usage.picture', { what: t(`usage.chart.${name}`) })}>
      <ul className={styles['legend']}>
        {chart.series.map((series) => (
          <li key={series.name} className={styles['entry']}>
            <span className={styles['swatch']} style={{ '--swatch': series.color } as CSSProperties} />
            {t(`usage.series.${series.name}`)}
          </li>
        ))}
      </ul>
      <div className={styles['drawing']} aria-hidden>
        <LazyPart waiting={<div />}>
          <UsageDrawing chart={chart} points={points} step={step} onOpen={onOpen} />
        </LazyPart>
      </div>
    </figure>
  );
}

/** The same numbers; each step leads to its requests. */
export function UsageTable({ name, points, step, requestsOf }: UsageChartProps): ReactNode {
  const { t } = useTranslation();
  const calendar = useCalendar();
  const { series, unit } = charts[name];
  const write = useUnit(unit);
  return (
    <ScrollTable caption={t(`usage.chart.${name}`)} isTall>
      <thead>
        <tr>
          <th scope="col">{t(`usage.step.${step}`)}</th>
          {series.map((one) => (
            <th key={one.name} scope="col">
              {t(`usage.series.${one.name}`)}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {points.map(({ label, start, row }) => (
          <tr key={start}>
            <th scope="row">
              <Link href={requestsOf(start)}>{calendar.step(label, step)}</Link>
            </th>
            {series.map((one) => {
              const value = one.value(row);
              return <td key={one.name}>{value === null ? unknown : write(value)}</td>;
            })}
          </tr>
        ))}
      </tbody>
    </ScrollTable>
  );
}

/** The room of a chart that is not there yet. */
export function ChartRoom(): ReactNode {
  return <div className={styles['room']} aria-busy="true" />;
}
