import { useEffect, useState, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import styles from './waiting.module.css';

const longMs = 5_000;

/** Grey lines where the answer will be. They appear after 150 ms (in the style sheet), so that fast answers do not flicker. */
export function Waiting({ lines = 3 }: { readonly lines?: number }): ReactNode {
  const { t } = useTranslation();
  const [isLong, setIsLong] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setIsLong(true), longMs);
    return () => clearTimeout(timer);
  }, []);
  return (
    <div className={styles['waiting']} aria-busy="true">
      {Array.from({ length: lines }, (_, index) => (
        <div key={index} className={styles['line']} />
      ))}
      <output className={styles['word']}>{isLong ? t('state.stillWaiting') : ''}</output>
    </div>
  );
}
