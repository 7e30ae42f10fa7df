import { Button, Group } from '@mantine/core';
import { KeyRound, UserPlus, Users } from 'lucide-react';
import { useState, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import type { KeyRecord } from '../../server/wire/admin.ts';
import { ConfirmDialog } from '../parts/confirm-dialog.tsx';
import { EmptyNote } from '../parts/empty-note.tsx';
import { ErrorNote } from '../parts/error-note.tsx';
import { Page } from '../parts/page.tsx';
import { Panel } from '../parts/panel.tsx';
import { QueryView } from '../parts/query-view.tsx';
import { TokenNote } from '../parts/token-note.tsx';
import { useKeys, useRevokeKey } from '../queries.ts';
import { updateKey } from '../api-limits.ts';
import { useLimitsChange, useSpending } from '../queries-limits.ts';
import { CreateKeyDialog } from '../sections/create-key-dialog.tsx';
import { DeviceTable, type DeviceActions } from '../sections/device-table.tsx';
import { useInvitation } from '../sections/invitation-context.ts';
import { InvitationsPanel } from '../sections/invitations-panel.tsx';
import { KeyLimitsDialog } from '../sections/key-limits-dialog.tsx';
import { TeamPanel } from '../sections/team-panel.tsx';

/** Who may ask, with what, and who may no longer. */
export function PeoplePage(): ReactNode {
  const { t } = useTranslation();
  const query = useKeys();
  const { addPerson } = useInvitation();
  const [isCreating, setIsCreating] = useState(false);
  const [leaving, setLeaving] = useState<KeyRecord | null>(null);
  const [limited, setLimited] = useState<KeyRecord | null>(null);
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
            <>
              <DevicePanels keys={keys} onLimits={setLimited} onRevoke={setLeaving} />
              <TeamPanel keys={keys} />
            </>
          )
        }
      </QueryView>
      <CreateKeyDialog isOpen={isCreating} onClose={() => setIsCreating(false)} />
      <KeyLimitsDialog record={limited} onClose={() => setLimited(null)} />
      <RevokeDialog record={leaving} onClose={() => setLeaving(null)} />
    </Page>
  );
}

type DevicePanelsProps = Pick<DeviceActions, 'onLimits' | 'onRevoke'> & {
  readonly keys: readonly KeyRecord[];
};

/** What works comes first; the rest stays listed, since the log still names it. */
function DevicePanels({ keys, onLimits, onRevoke }: DevicePanelsProps): ReactNode {
  const { t } = useTranslation();
  const spending = useSpending();
  const update = useLimitsChange(updateKey);
  const active = keys.filter((key) => !hasEnded(key));
  const ended = keys.filter(hasEnded);
  const actions: DeviceActions = {
    onLimits,
    onRevoke,
    onPause: ({ id }, paused) => update.mutate({ id, change: { paused } }),
  };
  const table = (caption: string, shown: readonly KeyRecord[]): ReactNode => (
    <DeviceTable caption={caption} keys={shown} spending={spending.data} actions={actions} />
  );
  return (
    <>
      {update.error !== null && <ErrorNote error={update.error} />}
      {spending.isLoadingError && (
        <ErrorNote error={spending.error} onRetry={() => void spending.refetch()} />
      )}
      {active.length > 0 && (
        <Panel title={t('people.activeDevices', { count: active.length })} flush>
          {table(t('people.title'), active)}
        </Panel>
      )}
      {active.length > 0 && <TokenNote />}
      {ended.length > 0 && (
        <Panel title={t('people.endedDevices', { count: ended.length })} flush>
          {table(t('people.endedCaption'), ended)}
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
