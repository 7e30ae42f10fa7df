import { Button, Group } from '@mantine/core';
import type { TFunction } from 'i18next';
import type { ReactNode } from 'react';
import { Trans, useTranslation } from 'react-i18next';
import type { PairingRecord } from '../../server/wire/pairing.ts';
import * as api from '../api.ts';
import { guessClient } from '../client-name.ts';
import { deviceTitle } from '../device-title.ts';
import { ErrorNote } from '../parts/error-note.tsx';
import { usePairingChange } from '../queries.ts';
import styles from './join-decision.module.css';

/** An invitation that a device asks to be let in by. */
export type JoinRequest = PairingRecord & { readonly join: NonNullable<PairingRecord['join']> };

/** Somebody waits for the owner's word. */
export function isAsking(pairing: PairingRecord): pairing is JoinRequest {
  return pairing.state === 'waiting' && pairing.join?.approvedAt === null;
}

/** Who asks, the two digits to compare, and the owner's yes and no. */
export function JoinDecision({ pairing }: { readonly pairing: JoinRequest }): ReactNode {
  const { t } = useTranslation();
  const approve = usePairingChange(api.approvePairing);
  const deny = usePairingChange(api.denyPairing);
  const { join } = pairing;
  const who = deviceTitle(t, pairing.person, pairing.device ?? join.device);
  const isBusy = approve.isPending || deny.isPending;
  const error = approve.error ?? deny.error;
  return (
    <div className={styles['decision']}>
      <div className={styles['words']}>
        <p className={styles['question']}>
          {t('join.asks', { who, ip: join.ip })}{' '}
          <Trans
            t={t}
            i18nKey="join.question"
            values={{ code: join.matchCode }}
            components={{ code: <strong className={styles['code']} /> }}
          />
        </p>
        <p className={styles['about']}>{aboutDevice(t, pairing)}</p>
        {pairing.triedAgainFrom !== null && (
          <p className={styles['warning']}>{t('join.triedAgain', { ip: pairing.triedAgainFrom })}</p>
        )}
        {error !== null && <ErrorNote error={error} />}
      </div>
      <Group gap="sm" wrap="nowrap">
        <Button
          loading={approve.isPending}
          disabled={isBusy}
          aria-label={t('join.allowWhat', { who })}
          onClick={() => approve.mutate(pairing.id)}
        >
          {t('join.allow')}
        </Button>
        <Button
          variant="default"
          loading={deny.isPending}
          disabled={isBusy}
          aria-label={t('join.denyWhat', { who })}
          onClick={() => deny.mutate(pairing.id)}
        >
          {t('join.deny')}
        </Button>
      </Group>
    </div>
  );
}

/** What the device says of itself; only its address cannot be made up. */
function aboutDevice(t: TFunction, { device, join, uninvited }: JoinRequest): string {
  const client = guessClient(join.client);
  return [
    ...(device !== null && device !== join.device ? [t('join.callsItself', { device: join.device })] : []),
    ...(client === null ? [] : [client]),
    uninvited ? t('join.uninvited') : t(`join.via.${join.via}`),
  ].join(' · ');
}
