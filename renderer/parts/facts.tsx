import type { ReactNode } from 'react';
import styles from './facts.module.css';

/** What is known about something: short values, each under its name. */
export function Facts({ children }: { readonly children: ReactNode }): ReactNode {
  return <dl className={styles['facts']}>{children}</dl>;
}

type FactProps = {
  readonly label: string;
  readonly value: ReactNode;
  /** The same more exactly, or what it means. */
  readonly title?: string | undefined;
};

/** To be used inside `Facts`. */
export function Fact({ label, value, title }: FactProps): ReactNode {
  return (
    <div>
      <dt className={styles['label']}>{label}</dt>
      <dd className={styles['value']} title={title}>
        {value}
      </dd>
    </div>
  );
}
