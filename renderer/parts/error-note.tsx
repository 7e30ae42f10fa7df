import { Button } from '@mantine/core';
import { CircleAlert, RotateCw } from 'lucide-react';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { ApiError } from '../api.ts';
import { useErrorSentence } from '../use-error-sentence.ts';
import styles from './error-note.module.css';

type ErrorNoteProps = {
  readonly error: unknown;
  /** Where trying again makes sense. */
  readonly onRetry?: () => void;
};

/** What happened, one way on, and a fold with what a helper would ask for. */
export function ErrorNote({ error, onRetry }: ErrorNoteProps): ReactNode {
  const { t } = useTranslation();
  const sentence = useErrorSentence();
  return (
    <div className={styles['note']} role="alert">
      <CircleAlert size={20} aria-hidden className={styles['icon']} />
      <div className={styles['text']}>
        <p className={styles['sentence']}>{sentence(error)}</p>
        {onRetry !== undefined && (
          <Button variant="default" leftSection={<RotateCw size={16} aria-hidden />} onClick={onRetry}>
            {t('state.retry')}
          </Button>
        )}
        <ErrorDetails error={error} />
      </div>
    </div>
  );
}

function ErrorDetails({ error }: { readonly error: unknown }): ReactNode {
  const { t } = useTranslation();
  const lines =
    error instanceof ApiError
      ? [
          error.message,
          ...(error.status === 0 ? [] : [`HTTP ${error.status}`]),
          ...(error.code === null ? [] : [error.code]),
          ...(error.requestId === null ? [] : [error.requestId]),
        ]
      : [String(error)];
  return (
    <details className={styles['details']}>
      <summary>{t('state.details')}</summary>
      <pre lang="en">{lines.join('\n')}</pre>
    </details>
  );
}
