import { useId, type ReactNode } from 'react';
import { ErrorBoundary, type FallbackProps } from 'react-error-boundary';
import { ErrorNote } from './error-note.tsx';
import styles from './panel.module.css';

type PanelProps = {
  readonly title: string;
  /** At the right of the title: a link or a button. */
  readonly action?: ReactNode;
  /** Tables run to the panel's edges. */
  readonly flush?: boolean;
  readonly className?: string | undefined;
  readonly children: ReactNode;
};

/** A card with a heading. What breaks inside stays inside. */
export function Panel({ title, action, flush = false, className = '', children }: PanelProps): ReactNode {
  const id = useId();
  return (
    <section className={`${styles['panel']} ${className}`} aria-labelledby={id}>
      <header className={styles['header']}>
        <h2 id={id} className={styles['title']}>
          {title}
        </h2>
        {action}
      </header>
      <div className={flush ? styles['flush'] : styles['body']}>
        <ErrorBoundary FallbackComponent={PanelFailure}>{children}</ErrorBoundary>
      </div>
    </section>
  );
}

function PanelFailure({ error, resetErrorBoundary }: FallbackProps): ReactNode {
  return <ErrorNote error={error} onRetry={resetErrorBoundary} />;
}
