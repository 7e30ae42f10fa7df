import { Button } from '@mantine/core';
import type { TFunction } from 'i18next';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import type { LanState } from '../../server/wire/lan.ts';
import { ErrorNote } from '../parts/error-note.tsx';
import { Note } from '../parts/note.tsx';
import { useSetLan } from '../queries.ts';
import { OfficeCheck } from './office-check.tsx';

/** Whether the office really gets through. Green only when another device has (design decision 20). */
export function OfficePhase({ lan }: { readonly lan: LanState }): ReactNode {
  const { t } = useTranslation();
  const { phase } = lan;
  switch (phase) {
    case 'off':
      return null;
    case 'no-network':
      return (
        <Note tone="attention" isLive>
          <p>{t('office.noNetwork')}</p>
        </Note>
      );
    case 'port-taken':
      return <PortTaken lan={lan} />;
    case 'waiting':
      return (
        <Note tone="waiting" isLive>
          <p>{t('office.waiting')}</p>
        </Note>
      );
    case 'doubtful':
      return (
        <Note tone="attention" isLive>
          <p>{t('office.doubtful')}</p>
          <ul>
            {lan.hints.map((hint) => (
              <li key={hint}>{hintSentence(t, hint, lan)}</li>
            ))}
          </ul>
          <OfficeCheck />
        </Note>
      );
    case 'reached':
      return (
        <Note tone="ok" isLive>
          <p>{t('office.reached', { address: lan.reachedFrom })}</p>
        </Note>
      );
    default:
      return phase satisfies never;
  }
}

/** Who has the port may stay; the office is told another address then. */
function PortTaken({ lan: { portTaken } }: { readonly lan: LanState }): ReactNode {
  const { t } = useTranslation();
  const setLan = useSetLan();
  const { port = 0, freePort = null } = portTaken ?? {};
  return (
    <Note
      tone="attention"
      isLive
      action={
        freePort !== null && (
          <Button
            variant="default"
            size="xs"
            loading={setLan.isPending}
            onClick={() => setLan.mutate({ on: true, address: null, port: freePort })}
          >
            {t('officeCheck.takePort', { port: freePort })}
          </Button>
        )
      }
    >
      <p>
        {t('officeCheck.portTaken', { port })}{' '}
        {t(freePort === null ? 'officeCheck.noPort' : 'officeCheck.freePort', { port: freePort })}
      </p>
      {setLan.error !== null && <ErrorNote error={setLan.error} />}
    </Note>
  );
}

type System = 'windows' | 'mac' | 'linux';

/** The console is open on the very computer whose firewall is meant. */
export function ownSystem(): System {
  if (navigator.userAgent.includes('Windows')) return 'windows';
  return navigator.userAgent.includes('Mac') ? 'mac' : 'linux';
}

function hintSentence(t: TFunction, hint: LanState['hints'][number], { address }: LanState): string {
  if (hint !== 'firewall') return t(`office.hint.${hint}`);
  const port = address === null ? '' : new URL(address).port;
  return `${t('office.hint.firewall', { port })} ${t(`office.firewall.${ownSystem()}`, { port })}`;
}
