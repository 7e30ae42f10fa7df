import { Button, Group, Stack } from '@mantine/core';
import type { TFunction } from 'i18next';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import type { KeyRecord } from '../../server/wire/admin.ts';
import type { CreatedPairing } from '../../server/wire/pairing.ts';
import * as api from '../api.ts';
import { ErrorNote } from '../parts/error-note.tsx';
import { Note } from '../parts/note.tsx';
import { useKeys, usePairingChange, useRevokeKey } from '../queries.ts';
import { useInvitationProgress, type InvitationProgress } from './invitation-progress.ts';
import { InvitationWays } from './invitation-ways.tsx';
import { JoinDecision } from './join-decision.tsx';
import styles from './invitation-view.module.css';

type InvitationViewProps = {
  readonly created: CreatedPairing;
  /** The key that this invitation is to take the place of. */
  readonly replaced: KeyRecord | null;
  readonly isRenewing: boolean;
  readonly renewError: unknown;
  readonly onRenew: () => void;
  readonly onClose: () => void;
};

/** An invitation from the QR code to the first request of who was let in. */
export function InvitationView(props: InvitationViewProps): ReactNode {
  const { t } = useTranslation();
  const { created, replaced } = props;
  const progress = useInvitationProgress(created);
  const takeBack = usePairingChange(api.closePairing);
  const isIn = progress.phase === 'joined' || progress.phase === 'seen';
  return (
    <Stack gap="md">
      {created.warnings.map((warning) => (
        <Note key={warning} tone="attention">
          {warning}
        </Note>
      ))}
      {progress.phase === 'open' && <InvitationWays created={created} expiresAt={progress.expiresAt} />}
      {progress.phase === 'asking' && (
        <div className={styles['decision']} role="alert">
          <JoinDecision pairing={progress.pairing} />
        </div>
      )}
      <output className={styles['live']}>
        {progress.phase !== 'asking' && (
          <Note tone={toneOf(progress)}>
            <p>{progressSentence(t, progress)}</p>
          </Note>
        )}
      </output>
      {progress.triedAgainFrom !== null && progress.phase !== 'asking' && (
        <Note tone="attention">
          {t(isIn ? 'invitation.triedAfter' : 'invitation.triedAgain', { ip: progress.triedAgainFrom })}
        </Note>
      )}
      {isIn && replaced !== null && <ReplacedKey replaced={replaced} />}
      {takeBack.error !== null && <ErrorNote error={takeBack.error} />}
      {props.renewError !== null && <ErrorNote error={props.renewError} />}
      <Group justify="flex-end" gap="sm">
        {progress.phase === 'open' && (
          <Button
            variant="default"
            loading={takeBack.isPending}
            onClick={() => takeBack.mutate(created.id, { onSuccess: props.onClose })}
          >
            {t('invitation.takeBack')}
          </Button>
        )}
        {progress.phase === 'ended' && (
          <Button variant="default" loading={props.isRenewing} onClick={props.onRenew}>
            {t('invitation.renew')}
          </Button>
        )}
        <Button variant={isIn ? 'filled' : 'default'} onClick={props.onClose}>
          {t(isIn ? 'invitation.done' : 'common.close')}
        </Button>
      </Group>
    </Stack>
  );
}

function toneOf({ phase }: InvitationProgress): 'ok' | 'waiting' | 'attention' {
  if (phase === 'seen' || phase === 'joined') return 'ok';
  return phase === 'ended' ? 'attention' : 'waiting';
}

function progressSentence(t: TFunction, progress: InvitationProgress): string {
  switch (progress.phase) {
    case 'open':
      return t('invitation.waiting');
    case 'asking':
      return '';
    case 'allowed':
      return t('invitation.allowed');
    case 'joined':
      return t('invitation.joined', { name: progress.name ?? t('people.someDevice') });
    case 'seen':
      return t('invitation.seen', { name: progress.name ?? t('people.someDevice') });
    case 'ended':
      return t(`invitation.ended.${progress.why}`);
    default:
      return progress satisfies never;
  }
}

/** The device has its new key: the old one would only lie about. */
function ReplacedKey({ replaced }: { readonly replaced: KeyRecord }): ReactNode {
  const { t } = useTranslation();
  const revoke = useRevokeKey();
  const isStillActive = useKeys().data?.some(({ id, status }) => id === replaced.id && status === 'active');
  if (isStillActive !== true) return null;
  return (
    <>
      <Note
        tone="quiet"
        action={
          <Button variant="default" loading={revoke.isPending} onClick={() => revoke.mutate(replaced.id)}>
            {t('invitation.revokeOld')}
          </Button>
        }
      >
        {t('invitation.oldKey', { name: replaced.name, hint: replaced.hint })}
      </Note>
      {revoke.error !== null && <ErrorNote error={revoke.error} />}
    </>
  );
}
