import { lazy, type CSSProperties, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'wouter';
import { unknown } from '../format.ts';
import { LazyPart } from '../parts/lazy-part.tsx';
import { ScrollTable } from '../parts/scroll-table.tsx';
import type { Step } from '../period.ts';
import type { WhoFilters } from '../request-filters.ts';
import { useCalendar } from '../use-calendar.ts';
import styles from './usage-chart.module.css';
import { isNothing, type Chart, type Point, type Series } from './usage-series.ts';
import { useSeriesLabel } from './use-series-label.ts';
import { useUnit } from './use-unit.ts';

const UsageDrawing = lazy(async () => ({ default: (await import('./usage-drawing.tsx')).UsageDrawing }));

type UsageChartProps = {
  readonly chart: Chart;
  readonly points: readonly Point[];
  readonly step: Step;
  /** The address of the requests behind a step that begins then, or behind a part of it. */
  readonly requestsOf: (start: string, filters: WhoFilters) => string;
  readonly onOpen: (address: string) => void;
};

/** One chart with its legend. */
export function UsageChart({ chart, points, step, requestsOf, onOpen }: UsageChartProps): ReactNode {
  const { t } = useTranslation();
  const labelOf = useSeriesLabel();
  if (isNothing(chart, points))
    return <p className={styles['nothing']}>{t(`usage.nothing.${chart.name}`)}</p>;
  return (
    <figure
      className={styles['figure']}
      aria-label={t('usage.picture', { what: t(`usage.chart.${chart.name}`) })}
    >
      <ul className={styles['legend']}>
        {chart.series.map((series) => (
          <li key={labelOf(series.name)} className={styles['entry']}>
            <span className={styles['swatch']} style={{ '--swatch': series.color } as CSSProperties} />
            <span className={styles['label']}>{labelOf(series.name)}</span>
          </li>
        ))}
      </ul>
      <div className={styles['drawing']} aria-hidden>
        <LazyPart waiting={<div />}>
          <UsageDrawing
            chart={chart}
            points={points}
            step={step}
            onOpen={(start, series) => onOpen(requestsOf(start, series?.filters ?? {}))}
          />
        </LazyPart>
      </div>
    </figure>
  );
}

/** The same numbers; each step leads to its requests, and each number to those that it counts. */
export function UsageTable({ chart, points, step, requestsOf }: UsageChartProps): ReactNode {
  const { t } = useTranslation();
  const calendar = useCalendar();
  const labelOf = useSeriesLabel();
  const { series, unit, name } = chart;
  const write = useUnit(unit);
  const cell = (one: Series, point: Point): ReactNode => {
    const value = one.value(point);
    if (value === null) return unknown;
    if (value === 0 || one.filters === null) return write(value);
    return <Link href={requestsOf(point.start, one.filters)}>{write(value)}</Link>;
  };
  // Nothing to tell apart yet: the time alone would be no table.
  if (series.length === 0) return <p className={styles['nothing']}>{t(`usage.nothing.${name}`)}</p>;
  return (
    <ScrollTable caption={t(`usage.chart.${name}`)} isTall>
      <thead>
        <tr>
          <th scope="col">{t(`usage.step.${step}`)}</th>
          {series.map((one) => (
            <th key={labelOf(one.name)} scope="col">
              {labelOf(one.name)}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {points.map((point) => (
          <tr key={point.start}>
            <th scope="row">
              <Link href={requestsOf(point.start, {})}>{calendar.step(point.label, step)}</Link>
            </th>
            {series.map((one) => (
              <td key={labelOf(one.name)}>{cell(one, point)}</td>
            ))}
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
