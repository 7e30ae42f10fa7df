import type { ReactNode } from 'react';
import styles from './empty-note.module.css';

type EmptyNoteProps = {
  readonly icon: ReactNode;
  readonly sentence: string;
  /** The one button that changes it. */
  readonly action?: ReactNode;
  /** On its own, not inside a panel. */
  readonly isCard?: boolean;
};

/** Nothing here yet: one sentence and one way on. */
export function EmptyNote({ icon, sentence, action, isCard = false }: EmptyNoteProps): ReactNode {
  return (
    <div className={`${styles['empty']} ${isCard ? styles['card'] : ''}`}>
      <span className={styles['icon']} aria-hidden>
        {icon}
      </span>
      <p className={styles['sentence']}>{sentence}</p>
      {action}
    </div>
  );
}
