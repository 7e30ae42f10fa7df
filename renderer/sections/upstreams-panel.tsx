import { Button } from '@mantine/core';
import { Plus, ServerCog } from 'lucide-react';
import { useState, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import type { UpstreamRecord } from '../../server/wire/upstreams.ts';
import { removeUpstream } from '../api-engines.ts';
import { ConfirmDialog } from '../parts/confirm-dialog.tsx';
import { EmptyNote } from '../parts/empty-note.tsx';
import { Panel } from '../parts/panel.tsx';
import { QueryView } from '../parts/query-view.tsx';
import { useUpstreamChange, useUpstreams } from '../queries-engines.ts';
import styles from './ollama-panel.module.css';
import { UpstreamDialog } from './upstream-dialog.tsx';
import { UpstreamRow } from './upstream-row.tsx';

/** Servers elsewhere that answer for us; one that fails is one red row. */
export function UpstreamsPanel(): ReactNode {
  const { t } = useTranslation();
  const query = useUpstreams();
  const [shown, setShown] = useState<UpstreamRecord | 'new' | null>(null);
  const [leaving, setLeaving] = useState<UpstreamRecord | null>(null);
  const add = (
    <Button
      variant="default"
      size="xs"
      leftSection={<Plus size={16} aria-hidden />}
      onClick={() => setShown('new')}
    >
      {t('engines.add')}
    </Button>
  );
  return (
    <Panel title={t('engines.title')} action={query.data?.length === 0 ? null : add}>
      <div className={styles['body']}>
        <p className={styles['sentence']}>{t('engines.lead')}</p>
        <QueryView query={query}>
          {(upstreams) =>
            upstreams.length === 0 ? (
              <EmptyNote icon={<ServerCog size={28} />} sentence={t('engines.empty')} action={add} />
            ) : (
              <ul className={styles['list']}>
                {upstreams.map((upstream) => (
                  <UpstreamRow
                    key={upstream.id}
                    upstream={upstream}
                    onEdit={() => setShown(upstream)}
                    onRemove={() => setLeaving(upstream)}
                  />
                ))}
              </ul>
            )
          }
        </QueryView>
      </div>
      <UpstreamDialog subject={shown} onClose={() => setShown(null)} />
      <RemoveUpstreamDialog upstream={leaving} onClose={() => setLeaving(null)} />
    </Panel>
  );
}

function RemoveUpstreamDialog(props: {
  readonly upstream: UpstreamRecord | null;
  readonly onClose: () => void;
}): ReactNode {
  const { t } = useTranslation();
  const remove = useUpstreamChange(removeUpstream);
  const { upstream } = props;
  function close(): void {
    remove.reset();
    props.onClose();
  }
  return (
    <ConfirmDialog
      title={t('engines.removeTitle', { name: upstream?.name ?? '' })}
      sentence={t('engines.removeSentence')}
      confirm={t('engines.remove')}
      isOpen={upstream !== null}
      isBusy={remove.isPending}
      error={remove.error}
      onConfirm={() => upstream !== null && remove.mutate(upstream.id, { onSuccess: close })}
      onClose={close}
    />
  );
}
