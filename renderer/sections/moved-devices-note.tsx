import { Button } from '@mantine/core';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import type { KeyRecord } from '../../server/wire/admin.ts';
import type { LanState } from '../../server/wire/lan.ts';
import { hostOf, isThisComputer } from '../own-host.ts';
import { Panel } from '../parts/panel.tsx';
import { useKeys, useLan } from '../queries.ts';
import { useFormat, useNow } from '../use-format.ts';
import { useInvitation } from './invitation-context.ts';
import styles from './moved-devices-note.module.css';

/** Until the device has its new address, the key that it has may still be wanted elsewhere. */
const overlapSeconds = 86_400;

/** After the network has given this computer another address: who does not know it yet. */
export function MovedDevicesNote(): ReactNode {
  const { t } = useTranslation();
  const lan = useLan().data;
  const keys = useKeys().data;
  if (lan === undefined || keys === undefined || lan.address === null) return null;
  const left = keys.filter((key) => isLeftBehind(key, lan));
  const hasMoved = lan.previousAddress !== null && lan.previousAddress !== lan.address;
  if (left.length === 0 && !hasMoved) return null;
  return (
    <Panel title={t('moved.title')}>
      <p className={styles['lead']}>
        {hasMoved
          ? t('moved.fromTo', { previous: lan.previousAddress, address: lan.address })
          : t('moved.now', { address: lan.address })}{' '}
        {t(left.length === 0 ? 'moved.nobody' : 'moved.askNew')}
      </p>
      {left.length > 0 && (
        <ul className={styles['list']}>
          {left.map((key) => (
            <LeftDevice key={key.id} record={key} />
          ))}
        </ul>
      )}
    </Panel>
  );
}

/** Last seen under an address that is not ours any more. A name moves along by itself. */
function isLeftBehind({ status, lastHost, lastUsedAt, replacedAt }: KeyRecord, lan: LanState): boolean {
  if (status !== 'active' || lastHost === null || lan.address === null) return false;
  // It has been given its new key since, and the address with it.
  if (replacedAt !== null && lastUsedAt !== null && replacedAt >= lastUsedAt) return false;
  return lastHost !== hostOf(lan.address) && !lastHost.endsWith('.local') && !isThisComputer(lastHost);
}

function LeftDevice({ record }: { readonly record: KeyRecord }): ReactNode {
  const { t } = useTranslation();
  const format = useFormat();
  const now = useNow();
  const { replace } = useInvitation();
  return (
    <li className={styles['device']}>
      <span className={styles['name']}>
        {record.name}
        <span className={styles['seen']}>
          {t('moved.lastSeen', {
            host: record.lastHost,
            when: record.lastUsedAt === null ? '' : format.ago(record.lastUsedAt, now),
          })}
        </span>
      </span>
      <Button
        variant="default"
        size="xs"
        aria-label={t('moved.newLinkFor', { name: record.name })}
        onClick={() => replace(record, overlapSeconds)}
      >
        {t('moved.newLink')}
      </Button>
    </li>
  );
}
