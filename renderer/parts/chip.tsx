import type { ReactNode } from 'react';
import styles from './chip.module.css';

type ChipProps = {
  readonly tone?: 'attention' | 'info' | 'ok' | 'quiet';
  /** What it means, where two words are not enough. */
  readonly title?: string;
  readonly children: ReactNode;
};

/** A short remark beside a name. */
export function Chip({ tone = 'attention', title, children }: ChipProps): ReactNode {
  return (
    <span className={styles['chip']} data-tone={tone} title={title}>
      {children}
    </span>
  );
}
