import { Button, Group, Stack } from '@mantine/core';
import type { TFunction } from 'i18next';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import type { KeyRecord } from '../../server/wire/admin.ts';
import type { CreatedPairing } from '../../server/wire/pairing.ts';
import * as api from '../api.ts';
import { ErrorNote } from '../parts/error-note.tsx';
import { Note } from '../parts/note.tsx';
import { endFormerKeys } from '../api-pairing.ts';
import { useKeys, useLan, usePairingChange } from '../queries.ts';
import { useHttps } from '../queries-network.ts';
import { useKeyTextChange } from '../queries-pairing.ts';
import { useFormat } from '../use-format.ts';
import { GuestCardButton } from './guest-card.tsx';
import { useInvitationProgress, type InvitationProgress } from './invitation-progress.ts';
import { InvitationWays } from './invitation-ways.tsx';
import { JoinDecision } from './join-decision.tsx';
import styles from './invitation-view.module.css';

type InvitationViewProps = {
  readonly created: CreatedPairing;
  /** The key that this invitation brings another text for. */
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
      {progress.phase === 'open' && <ByPhone />}
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
      {isIn && replaced !== null && <OldKey replaced={replaced} />}
      {takeBack.error !== null && <ErrorNote error={takeBack.error} />}
      {props.renewError !== null && <ErrorNote error={props.renewError} />}
      <Group justify="flex-end" gap="sm">
        {progress.phase === 'open' && (
          <GuestCardButton
            card={{
              kind: 'invitation',
              qrSvg: created.qrSvg,
              shortAddress: created.shortAddress,
              code: created.code,
              expiresAt: created.expiresAt,
              keyExpiresAt: created.keyExpiresAt,
            }}
          />
        )}
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

/** Where the owner's own phone can say yes, if the console is open to the network. */
function ByPhone(): ReactNode {
  const { t } = useTranslation();
  const lan = useLan().data;
  const https = useHttps().data;
  if (https?.networkConsole !== true || lan === undefined || lan.address === null) return null;
  const address = new URL('/console/approve', lan.address.replace(/^http:/, 'https:')).href;
  return <p className={styles['phone']}>{t('approve.byPhone', { address })}</p>;
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

/** The device has its new key: until when the old one goes on, and the way to end it now. */
function OldKey({ replaced }: { readonly replaced: KeyRecord }): ReactNode {
  const { t } = useTranslation();
  const format = useFormat();
  const end = useKeyTextChange(endFormerKeys);
  const former = useKeys().data?.find(({ id }) => id === replaced.id)?.formerKeys[0];
  if (former === undefined) return null;
  return (
    <>
      <Note
        tone="quiet"
        action={
          <Button variant="default" loading={end.isPending} onClick={() => end.mutate(replaced.id)}>
            {t('replaceKey.endOld')}
          </Button>
        }
      >
        {t('replaceKey.oldUntil', { hint: former.hint, when: format.dateTime(former.endsAt) })}
      </Note>
      {end.error !== null && <ErrorNote error={end.error} />}
    </>
  );
}
