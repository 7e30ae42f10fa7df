import { Button } from '@mantine/core';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import type { KeyRecord } from '../../server/wire/admin.ts';
import { KeyStatus } from '../parts/state-word.tsx';
import { useFormat, useNow } from '../use-format.ts';
import styles from './key-table.module.css';

type KeyTableProps = {
  readonly caption: string;
  readonly keys: readonly KeyRecord[];
  readonly onRevoke: (record: KeyRecord) => void;
};

export function KeyTable({ caption, keys, onRevoke }: KeyTableProps): ReactNode {
  const { t } = useTranslation();
  return (
    <table className={styles['table']}>
      <caption className={styles['caption']}>{caption}</caption>
      <thead>
        <tr>
          <th scope="col">{t('keys.name')}</th>
          <th scope="col" className={styles['wide']}>
            {t('keys.key')}
          </th>
          <th scope="col" className={styles['wide']}>
            {t('keys.mayUse')}
          </th>
          <th scope="col" className={styles['roomy']}>
            {t('keys.lastUsed')}
          </th>
          <th scope="col" className={styles['roomy']}>
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
      <tbody>
        {keys.map((record) => (
          <KeyRow key={record.id} record={record} onRevoke={() => onRevoke(record)} />
        ))}
      </tbody>
    </table>
  );
}

function KeyRow({
  record,
  onRevoke,
}: {
  readonly record: KeyRecord;
  readonly onRevoke: () => void;
}): ReactNode {
  const { t } = useTranslation();
  const format = useFormat();
  const now = useNow();
  const lastUsed = record.lastUsedAt === null ? t('keys.neverUsed') : format.ago(record.lastUsedAt, now);
  return (
    <tr>
      <th scope="row" className={styles['name']}>
        <span>{record.name}</span>
        {record.person !== null && <span className={styles['second']}>{record.person}</span>}
        <span className={`${styles['second']} ${styles['narrow']}`}>
          <code>{record.hint}</code>
        </span>
        <span className={`${styles['second']} ${styles['phone']}`}>{lastUsed}</span>
        <span className={styles['phone']}>
          <KeyStatus status={record.status} />
        </span>
      </th>
      <td className={styles['wide']}>
        <code>{record.hint}</code>
      </td>
      <td className={`${styles['wide']} ${styles['models']}`} title={record.models?.join(', ')}>
        {record.models === null ? t('keys.allModels') : record.models.join(', ')}
      </td>
      <td
        className={styles['roomy']}
        title={
          record.lastUsedAt === null
            ? undefined
            : [format.dateTime(record.lastUsedAt), record.lastIp].filter((part) => part !== null).join(' · ')
        }
      >
        {lastUsed}
      </td>
      <td
        className={styles['roomy']}
        title={record.expiresAt === null ? undefined : format.dateTime(record.expiresAt)}
      >
        {record.expiresAt === null ? t('keys.never') : format.date(record.expiresAt)}
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
