import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { useLocation, useSearchParams } from 'wouter';
import { PlaceTabs } from '../parts/place-tabs.tsx';
import { searchOfPart, withSearch } from '../request-filters.ts';

const places = [
  { path: '/usage', name: 'overview' },
  { path: '/log', name: 'requests' },
  { path: '/usage/live', name: 'live' },
] as const;

/** What was used in all, each request by itself, and what comes in now: the same filters go along. */
export function UsageTabs(): ReactNode {
  const { t } = useTranslation();
  const [path] = useLocation();
  const [search] = useSearchParams();
  const next = searchOfPart(search);
  // The sums are of seven days where the address names no time; the list would be of all times.
  if (path === '/usage' && !next.has('period') && !next.has('since') && !next.has('until'))
    next.set('period', '7d');
  return (
    <PlaceTabs
      label={t('log.places')}
      places={places.map(({ path: place, name }) => ({
        path: place,
        href: withSearch(place, next),
        label: t(`log.place.${name}`),
      }))}
    />
  );
}
