import { Button } from '@mantine/core';
import { TriangleAlert } from 'lucide-react';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import type { PairingRecord } from '../../server/wire/pairing.ts';
import * as api from '../api.ts';
import { deviceTitle } from '../device-title.ts';
import { ErrorNote } from '../parts/error-note.tsx';
import { Panel } from '../parts/panel.tsx';
import { usePairingChange, usePairings } from '../queries.ts';
import { useCountdown } from '../use-countdown.ts';
import { useFormat } from '../use-format.ts';
import styles from './invitations-panel.module.css';

/** Invitations that still count, and those of the last day about which something was odd. */
export function InvitationsPanel(): ReactNode {
  const { t } = useTranslation();
  const shown = (usePairings().data ?? []).filter((pairing) => isLive(pairing) || isOdd(pairing));
  if (shown.length === 0) return null;
  return (
    <Panel title={t('people.invitations')}>
      <ul className={styles['list']}>
        {shown.map((pairing) => (
          <Invitation key={pairing.id} pairing={pairing} />
        ))}
      </ul>
    </Panel>
  );
}

function isLive({ state }: PairingRecord): boolean {
  return state === 'open' || state === 'waiting';
}

function isOdd({ triedAgainFrom, closedBy }: PairingRecord): boolean {
  return triedAgainFrom !== null || closedBy === 'guessing';
}

function Invitation({ pairing }: { readonly pairing: PairingRecord }): ReactNode {
  const { t } = useTranslation();
  const takeBack = usePairingChange(api.closePairing);
  const who = deviceTitle(t, pairing.person, pairing.device ?? pairing.join?.device ?? null);
  return (
    <li className={styles['invitation']}>
      <div className={styles['words']}>
        <span className={styles['who']}>{who}</span>
        <span className={styles['state']}>
          {pairing.state === 'open' ? (
            <TimeLeft expiresAt={pairing.expiresAt} />
          ) : (
            t(`people.invitationState.${pairing.state}`)
          )}
        </span>
        <OddNote pairing={pairing} />
        {takeBack.error !== null && <ErrorNote error={takeBack.error} />}
      </div>
      {isLive(pairing) && (
        <Button
          variant="default"
          size="xs"
          loading={takeBack.isPending}
          aria-label={t('people.takeBackWhat', { who })}
          onClick={() => takeBack.mutate(pairing.id)}
        >
          {t('invitation.takeBack')}
        </Button>
      )}
    </li>
  );
}

function TimeLeft({ expiresAt }: { readonly expiresAt: string }): ReactNode {
  const { t } = useTranslation();
  const format = useFormat();
  const leftMs = useCountdown(expiresAt);
  return t('people.openFor', { left: format.untilEnd(leftMs) });
}

function OddNote({ pairing }: { readonly pairing: PairingRecord }): ReactNode {
  const { t } = useTranslation();
  if (!isOdd(pairing)) return null;
  const { closedBy, triedAgainFrom, state } = pairing;
  return (
    <span className={styles['odd']}>
      <TriangleAlert size={16} aria-hidden />
      <span>
        {closedBy === 'guessing'
          ? t('invitation.ended.guessing')
          : t(state === 'joined' ? 'invitation.triedAfter' : 'invitation.triedAgain', { ip: triedAgainFrom })}
      </span>
    </span>
  );
}
