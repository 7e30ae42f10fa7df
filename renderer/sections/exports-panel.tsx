import { Button } from '@mantine/core';
import { DatabaseZap, Plus } from 'lucide-react';
import { useState, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import type { ExportRecord } from '../../server/wire/exports.ts';
import { removeExport } from '../api-safety.ts';
import { ConfirmDialog } from '../parts/confirm-dialog.tsx';
import { EmptyNote } from '../parts/empty-note.tsx';
import { Panel } from '../parts/panel.tsx';
import { QueryView } from '../parts/query-view.tsx';
import { useExports, useSafetyChange } from '../queries-safety.ts';
import { ExportDialog } from './export-dialog.tsx';
import { ExportRow } from './export-row.tsx';
import styles from './settings.module.css';

/** Databases and collectors that the log's rows go to; one that fails is one row, and nobody waits for it. */
export function ExportsPanel(): ReactNode {
  const { t } = useTranslation();
  const query = useExports();
  const [shown, setShown] = useState<ExportRecord | 'new' | null>(null);
  const [leaving, setLeaving] = useState<ExportRecord | null>(null);
  const add = (
    <Button
      variant="default"
      size="xs"
      leftSection={<Plus size={16} aria-hidden />}
      onClick={() => setShown('new')}
    >
      {t('settings.exports.add')}
    </Button>
  );
  return (
    <Panel title={t('settings.exports.title')} action={query.data?.length === 0 ? null : add}>
      <div className={styles['body']}>
        <p className={styles['sentence']}>{t('settings.exports.lead')}</p>
        <QueryView query={query}>
          {(exports) =>
            exports.length === 0 ? (
              <EmptyNote
                icon={<DatabaseZap size={28} />}
                sentence={t('settings.exports.empty')}
                action={add}
              />
            ) : (
              <ul className={styles['list']}>
                {exports.map((one) => (
                  <ExportRow
                    key={one.name}
                    record={one}
                    onEdit={() => setShown(one)}
                    onRemove={() => setLeaving(one)}
                  />
                ))}
              </ul>
            )
          }
        </QueryView>
      </div>
      <ExportDialog subject={shown} onClose={() => setShown(null)} />
      <RemoveExportDialog record={leaving} onClose={() => setLeaving(null)} />
    </Panel>
  );
}

function RemoveExportDialog(props: {
  readonly record: ExportRecord | null;
  readonly onClose: () => void;
}): ReactNode {
  const { t } = useTranslation();
  const remove = useSafetyChange(removeExport, ['exports']);
  const { record } = props;
  function close(): void {
    remove.reset();
    props.onClose();
  }
  return (
    <ConfirmDialog
      title={t('settings.exports.removeTitle', { name: record?.name ?? '' })}
      sentence={t('settings.exports.removeSentence')}
      confirm={t('settings.exports.remove')}
      isOpen={record !== null}
      isBusy={remove.isPending}
      error={remove.error}
      onConfirm={() => record !== null && remove.mutate(record.name, { onSuccess: close })}
      onClose={close}
    />
  );
}
