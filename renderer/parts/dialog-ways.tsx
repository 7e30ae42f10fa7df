import type { ReactNode } from 'react';
import styles from './dialog-ways.module.css';

/** The two ways out of a dialog, at its end and always in sight. */
export function DialogWays({ children }: { readonly children: ReactNode }): ReactNode {
  return <div className={styles['ways']}>{children}</div>;
}
