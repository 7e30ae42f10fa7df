import '@mantine/charts/styles.css';
import { BarChart, LineChart } from '@mantine/charts';
import type { MouseEvent, ReactNode } from 'react';
import { useCalendar } from '../use-calendar.ts';
import { useFormat } from '../use-format.ts';
import type { Step } from '../period.ts';
import { chartHeight } from './usage-chart-size.ts';
import type { Chart, Point, Series } from './usage-series.ts';
import { useSeriesLabel } from './use-series-label.ts';
import { useUnit } from './use-unit.ts';

type UsageDrawingProps = {
  readonly chart: Chart;
  readonly points: readonly Point[];
  readonly step: Step;
  /** A step was chosen, or one part of it. */
  readonly onOpen: (start: string, series: Series | null) => void;
};

const axis = { tickMargin: 8, minTickGap: 24, interval: 'preserveStartEnd' } as const;
const margin = { top: 8, right: 8, bottom: 0, left: 0 };
const longestAxis = 56;

/** The chart itself. This file and the library behind it are fetched when the first chart is to be seen. */
export function UsageDrawing({ chart, points, step, onOpen }: UsageDrawingProps): ReactNode {
  const calendar = useCalendar();
  const format = useFormat();
  const labelOf = useSeriesLabel();
  const unit = useUnit(chart.unit);
  // Names of models have dots, which the library would take for a path.
  const keyed = new Map(chart.series.map((series, index) => [`series${index}`, series]));
  const data = points.map((point) => ({
    label: calendar.step(point.label, step),
    start: point.start,
    ...Object.fromEntries([...keyed].map(([key, { value }]) => [key, value(point)])),
  }));
  const shared = {
    h: chartHeight,
    data,
    dataKey: 'label',
    series: [...keyed].map(([name, series]) => ({ name, color: series.color, label: labelOf(series.name) })),
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
  const open = (index: number | string | null | undefined, series: Series | null): void => {
    const start = data[Number(index)]?.start;
    if (index !== null && index !== undefined && start !== undefined) onOpen(start, series);
  };
  const whole = {
    margin,
    onClick: ({ activeTooltipIndex }: { activeTooltipIndex?: number | string | null | undefined }) =>
      open(activeTooltipIndex, null),
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
        barProps={({ name }) => ({
          isAnimationActive: false,
          // Told apart by more than the colour.
          stroke: 'var(--ink-card)',
          onClick: (_: unknown, index: number, event: MouseEvent) => {
            // The chart around it would lead to the whole step.
            event.stopPropagation();
            open(index, keyed.get(name) ?? null);
          },
        })}
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
