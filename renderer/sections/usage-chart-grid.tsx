import { ChartColumn } from 'lucide-react';
import { useMemo, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { useLocation } from 'wouter';
import { failureKinds } from '../../server/wire/failures.ts';
import { EmptyNote } from '../parts/empty-note.tsx';
import { ErrorNote } from '../parts/error-note.tsx';
import { Panel } from '../parts/panel.tsx';
import { stepOf, stepSpan } from '../period.ts';
import { useUsage } from '../queries-usage.ts';
import { requestsAddress, withoutClient, type NamedTime, type WhoFilters } from '../request-filters.ts';
import { colorsOf, useModelColors, usePersonColors } from '../series-colors.ts';
import { useNow } from '../use-format.ts';
import { ChartRoom, UsageChart, UsageTable } from './usage-chart.tsx';
import styles from './usage-chart-grid.module.css';
import {
  chartByKind,
  chartBySplit,
  chartNames,
  chartOfFailures,
  pointsOf,
  sumOf,
  type Chart,
  type ChartName,
  type Split,
} from './usage-series.ts';

type UsageChartGridProps = {
  readonly time: NamedTime;
  readonly zone: string;
  readonly who: WhoFilters;
  readonly split: Split;
  readonly isTable: boolean;
};

const failureColors = colorsOf(failureKinds);

/** Eight pictures of the same time, or the same numbers as tables. */
export function UsageChartGrid({ time, zone, who, split, isTable }: UsageChartGridProps): ReactNode {
  const { t } = useTranslation();
  const now = useNow();
  const [, navigate] = useLocation();
  const { span, period } = time;
  const step = stepOf(period);
  const sums = useSums({ time, who: withoutClient(who), split });
  const isEmpty =
    sums.whole.data !== undefined && sumOf(sums.whole.data.rows, ({ requests }) => requests) === 0;
  if (isEmpty) {
    return <EmptyNote isCard icon={<ChartColumn size={28} />} sentence={t('usage.empty')} />;
  }
  const requestsOf = (start: string, filters: WhoFilters): string => {
    const { from, to } = stepSpan(start, { step, zone, whole: span });
    return requestsAddress({ ...who, ...filters, since: from > span.from ? from : span.from, until: to });
  };
  return (
    <div className={styles['grid']}>
      {chartNames.map((name) => {
        const { chart, query } = sums.chartOf(name);
        return (
          <Panel key={name} title={t(`usage.chart.${name}`)} flush={isTable}>
            {chart === null && !query.isError && <ChartRoom />}
            {chart === null && query.isError && (
              <ErrorNote error={query.error} onRetry={() => void query.refetch()} />
            )}
            {chart !== null &&
              sums.whole.data !== undefined &&
              createChart(isTable, {
                chart,
                points: pointsOf(sums.whole.data.rows, step, now),
                step,
                requestsOf,
                onOpen: navigate,
              })}
          </Panel>
        );
      })}
    </div>
  );
}

function createChart(isTable: boolean, props: Parameters<typeof UsageChart>[0]): ReactNode {
  return isTable ? <UsageTable {...props} /> : <UsageChart {...props} />;
}

type Query = ReturnType<typeof useUsage>;

/** Each question is asked once, however many charts it is for. */
function useSums({
  time: { span, period },
  who,
  split,
}: Pick<UsageChartGridProps, 'time' | 'who' | 'split'>): {
  readonly whole: Query;
  /** Null until its numbers are there. */
  readonly chartOf: (name: ChartName) => { readonly chart: Chart | null; readonly query: Query };
} {
  const step = stepOf(period);
  const whole = useUsage(span, step, who);
  const byFailure = useUsage(span, `${step},failure`, who);
  const bySplit = useUsage(span, split === 'kind' ? step : `${step},${split}`, who);
  const [people, models] = [usePersonColors(), useModelColors()];
  const colors = split === 'model' ? models : people;
  const [failureRows, splitRows] = [byFailure.data?.rows, bySplit.data?.rows];
  const failures = useMemo(
    () => (failureRows === undefined ? null : chartOfFailures(failureRows, step, failureColors)),
    [failureRows, step],
  );
  return {
    whole,
    chartOf(name) {
      if (whole.data === undefined) return { chart: null, query: whole };
      if (name === 'unanswered') return { chart: failures, query: byFailure };
      if (split === 'kind' || (name !== 'requests' && name !== 'tokens')) {
        return { chart: chartByKind(name), query: whole };
      }
      const chart =
        splitRows === undefined ? null : chartBySplit(name, split, { rows: splitRows, step, colors });
      return { chart, query: bySplit };
    },
  };
}
