import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import styles from './model-badge.module.css';

/** Design decision 18: wherever the starter model is shown, it says what it is not for. */
export function StarterBadge(): ReactNode {
  const { t } = useTranslation();
  return <span className={styles['badge']}>{t('models.starter')}</span>;
}
