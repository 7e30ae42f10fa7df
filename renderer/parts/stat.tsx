import type { ReactNode } from 'react';
import styles from './stat.module.css';

type StatProps = { readonly label: string; readonly value: string; readonly exact?: string };

/** A big number and what it counts; to be used inside `StatList`. */
export function Stat({ label, value, exact }: StatProps): ReactNode {
  return (
    <div className={styles['stat']}>
      <dt className={styles['label']}>{label}</dt>
      <dd className={styles['value']} title={exact}>
        {value}
      </dd>
    </div>
  );
}

export function StatList({ children }: { readonly children: ReactNode }): ReactNode {
  return <dl className={styles['list']}>{children}</dl>;
}
