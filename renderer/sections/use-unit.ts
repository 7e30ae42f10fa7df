import { useFormat } from '../use-format.ts';
import type { ChartDefinition } from './usage-series.ts';

/** How numbers of a chart are written, on its axis and in its table. */
export function useUnit(unit: ChartDefinition['unit']): (value: number) => string {
  const format = useFormat();
  switch (unit) {
    case 'count':
      return format.count;
    case 'mean':
      return format.mean;
    case 'duration':
      return format.duration;
    default:
      return unit satisfies never;
  }
}
