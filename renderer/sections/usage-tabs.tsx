import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { PlaceTabs } from '../parts/place-tabs.tsx';

/** What was used in all, and each request by itself. */
export function UsageTabs(): ReactNode {
  const { t } = useTranslation();
  return (
    <PlaceTabs
      label={t('log.places')}
      places={[
        { path: '/usage', label: t('log.place.overview') },
        { path: '/log', label: t('log.place.requests') },
      ]}
    />
  );
}
