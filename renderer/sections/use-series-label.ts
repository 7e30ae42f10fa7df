import { useTranslation } from 'react-i18next';
import type { SeriesName } from './usage-series.ts';

/** What a bar or a line is called, in the legend and as the head of its column. */
export function useSeriesLabel(): (name: SeriesName) => string {
  const { t } = useTranslation();
  return (name) => {
    if ('word' in name) return t(`usage.series.${name.word}`);
    if ('name' in name) return name.name;
    if ('others' in name) return t('usage.others', { count: name.others });
    if ('nobodys' in name) return name.nobodys === 'person' ? t('people.nobodys') : t('usage.noModel');
    return name.failure === null ? t('requests.failureNotKept') : t(`failure.${name.failure}`);
  };
}
