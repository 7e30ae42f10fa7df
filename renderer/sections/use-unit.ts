import { useTranslation } from 'react-i18next';
import { useFormat } from '../use-format.ts';
import type { Chart } from './usage-series.ts';

/** How numbers of a chart are written, on its axis and in its table. */
export function useUnit(unit: Chart['unit']): (value: number) => string {
  const { t } = useTranslation();
  const format = useFormat();
  switch (unit) {
    case 'count':
      return format.count;
    case 'mean':
      return format.mean;
    case 'duration':
      return format.duration;
    case 'speed':
      return (value) => t('usage.perSecond', { speed: format.rate(value) });
    default:
      return unit satisfies never;
  }
}
