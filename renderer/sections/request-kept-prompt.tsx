import { Button } from '@mantine/core';
import { MessageSquareText } from 'lucide-react';
import { lazy, useState, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import type { WireLogRow } from '../../server/wire/admin.ts';
import { Chip } from '../parts/chip.tsx';
import { LazyPart } from '../parts/lazy-part.tsx';
import { useTraceHead } from '../queries-requests.ts';
import styles from './request-details.module.css';

const TraceDrawer = lazy(async () => ({ default: (await import('./trace-drawer.tsx')).TraceDrawer }));

/** Whether prompt and answer were kept, in plain sight, and the way to them. Reading them stands in the audit. */
export function KeptPrompt({ row }: { readonly row: WireLogRow }): ReactNode {
  const { t } = useTranslation();
  const head = useTraceHead(row).data ?? null;
  const [isReading, setIsReading] = useState(false);
  if (head === null) return <p className={styles['privacy']}>{t('request.noPrompt')}</p>;
  return (
    <div className={styles['kept']}>
      <Chip title={t(`requests.keptWhy.${head.why}`)}>{t('requests.kept')}</Chip>
      <Button
        variant="default"
        size="xs"
        leftSection={<MessageSquareText size={16} aria-hidden />}
        onClick={() => setIsReading(true)}
      >
        {t('requests.readKept')}
      </Button>
      <p className={styles['privacy']}>{t(`requests.keptWhy.${head.why}`)}</p>
      {isReading && (
        <LazyPart waiting={null}>
          <TraceDrawer requestId={row.id} onClose={() => setIsReading(false)} />
        </LazyPart>
      )}
    </div>
  );
}
