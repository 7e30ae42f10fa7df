import { Button, Group, Stack, Text } from '@mantine/core';
import { TriangleAlert } from 'lucide-react';
import { useState, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import type { TicketRecord } from '../../server/wire/pairing.ts';
import { revokeTicket } from '../api-pairing.ts';
import { Dialog } from '../parts/dialog.tsx';
import { ErrorNote } from '../parts/error-note.tsx';
import { Note } from '../parts/note.tsx';
import { Panel } from '../parts/panel.tsx';
import { useTicketChange, useTickets } from '../queries-pairing.ts';
import { useFormat, useNow } from '../use-format.ts';
import styles from './invitations-panel.module.css';

/** Tickets that let machines in without asking: what is left of each, who used it, and how it is ended. */
export function TicketsPanel(): ReactNode {
  const { t } = useTranslation();
  const tickets = useTickets();
  const [leaving, setLeaving] = useState<TicketRecord | null>(null);
  const shown = (tickets.data ?? []).filter(isShown);
  if (tickets.isLoadingError)
    return <ErrorNote error={tickets.error} onRetry={() => void tickets.refetch()} />;
  if (shown.length === 0) return null;
  return (
    <Panel title={t('tickets.title')}>
      <Stack gap="md">
        {shown.some(({ state }) => state === 'open') && <Note tone="attention">{t('tickets.warning')}</Note>}
        <ul className={styles['list']}>
          {shown.map((ticket) => (
            <Ticket key={ticket.id} ticket={ticket} onRevoke={() => setLeaving(ticket)} />
          ))}
        </ul>
      </Stack>
      <RevokeTicketDialog ticket={leaving} onClose={() => setLeaving(null)} />
    </Panel>
  );
}

/** One that has ended is told of while keys of it count: they can still be ended together. */
function isShown({ state, keyIds }: TicketRecord): boolean {
  return state === 'open' || keyIds.length > 0;
}

function Ticket({
  ticket,
  onRevoke,
}: {
  readonly ticket: TicketRecord;
  readonly onRevoke: () => void;
}): ReactNode {
  const { t } = useTranslation();
  const format = useFormat();
  const now = useNow();
  const { name, state, uses, mostUses, from, expiresAt, lastUsedAt, refusedFrom, refusedAt, keyIds } = ticket;
  const facts = [
    t('tickets.used', { uses, most: mostUses }),
    state === 'open' ? t('tickets.until', { when: format.dateTime(expiresAt) }) : t(`tickets.state.${state}`),
    from === null ? t('tickets.fromEverywhere') : t('tickets.from', { addresses: from.join(', ') }),
    ...(lastUsedAt === null ? [] : [t('tickets.lastUsed', { when: format.ago(lastUsedAt, now) })]),
    ...(state === 'open' ? [] : [t('tickets.keysLeft', { count: keyIds.length })]),
  ];
  return (
    <li className={styles['invitation']}>
      <div className={styles['words']}>
        <span className={styles['who']}>{name}</span>
        <span className={styles['state']}>{facts.join(' · ')}</span>
        {refusedFrom !== null && refusedAt !== null && (
          <span className={styles['odd']}>
            <TriangleAlert size={16} aria-hidden />
            <span>{t('tickets.refused', { ip: refusedFrom, when: format.ago(refusedAt, now) })}</span>
          </span>
        )}
      </div>
      <Button variant="default" size="xs" aria-label={t('tickets.revokeWhat', { name })} onClick={onRevoke}>
        {t(state === 'open' ? 'tickets.revoke' : 'tickets.revokeKeys')}
      </Button>
    </li>
  );
}

type RevokeTicketDialogProps = { readonly ticket: TicketRecord | null; readonly onClose: () => void };

/** The ticket alone, or with all that it has let in: the second is for one that has got into wrong hands. */
function RevokeTicketDialog({ ticket, onClose }: RevokeTicketDialogProps): ReactNode {
  const { t } = useTranslation();
  const revoke = useTicketChange(revokeTicket);
  function close(): void {
    revoke.reset();
    onClose();
  }
  const end = (keys: 'keep' | 'revoke'): void => {
    if (ticket !== null) revoke.mutate({ id: ticket.id, keys }, { onSuccess: close });
  };
  const count = ticket?.keyIds.length ?? 0;
  return (
    <Dialog
      title={t('tickets.revokeTitle', { name: ticket?.name ?? '' })}
      isOpen={ticket !== null}
      onClose={close}
    >
      <Stack gap="md">
        <Text>{t('tickets.revokeMeans')}</Text>
        {count > 0 && <Text>{t('tickets.keysMean', { count })}</Text>}
        {revoke.error !== null && <ErrorNote error={revoke.error} />}
        <Group justify="flex-end" gap="sm">
          <Button variant="default" onClick={close}>
            {t('common.cancel')}
          </Button>
          {count > 0 && (
            <Button color="red" loading={revoke.isPending} onClick={() => end('revoke')}>
              {t('tickets.revokeAll', { count })}
            </Button>
          )}
          {ticket?.state === 'open' && (
            <Button
              color="red"
              variant={count > 0 ? 'default' : 'filled'}
              loading={revoke.isPending}
              onClick={() => end('keep')}
            >
              {t('tickets.revokeOne')}
            </Button>
          )}
        </Group>
      </Stack>
    </Dialog>
  );
}
