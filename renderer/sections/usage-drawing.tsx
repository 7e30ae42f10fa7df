import '@mantine/charts/styles.css';
import { BarChart, LineChart } from '@mantine/charts';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { useCalendar } from '../use-calendar.ts';
import { useFormat } from '../use-format.ts';
import type { Step } from '../period.ts';
import { chartHeight } from './usage-chart-size.ts';
import type { ChartDefinition, Point } from './usage-series.ts';
import { useUnit } from './use-unit.ts';

type UsageDrawingProps = {
  readonly chart: ChartDefinition;
  readonly points: readonly Point[];
  readonly step: Step;
  readonly onOpen: (start: string) => void;
};

const axis = { tickMargin: 8, minTickGap: 24, interval: 'preserveStartEnd' } as const;
const margin = { top: 8, right: 8, bottom: 0, left: 0 };
const longestAxis = 56;

/** The chart itself. This file and the library behind it are fetched when the first chart is to be seen. */
export function UsageDrawing({ chart, points, step, onOpen }: UsageDrawingProps): ReactNode {
  const { t } = useTranslation();
  const calendar = useCalendar();
  const format = useFormat();
  const unit = useUnit(chart.unit);
  const data = points.map(({ label, start, row }) => ({
    label: calendar.step(label, step),
    start,
    ...Object.fromEntries(chart.series.map(({ name, value }) => [name, value(row)])),
  }));
  const shared = {
    h: chartHeight,
    data,
    dataKey: 'label',
    series: chart.series.map(({ name, color }) => ({ name, color, label: t(`usage.series.${name}`) })),
    valueFormatter: unit,
    gridColor: 'var(--ink-line)',
    textColor: 'var(--ink-muted)',
    strokeDasharray: '2 4',
    tickLine: 'none',
    xAxisProps: axis,
    yAxisProps: {
      width: longestAxis,
      ...(chart.unit === 'duration' ? {} : { tickFormatter: format.tick }),
      allowDecimals: chart.unit !== 'count',
      tickMargin: 4,
    },
    // The picture is announced by the figure around it; the numbers are in the table.
    accessibilityLayer: false,
  } as const;
  const open = (index: number | string | null | undefined): void => {
    const start = data[Number(index)]?.start;
    if (index !== null && index !== undefined && start !== undefined) onOpen(start);
  };
  const whole = {
    margin,
    onClick: ({ activeTooltipIndex }: { activeTooltipIndex?: number | string | null | undefined }) =>
      open(activeTooltipIndex),
  };
  if (chart.kind === 'bars') {
    return (
      <BarChart
        key={format.locale}
        {...shared}
        type="stacked"
        maxBarWidth={36}
        cursorFill="var(--ink-hover)"
        barChartProps={whole}
        barProps={{ isAnimationActive: false }}
      />
    );
  }
  return (
    <LineChart
      key={format.locale}
      {...shared}
      curveType="linear"
      connectNulls={false}
      dotProps={{ r: 2, strokeWidth: 1 }}
      activeDotProps={{ r: 4, strokeWidth: 1 }}
      lineChartProps={whole}
      lineProps={{ isAnimationActive: false }}
    />
  );
}
