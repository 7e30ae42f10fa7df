import { Button, Group } from '@mantine/core';
import { KeyRound, SearchX, Ticket, UserPlus, Users } from 'lucide-react';
import { useState, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { useSearchParams } from 'wouter';
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
import { endFormerKeys } from '../api-pairing.ts';
import { useKeyTextChange } from '../queries-pairing.ts';
import { useLimitsChange, usePrices, useSpending } from '../queries-limits.ts';
import {
  hasEnded,
  hasEndedLongAgo,
  readView,
  shownDevices,
  writeView,
  type DeviceView,
} from '../people-list.ts';
import { CreateKeyDialog } from '../sections/create-key-dialog.tsx';
import { DeviceTable, type DeviceActions } from '../sections/device-table.tsx';
import { useInvitation } from '../sections/invitation-context.ts';
import { InvitationsPanel } from '../sections/invitations-panel.tsx';
import { KeyLimitsDialog } from '../sections/key-limits-dialog.tsx';
import { PeopleFilterBar } from '../sections/people-filter-bar.tsx';
import { ReplaceKeyDialog } from '../sections/replace-key-dialog.tsx';
import { TeamPanel } from '../sections/team-panel.tsx';
import { TicketDialog } from '../sections/ticket-dialog.tsx';
import { TicketsPanel } from '../sections/tickets-panel.tsx';
import { UninvitedPanel } from '../sections/uninvited-panel.tsx';
import { useNow } from '../use-format.ts';

/** Who may ask, with what, and who may no longer. */
export function PeoplePage(): ReactNode {
  const { t } = useTranslation();
  const query = useKeys();
  const { addPerson } = useInvitation();
  const [search, setSearch] = useSearchParams();
  const view = readView(search);
  const change = (next: DeviceView): void => setSearch(writeView(next), { replace: true });
  const [isCreating, setIsCreating] = useState(false);
  const [isTicketing, setIsTicketing] = useState(false);
  const [leaving, setLeaving] = useState<KeyRecord | null>(null);
  const [replaced, setReplaced] = useState<KeyRecord | null>(null);
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
      <Button
        variant="default"
        leftSection={<Ticket size={16} aria-hidden />}
        onClick={() => setIsTicketing(true)}
      >
        {t('tickets.new')}
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
      <TicketsPanel />
      <QueryView query={query}>
        {(keys) =>
          keys.length === 0 ? (
            <EmptyNote isCard icon={<Users size={28} />} sentence={t('people.empty')} action={buttons} />
          ) : (
            <>
              <PeopleFilterBar view={view} onChange={change} />
              <DevicePanels
                keys={keys}
                view={view}
                onView={change}
                onLimits={setLimited}
                onReplace={setReplaced}
                onRevoke={setLeaving}
              />
              <TeamPanel keys={keys} />
            </>
          )
        }
      </QueryView>
      <UninvitedPanel />
      <CreateKeyDialog isOpen={isCreating} onClose={() => setIsCreating(false)} />
      <TicketDialog isOpen={isTicketing} onClose={() => setIsTicketing(false)} />
      <ReplaceKeyDialog record={replaced} onClose={() => setReplaced(null)} />
      <KeyLimitsDialog record={limited} onClose={() => setLimited(null)} />
      <RevokeDialog record={leaving} onClose={() => setLeaving(null)} />
    </Page>
  );
}

type DevicePanelsProps = Pick<DeviceActions, 'onLimits' | 'onReplace' | 'onRevoke'> & {
  readonly keys: readonly KeyRecord[];
  readonly view: DeviceView;
  readonly onView: (view: DeviceView) => void;
};

/** What works comes first; the rest stays listed, since the log still names it. */
function DevicePanels(props: DevicePanelsProps): ReactNode {
  const { t } = useTranslation();
  const { keys, view, onView, onLimits, onReplace, onRevoke } = props;
  const now = useNow();
  const spending = useSpending();
  const hasPrices = usePrices().data?.length !== 0;
  const update = useLimitsChange(updateKey);
  const endOld = useKeyTextChange(endFormerKeys);
  const shown = shownDevices(keys, view, { spending: spending.data, hasPrices, now });
  const active = shown.filter((key) => !hasEnded(key));
  const allEnded = shown.filter(hasEnded);
  const ended = view.isWithOld ? allEnded : allEnded.filter((key) => !hasEndedLongAgo(key, now));
  const hidden = allEnded.length - ended.length;
  const actions: DeviceActions = {
    onLimits,
    onReplace,
    onRevoke,
    onEndOld: ({ id }) => endOld.mutate(id),
    onPause: ({ id }, paused) => update.mutate({ id, change: { paused } }),
  };
  const table = (caption: string, rows: readonly KeyRecord[]): ReactNode => (
    <DeviceTable
      caption={caption}
      keys={rows}
      order={view.order}
      spending={spending.data}
      actions={actions}
    />
  );
  return (
    <>
      {update.error !== null && <ErrorNote error={update.error} />}
      {endOld.error !== null && <ErrorNote error={endOld.error} />}
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
      {active.length + ended.length === 0 && hidden === 0 && (
        <EmptyNote
          isCard
          icon={<SearchX size={28} />}
          sentence={t('peopleList.noMatch')}
          action={
            <Button variant="default" onClick={() => onView(readView(new URLSearchParams()))}>
              {t('peopleList.showAll')}
            </Button>
          }
        />
      )}
      {hidden > 0 && (
        <div>
          <Button variant="default" onClick={() => onView({ ...view, isWithOld: true })}>
            {t('peopleList.showOld', { count: hidden })}
          </Button>
        </div>
      )}
    </>
  );
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
