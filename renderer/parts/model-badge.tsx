import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { Chip } from './chip.tsx';

/** Design decision 18: wherever the starter model is shown, it says what it is not for. */
export function StarterBadge(): ReactNode {
  const { t } = useTranslation();
  return <Chip>{t('models.starter')}</Chip>;
}
