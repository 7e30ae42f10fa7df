import { Button } from '@mantine/core';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import type { KeyRecord } from '../../server/wire/admin.ts';
import { guessClient } from '../client-name.ts';
import { isThisComputer } from '../own-host.ts';
import { Chip } from '../parts/chip.tsx';
import { KeyStatus } from '../parts/state-word.tsx';
import { useFormat, useNow } from '../use-format.ts';
import { groupByPerson } from './people-groups.ts';
import styles from './device-table.module.css';

type DeviceTableProps = {
  readonly caption: string;
  readonly keys: readonly KeyRecord[];
  readonly onRevoke: (record: KeyRecord) => void;
};

const columns = 6;

/** People, and under each what they use: one key per device. */
export function DeviceTable({ caption, keys, onRevoke }: DeviceTableProps): ReactNode {
  const { t, i18n } = useTranslation();
  return (
    <table className={styles['table']}>
      <caption className={styles['caption']}>{caption}</caption>
      <thead>
        <tr>
          <th scope="col">{t('people.deviceColumn')}</th>
          <th scope="col" className={styles['roomy']}>
            {t('keys.lastUsed')}
          </th>
          <th scope="col" className={styles['wide']}>
            {t('keys.mayUse')}
          </th>
          <th scope="col" className={styles['wide']}>
            {t('keys.expires')}
          </th>
          <th scope="col" className={styles['roomy']}>
            {t('keys.status')}
          </th>
          <th scope="col">
            <span className={styles['caption']}>{t('keys.action')}</span>
          </th>
        </tr>
      </thead>
      {groupByPerson(keys, i18n.language).map(({ person, keys: own }) => (
        <tbody key={person ?? ''}>
          <tr className={styles['group']}>
            <th scope="rowgroup" colSpan={columns}>
              {person ?? t('people.nobodys')}
            </th>
          </tr>
          {own.map((record) => (
            <DeviceRow key={record.id} record={record} onRevoke={() => onRevoke(record)} />
          ))}
        </tbody>
      ))}
    </table>
  );
}

type DeviceRowProps = { readonly record: KeyRecord; readonly onRevoke: () => void };

function DeviceRow({ record, onRevoke }: DeviceRowProps): ReactNode {
  const { t } = useTranslation();
  const format = useFormat();
  const expires = record.expiresAt === null ? t('keys.never') : format.date(record.expiresAt);
  return (
    <tr>
      <th scope="row" className={styles['name']}>
        <span>{record.name}</span> <PlainMark record={record} />
        <span className={styles['second']}>
          <DeviceFacts record={record} />
        </span>
        <span className={`${styles['second']} ${styles['phone']}`}>
          <LastUse record={record} />
        </span>
        {record.expiresAt !== null && (
          <span className={`${styles['second']} ${styles['narrow']}`}>
            {t('people.expiresOn', { date: expires })}
          </span>
        )}
        <span className={styles['phone']}>
          <KeyStatus status={record.status} />
        </span>
      </th>
      <td className={styles['roomy']}>
        <LastUse record={record} />
      </td>
      <td className={`${styles['wide']} ${styles['models']}`} title={record.models?.join(', ')}>
        {record.models === null ? t('keys.allModels') : record.models.join(', ')}
      </td>
      <td
        className={styles['wide']}
        title={record.expiresAt === null ? undefined : format.dateTime(record.expiresAt)}
      >
        {expires}
      </td>
      <td className={styles['roomy']}>
        <KeyStatus status={record.status} />
      </td>
      <td className={styles['action']}>
        {record.status !== 'revoked' && (
          <Button
            variant="default"
            size="xs"
            aria-label={t('keys.revokeWhat', { name: record.name })}
            onClick={onRevoke}
          >
            {t('keys.revokeShort')}
          </Button>
        )}
      </td>
    </tr>
  );
}

/** What it most likely is, how it came in, and its key to recognise it by. */
function DeviceFacts({ record }: { readonly record: KeyRecord }): ReactNode {
  const { t } = useTranslation();
  const client = guessClient(record.lastClient);
  const origin = record.preset === null ? t('people.byHand') : t(`people.presetName.${record.preset}`);
  return (
    <>
      {[...(client === null ? [] : [client]), origin].join(' · ')} · <code>{record.hint}</code>
    </>
  );
}

function LastUse({ record }: { readonly record: KeyRecord }): ReactNode {
  const { t } = useTranslation();
  const format = useFormat();
  const now = useNow();
  if (record.lastUsedAt === null) return t('keys.neverUsed');
  return (
    <>
      <span title={format.dateTime(record.lastUsedAt)}>{format.ago(record.lastUsedAt, now)}</span>
      {record.lastIp !== null && (
        <span className={styles['second']}>{t('people.from', { ip: record.lastIp })}</span>
      )}
    </>
  );
}

/** Its last request crossed the network in clear. Within this computer nobody can listen. */
function PlainMark({ record }: { readonly record: KeyRecord }): ReactNode {
  const { t } = useTranslation();
  const crossedNetwork = record.lastHost !== null && !isThisComputer(record.lastHost);
  if (record.plain !== true || !crossedNetwork) return null;
  return <Chip title={t('office.plainMeans')}>{t('people.plain')}</Chip>;
}
