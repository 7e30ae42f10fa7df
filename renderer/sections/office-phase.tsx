import type { TFunction } from 'i18next';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import type { LanState } from '../../server/wire/lan.ts';
import { Note } from '../parts/note.tsx';

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

type System = 'windows' | 'mac' | 'linux';

/** The console is open on the very computer whose firewall is meant. */
function ownSystem(): System {
  if (navigator.userAgent.includes('Windows')) return 'windows';
  return navigator.userAgent.includes('Mac') ? 'mac' : 'linux';
}

function hintSentence(t: TFunction, hint: LanState['hints'][number], { address }: LanState): string {
  if (hint !== 'firewall') return t(`office.hint.${hint}`);
  const port = address === null ? '' : new URL(address).port;
  return `${t('office.hint.firewall', { port })} ${t(`office.firewall.${ownSystem()}`, { port })}`;
}
