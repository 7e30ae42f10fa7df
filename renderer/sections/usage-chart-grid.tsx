import { ChartColumn } from 'lucide-react';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { useLocation } from 'wouter';
import { EmptyNote } from '../parts/empty-note.tsx';
import { Panel } from '../parts/panel.tsx';
import { QueryView } from '../parts/query-view.tsx';
import { stepOf, stepSpan, type Period, type Span } from '../period.ts';
import { useUsage } from '../queries-usage.ts';
import { useNow } from '../use-format.ts';
import { requestsAddress } from './requests-address.ts';
import { ChartRoom, UsageChart, UsageTable } from './usage-chart.tsx';
import styles from './usage-chart-grid.module.css';
import { chartNames, pointsOf, sumOf } from './usage-series.ts';

type UsageChartGridProps = {
  readonly period: Period;
  readonly span: Span;
  readonly zone: string;
  readonly isTable: boolean;
};

/** Six pictures of the same time, or the same numbers as tables. */
export function UsageChartGrid({ period, span, zone, isTable }: UsageChartGridProps): ReactNode {
  const { t } = useTranslation();
  const now = useNow();
  const [, navigate] = useLocation();
  const step = stepOf(period);
  const query = useUsage(span, step);
  const isEmpty = query.data !== undefined && sumOf(query.data.rows, ({ requests }) => requests) === 0;
  if (isEmpty) {
    return <EmptyNote isCard icon={<ChartColumn size={28} />} sentence={t('usage.empty')} />;
  }
  const requestsOf = (start: string): string => {
    const { from, to } = stepSpan(start, { step, zone, whole: span });
    return requestsAddress({ since: from, until: to });
  };
  return (
    <div className={styles['grid']}>
      {chartNames.map((name) => (
        <Panel key={name} title={t(`usage.chart.${name}`)} flush={isTable}>
          <QueryView query={query} waiting={<ChartRoom />}>
            {({ rows }) => {
              const shown = {
                name,
                points: pointsOf(rows, step, now),
                step,
                requestsOf,
                onOpen: (start: string) => navigate(requestsOf(start)),
              };
              return isTable ? <UsageTable {...shown} /> : <UsageChart {...shown} />;
            }}
          </QueryView>
        </Panel>
      ))}
    </div>
  );
}
