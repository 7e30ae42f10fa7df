import { Button } from '@mantine/core';
import { KeyRound, Plus } from 'lucide-react';
import { useState, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import type { KeyRecord } from '../../server/wire/admin.ts';
import { ConfirmDialog } from '../parts/confirm-dialog.tsx';
import { EmptyNote } from '../parts/empty-note.tsx';
import { Page } from '../parts/page.tsx';
import { Panel } from '../parts/panel.tsx';
import { QueryView } from '../parts/query-view.tsx';
import { useKeys, useRevokeKey } from '../queries.ts';
import { CreateKeyDialog } from '../sections/create-key-dialog.tsx';
import { KeyTable } from '../sections/key-table.tsx';

/** Who may ask, and who may no longer. */
export function KeysPage(): ReactNode {
  const { t } = useTranslation();
  const query = useKeys();
  const [isCreating, setIsCreating] = useState(false);
  const [leaving, setLeaving] = useState<KeyRecord | null>(null);
  const createButton = (
    <Button leftSection={<Plus size={16} aria-hidden />} onClick={() => setIsCreating(true)}>
      {t('keys.create')}
    </Button>
  );
  return (
    <Page
      title={t('keys.title')}
      lead={t('keys.lead')}
      action={query.data?.length === 0 ? null : createButton}
    >
      <QueryView query={query}>
        {(keys) =>
          keys.length === 0 ? (
            <EmptyNote
              isCard
              icon={<KeyRound size={28} />}
              sentence={t('keys.empty')}
              action={createButton}
            />
          ) : (
            <KeyPanels keys={keys} onRevoke={setLeaving} />
          )
        }
      </QueryView>
      <CreateKeyDialog isOpen={isCreating} onClose={() => setIsCreating(false)} />
      <RevokeKeyDialog record={leaving} onClose={() => setLeaving(null)} />
    </Page>
  );
}

type KeyPanelsProps = { readonly keys: readonly KeyRecord[]; readonly onRevoke: (record: KeyRecord) => void };

/** Keys that work come first; the others stay listed, since the log still names them. */
function KeyPanels({ keys, onRevoke }: KeyPanelsProps): ReactNode {
  const { t } = useTranslation();
  const active = keys.filter(({ status }) => status === 'active');
  const ended = keys.filter(({ status }) => status !== 'active');
  return (
    <>
      {active.length > 0 && (
        <Panel title={t('keys.activeKeys', { count: active.length })} flush>
          <KeyTable caption={t('keys.title')} keys={active} onRevoke={onRevoke} />
        </Panel>
      )}
      {ended.length > 0 && (
        <Panel title={t('keys.endedKeys', { count: ended.length })} flush>
          <KeyTable caption={t('keys.endedCaption')} keys={ended} onRevoke={onRevoke} />
        </Panel>
      )}
    </>
  );
}

function RevokeKeyDialog(props: {
  readonly record: KeyRecord | null;
  readonly onClose: () => void;
}): ReactNode {
  const { t } = useTranslation();
  const revoke = useRevokeKey();
  const { record } = props;
  function close(): void {
    revoke.reset();
    props.onClose();
  }
  return (
    <ConfirmDialog
      title={t('keys.revokeTitle', { name: record?.name ?? '' })}
      sentence={t('keys.revokeSentence')}
      confirm={t('keys.revoke')}
      isOpen={record !== null}
      isBusy={revoke.isPending}
      error={revoke.error}
      onConfirm={() => record !== null && revoke.mutate(record.id, { onSuccess: close })}
      onClose={close}
    />
  );
}
