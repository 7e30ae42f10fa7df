import type { ReactNode } from 'react';
import styles from './scroll-table.module.css';

type ScrollTableProps = {
  readonly caption: string;
  /** Many rows scroll within, below their headings. */
  readonly isTall?: boolean;
  /** `thead`, `tbody`, `tfoot`. The first column is text, the others are numbers unless they bear `data-text`. */
  readonly children: ReactNode;
};

/** Numbers in columns, to be scrolled sideways where there is little room. To be used in a flush panel. */
export function ScrollTable({ caption, isTall = false, children }: ScrollTableProps): ReactNode {
  const className = `${styles['scroller']} ${isTall ? styles['tall'] : ''}`;
  return (
    // It scrolls, so the keyboard must be able to reach it.
    // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex
    <div className={className} tabIndex={0} role="group" aria-label={caption}>
      <table className={styles['table']}>
        <caption>{caption}</caption>
        {children}
      </table>
    </div>
  );
}
