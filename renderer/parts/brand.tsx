import type { ReactNode } from 'react';
import styles from './brand.module.css';

/** The hearth and the name. */
export function Brand(): ReactNode {
  return (
    <span className={styles['brand']}>
      <svg viewBox="0 0 32 32" width="24" height="24" aria-hidden>
        <rect width="32" height="32" rx="8" className={styles['tile']} />
        <path d="M7 25V14a9 9 0 0 1 18 0v11h-5v-10a4 4 0 0 0-8 0v10z" className={styles['arch']} />
        <circle cx="16" cy="22.5" r="2.5" className={styles['arch']} />
      </svg>
      <span className={styles['name']}>Inglenook</span>
    </span>
  );
}
