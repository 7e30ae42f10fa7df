import { Button } from '@mantine/core';
import { Ban, CirclePause, CirclePlay, KeyRound, SlidersHorizontal, TimerOff } from 'lucide-react';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import type { KeyRecord } from '../../server/wire/admin.ts';
import type { SpendingOverview } from '../../server/wire/limits.ts';
import { guessClient } from '../client-name.ts';
import { isUnencrypted, type DeviceOrder } from '../people-list.ts';
import { Chip } from '../parts/chip.tsx';
import base from '../parts/list-table.module.css';
import { RowMenu, type RowMenuItem } from '../parts/row-menu.tsx';
import { KeyStatus } from '../parts/state-word.tsx';
import { useTeams } from '../queries-limits.ts';
import { useFormat, useNow } from '../use-format.ts';
import { TeamAtLimit, TightestBudget } from './key-limits-meter.tsx';
import { groupByPerson } from './people-groups.ts';
import styles from './device-table.module.css';

/** What can be done with a device. */
export type DeviceActions = {
  readonly onLimits: (record: KeyRecord) => void;
  readonly onPause: (record: KeyRecord, paused: boolean) => void;
  readonly onReplace: (record: KeyRecord) => void;
  readonly onEndOld: (record: KeyRecord) => void;
  readonly onRevoke: (record: KeyRecord) => void;
};

type DeviceTableProps = {
  readonly caption: string;
  readonly keys: readonly KeyRecord[];
  readonly order: DeviceOrder;
  /** Undefined while it is not known: the table is shown without it. */
  readonly spending: SpendingOverview | undefined;
  readonly actions: DeviceActions;
};

const columns = 6;

/** People, and under each what they use: one key per device. */
export function DeviceTable({ caption, keys, order, spending, actions }: DeviceTableProps): ReactNode {
  const { i18n, t } = useTranslation();
  return (
    <table className={`${base['table']} ${styles['table']}`}>
      <caption className={base['caption']}>{caption}</caption>
      <DeviceTableHead />
      {groupByPerson(keys, { language: i18n.language, order }).map(({ person, keys: own }) => (
        <tbody key={person ?? ''}>
          <tr className={styles['group']}>
            <th scope="rowgroup" colSpan={columns}>
              {person ?? t('people.nobodys')}
            </th>
          </tr>
          {own.map((record) => (
            <DeviceRow key={record.id} record={record} spending={spending} actions={actions} />
          ))}
        </tbody>
      ))}
    </table>
  );
}

function DeviceTableHead(): ReactNode {
  const { t } = useTranslation();
  return (
    <thead>
      <tr>
        <th scope="col">{t('people.deviceColumn')}</th>
        <th scope="col" className={styles['wide']}>
          {t('keys.lastUsed')}
        </th>
        <th scope="col" className={styles['roomy']}>
          {t('limits.budget')}
        </th>
        <th scope="col" className={styles['wide']}>
          {t('keys.expires')}
        </th>
        <th scope="col" className={styles['roomy']}>
          {t('keys.status')}
        </th>
        <th scope="col">
          <span className={base['caption']}>{t('keys.action')}</span>
        </th>
      </tr>
    </thead>
  );
}

type DeviceRowProps = Pick<DeviceTableProps, 'spending' | 'actions'> & { readonly record: KeyRecord };

function DeviceRow({ record, spending, actions }: DeviceRowProps): ReactNode {
  const { t } = useTranslation();
  const format = useFormat();
  const expires = record.expiresAt === null ? t('keys.never') : format.date(record.expiresAt);
  const budget = <DeviceBudget record={record} spending={spending} />;
  return (
    <tr>
      <th scope="row" className={styles['name']}>
        <span>{record.name}</span> <PlainMark record={record} />
        <span className={styles['second']}>
          <DeviceFacts record={record} />
        </span>
        <DeviceRules record={record} />
        <OldKeys record={record} />
        <span className={`${styles['second']} ${styles['narrow']}`}>
          <LastUse record={record} />
        </span>
        {record.expiresAt !== null && (
          <span className={`${styles['second']} ${styles['narrow']}`}>
            {t('people.expiresOn', { date: expires })}
          </span>
        )}
        <div className={styles['phone']}>
          <KeyStatus status={record.status} />
          {budget}
        </div>
      </th>
      <td className={styles['wide']}>
        <LastUse record={record} />
      </td>
      <td className={`${styles['roomy']} ${styles['budget']}`}>{budget}</td>
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
        {record.status !== 'revoked' && <DeviceButtons record={record} actions={actions} />}
      </td>
    </tr>
  );
}

function DeviceBudget({ record, spending }: Pick<DeviceRowProps, 'record' | 'spending'>): ReactNode {
  if (spending === undefined || record.status === 'revoked' || record.status === 'expired') return null;
  const accounts = spending.keys.find(({ id }) => id === record.id)?.accounts;
  const team = spending.teams.find(({ name }) => name === record.team);
  return (
    <>
      <TightestBudget accounts={accounts} currency={spending.currency} />
      {team !== undefined && <TeamAtLimit team={team.name} accounts={team.accounts} />}
    </>
  );
}

function DeviceButtons({ record, actions }: Pick<DeviceRowProps, 'record' | 'actions'>): ReactNode {
  const { t } = useTranslation();
  const { name } = record;
  const pause: RowMenuItem =
    record.pausedAt === null
      ? { label: t('limits.pause'), icon: CirclePause, onClick: () => actions.onPause(record, true) }
      : { label: t('limits.resume'), icon: CirclePlay, onClick: () => actions.onPause(record, false) };
  return (
    <div className={styles['buttons']}>
      <Button
        variant="default"
        size="xs"
        leftSection={<SlidersHorizontal size={14} aria-hidden />}
        aria-label={t('limits.openWhat', { name })}
        onClick={() => actions.onLimits(record)}
      >
        {t('limits.open')}
      </Button>
      <RowMenu
        label={t('limits.moreWhat', { name })}
        items={[
          pause,
          ...(record.status === 'expired'
            ? []
            : [{ label: t('replaceKey.replace'), icon: KeyRound, onClick: () => actions.onReplace(record) }]),
          ...(record.formerKeys.length === 0
            ? []
            : [{ label: t('replaceKey.endOld'), icon: TimerOff, onClick: () => actions.onEndOld(record) }]),
          { label: t('keys.revoke'), icon: Ban, isDangerous: true, onClick: () => actions.onRevoke(record) },
        ]}
      />
    </div>
  );
}

/** Keys from before it was replaced that still work, each until when and whether anybody uses it. */
function OldKeys({ record }: { readonly record: KeyRecord }): ReactNode {
  const { t } = useTranslation();
  const format = useFormat();
  const now = useNow();
  return record.formerKeys.map(({ hint, endsAt, lastUsedAt }) => (
    <span key={hint} className={styles['second']}>
      {t('replaceKey.oldUntil', { hint, when: format.moment(endsAt, now) })}{' '}
      {lastUsedAt === null
        ? t('replaceKey.oldUnused')
        : t('replaceKey.oldUsed', { when: format.ago(lastUsedAt, now) })}
    </span>
  ));
}

/** Where it is not allowed everything. */
function DeviceRules({ record }: { readonly record: KeyRecord }): ReactNode {
  const { t } = useTranslation();
  const { team, models, ips, mayLeave } = record;
  const teams = useTeams().data ?? [];
  const isPaused = teams.some(({ name, pausedAt }) => name === team && pausedAt !== null);
  const rules = [
    ...(team === null ? [] : [t(isPaused ? 'limits.inPausedTeam' : 'limits.inTeam', { team })]),
    ...(models === null ? [] : [t('limits.onlyModels', { models: models.join(', ') })]),
    ...(ips === null ? [] : [t('limits.onlyFrom', { addresses: ips.join(', ') })]),
    ...(mayLeave ? [t('limits.leaves')] : []),
  ];
  if (rules.length === 0) return null;
  return <span className={styles['second']}>{rules.join(' · ')}</span>;
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

/** Its last request crossed the network in clear. */
function PlainMark({ record }: { readonly record: KeyRecord }): ReactNode {
  const { t } = useTranslation();
  if (!isUnencrypted(record)) return null;
  return <Chip title={t('office.plainMeans')}>{t('people.plain')}</Chip>;
}
