import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import styles from './token-note.module.css';

/** Says whose tokens are counted; to stand wherever people are shown numbers of them. */
export function TokenNote(): ReactNode {
  const { t } = useTranslation();
  return <p className={styles['note']}>{t('tokens.own')}</p>;
}
