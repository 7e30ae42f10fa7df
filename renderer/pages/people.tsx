import { Button, Group } from '@mantine/core';
import { KeyRound, UserPlus, Users } from 'lucide-react';
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
import { DeviceTable } from '../sections/device-table.tsx';
import { useInvitation } from '../sections/invitation-context.ts';
import { InvitationsPanel } from '../sections/invitations-panel.tsx';

/** Who may ask, with what, and who may no longer. */
export function PeoplePage(): ReactNode {
  const { t } = useTranslation();
  const query = useKeys();
  const { addPerson } = useInvitation();
  const [isCreating, setIsCreating] = useState(false);
  const [leaving, setLeaving] = useState<KeyRecord | null>(null);
  const buttons = (
    <Group gap="sm" justify="center">
      <Button leftSection={<UserPlus size={16} aria-hidden />} onClick={addPerson}>
        {t('people.add')}
      </Button>
      <Button
        variant="default"
        leftSection={<KeyRound size={16} aria-hidden />}
        onClick={() => setIsCreating(true)}
      >
        {t('people.scriptKey')}
      </Button>
    </Group>
  );
  return (
    <Page
      title={t('people.title')}
      lead={t('people.lead')}
      action={query.data?.length === 0 ? null : buttons}
    >
      <InvitationsPanel />
      <QueryView query={query}>
        {(keys) =>
          keys.length === 0 ? (
            <EmptyNote isCard icon={<Users size={28} />} sentence={t('people.empty')} action={buttons} />
          ) : (
            <DevicePanels keys={keys} onRevoke={setLeaving} />
          )
        }
      </QueryView>
      <CreateKeyDialog isOpen={isCreating} onClose={() => setIsCreating(false)} />
      <RevokeDialog record={leaving} onClose={() => setLeaving(null)} />
    </Page>
  );
}

type DevicePanelsProps = {
  readonly keys: readonly KeyRecord[];
  readonly onRevoke: (record: KeyRecord) => void;
};

/** What works comes first; the rest stays listed, since the log still names it. */
function DevicePanels({ keys, onRevoke }: DevicePanelsProps): ReactNode {
  const { t } = useTranslation();
  const active = keys.filter((key) => !hasEnded(key));
  const ended = keys.filter(hasEnded);
  return (
    <>
      {active.length > 0 && (
        <Panel title={t('people.activeDevices', { count: active.length })} flush>
          <DeviceTable caption={t('people.title')} keys={active} onRevoke={onRevoke} />
        </Panel>
      )}
      {ended.length > 0 && (
        <Panel title={t('people.endedDevices', { count: ended.length })} flush>
          <DeviceTable caption={t('people.endedCaption')} keys={ended} onRevoke={onRevoke} />
        </Panel>
      )}
    </>
  );
}

function hasEnded({ status }: KeyRecord): boolean {
  return status === 'expired' || status === 'revoked';
}

function RevokeDialog(props: { readonly record: KeyRecord | null; readonly onClose: () => void }): ReactNode {
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
