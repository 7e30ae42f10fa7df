import { Button } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Trash2 } from 'lucide-react';
import { lazy, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import type { TraceRecord } from '../../server/wire/traces.ts';
import { forgetTrace, readTrace } from '../api-safety.ts';
import { ErrorNote } from '../parts/error-note.tsx';
import { LazyPart } from '../parts/lazy-part.tsx';
import { QueryView } from '../parts/query-view.tsx';
import { SideDrawer } from '../parts/side-drawer.tsx';
import { cacheKeys } from '../queries.ts';
import { useSafetyChange } from '../queries-safety.ts';
import { useFormat } from '../use-format.ts';
import styles from './trace-drawer.module.css';

const TraceAnswer = lazy(async () => ({ default: (await import('./trace-answer.tsx')).TraceAnswer }));

type TraceDrawerProps = {
  /** Null while it is closed. */
  readonly requestId: string | null;
  readonly onClose: () => void;
};

/** What was asked and answered in one request, as it was kept; nothing of it is run or loaded. */
export function TraceDrawer({ requestId, onClose }: TraceDrawerProps): ReactNode {
  const { t } = useTranslation();
  return (
    <SideDrawer title={t('settings.trace.title')} isOpen={requestId !== null} onClose={onClose}>
      {requestId !== null && <KeptTrace requestId={requestId} onClose={onClose} />}
    </SideDrawer>
  );
}

type KeptTraceProps = { readonly requestId: string; readonly onClose: () => void };

function KeptTrace({ requestId, onClose }: KeptTraceProps): ReactNode {
  const { t } = useTranslation();
  // Asked for once and not again by itself: each reading is a row of the audit.
  const query = useQuery({
    queryKey: [...cacheKeys.traces, requestId],
    queryFn: () => readTrace(requestId),
    staleTime: Infinity,
    refetchOnReconnect: false,
  });
  const forget = useSafetyChange(forgetTrace, ['traces']);
  return (
    <QueryView query={query}>
      {(trace) => (
        <>
          <TraceText trace={trace} />
          <div className={styles['ways']}>
            <Button
              variant="default"
              leftSection={<Trash2 size={16} aria-hidden />}
              loading={forget.isPending}
              onClick={() => forget.mutate(requestId, { onSuccess: onClose })}
            >
              {t('settings.trace.erase')}
            </Button>
          </div>
          {forget.error !== null && <ErrorNote error={forget.error} />}
        </>
      )}
    </QueryView>
  );
}

function TraceText({ trace }: { readonly trace: TraceRecord }): ReactNode {
  const { t } = useTranslation();
  const format = useFormat();
  const entries = [...trace.asked, ...trace.answered];
  return (
    <>
      <p className={styles['second']}>
        {[format.dateTime(trace.time), trace.person ?? trace.key, trace.servedModel ?? trace.model ?? '']
          .filter((text) => text !== '')
          .join(' · ')}
      </p>
      {trace.masked > 0 && (
        <p className={styles['second']}>{t('settings.trace.masked', { count: trace.masked })}</p>
      )}
      {trace.leftOut > 0 && (
        <p className={styles['second']}>{t('settings.trace.leftOut', { count: trace.leftOut })}</p>
      )}
      <div className={styles['entries']}>
        {entries.map(({ role, kind, name, text, cut }, index) => (
          // Never reordered: it is a record.
          // oxlint-disable-next-line react/no-array-index-key
          <section key={index}>
            <h3 className={styles['who']}>
              {[
                t(`settings.trace.role.${role}`),
                ...(kind === 'text' ? [] : [t(`settings.trace.kind.${kind}`)]),
                ...(name === null ? [] : [name]),
              ].join(' · ')}
            </h3>
            {role === 'assistant' && kind === 'text' ? (
              <div className={`${styles['text']} ${styles['answer']}`}>
                <LazyPart waiting={<p className={styles['plain']}>{text}</p>}>
                  <TraceAnswer text={text} />
                </LazyPart>
              </div>
            ) : (
              <p className={styles['text']}>{text}</p>
            )}
            {cut > 0 && <p className={styles['second']}>{t('settings.trace.cut', { count: cut })}</p>}
          </section>
        ))}
      </div>
    </>
  );
}
