import { Button } from '@mantine/core';
import { CirclePause, CirclePlay, SlidersHorizontal, Trash2 } from 'lucide-react';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { setTeam } from '../api-limits.ts';
import { ErrorNote } from '../parts/error-note.tsx';
import base from '../parts/list-table.module.css';
import { RowMenu, type RowMenuItem } from '../parts/row-menu.tsx';
import { KeyStatus } from '../parts/state-word.tsx';
import { useLimitsChange, useSpending } from '../queries-limits.ts';
import { TightestBudget } from './key-limits-meter.tsx';
import type { Team } from './team-groups.ts';
import styles from './device-table.module.css';

type TeamTableProps = {
  readonly teams: readonly Team[];
  readonly onEdit: (team: Team) => void;
  readonly onDissolve: (team: Team) => void;
};

/** Teams with their devices and what is spent of the budgets they share. */
export function TeamTable({ teams, onEdit, onDissolve }: TeamTableProps): ReactNode {
  const { t } = useTranslation();
  const update = useLimitsChange(setTeam);
  return (
    <>
      {update.error !== null && <ErrorNote error={update.error} />}
      <table className={`${base['table']} ${styles['table']} ${styles['teams']}`}>
        <caption className={base['caption']}>{t('teams.heading')}</caption>
        <thead>
          <tr>
            <th scope="col">{t('people.team')}</th>
            <th scope="col" className={styles['roomy']}>
              {t('limits.budget')}
            </th>
            <th scope="col" className={styles['roomy']}>
              {t('keys.status')}
            </th>
            <th scope="col">
              <span className={base['caption']}>{t('keys.action')}</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {teams.map((team) => (
            <TeamRow
              key={team.name}
              team={team}
              onEdit={() => onEdit(team)}
              onDissolve={() => onDissolve(team)}
              onPause={(paused) => update.mutate({ name: team.name, change: { paused } })}
            />
          ))}
        </tbody>
      </table>
    </>
  );
}

type TeamRowProps = {
  readonly team: Team;
  readonly onEdit: () => void;
  readonly onDissolve: () => void;
  readonly onPause: (paused: boolean) => void;
};

function TeamRow({ team, onEdit, onDissolve, onPause }: TeamRowProps): ReactNode {
  const { t } = useTranslation();
  const { name, keys, isPaused } = team;
  const spending = useSpending().data;
  const accounts = spending?.teams.find((other) => other.name === name)?.accounts;
  const budget = spending !== undefined && (
    <TightestBudget accounts={accounts} currency={spending.currency} />
  );
  const state = <KeyStatus status={isPaused ? 'paused' : 'active'} />;
  const pause: RowMenuItem = isPaused
    ? { label: t('limits.resume'), icon: CirclePlay, onClick: () => onPause(false) }
    : { label: t('limits.pause'), icon: CirclePause, onClick: () => onPause(true) };
  return (
    <tr>
      <th scope="row" className={styles['name']}>
        {name}
        <span className={styles['second']} title={keys.map((key) => key.name).join(', ')}>
          {t('people.activeDevices', { count: keys.length })}
        </span>
        <div className={styles['phone']}>
          {state}
          {budget}
        </div>
      </th>
      <td className={`${styles['roomy']} ${styles['budget']}`}>{budget}</td>
      <td className={styles['roomy']}>{state}</td>
      <td className={styles['action']}>
        <div className={styles['buttons']}>
          <Button
            variant="default"
            size="xs"
            leftSection={<SlidersHorizontal size={14} aria-hidden />}
            aria-label={t('teams.openWhat', { name })}
            onClick={onEdit}
          >
            {t('limits.open')}
          </Button>
          <RowMenu
            label={t('teams.moreWhat', { name })}
            items={[
              pause,
              { label: t('teams.dissolve'), icon: Trash2, isDangerous: true, onClick: onDissolve },
            ]}
          />
        </div>
      </td>
    </tr>
  );
}
