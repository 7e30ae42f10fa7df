import { Checkbox } from '@mantine/core';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { useKeys } from '../queries.ts';
import { possibleMembers } from './team-form.ts';
import type { Team } from './team-groups.ts';
import styles from './key-limits.module.css';

type TeamMembersProps = {
  readonly team: Team | null;
  readonly value: string[];
  readonly onChange: (ids: string[]) => void;
};

/** Which devices are in the team; a device is in one team at most, so it says in which one it is now. */
export function TeamMembers({ team, value, onChange }: TeamMembersProps): ReactNode {
  const { t } = useTranslation();
  const keys = possibleMembers(team, useKeys().data ?? []);
  if (keys.length === 0) return <p className={styles['hint']}>{t('teams.nobody')}</p>;
  return (
    <Checkbox.Group
      label={t('teams.members')}
      description={t('teams.membersHint')}
      value={value}
      onChange={onChange}
    >
      <div className={styles['members']}>
        {keys.map(({ id, name, person, team: now }) => {
          const isElsewhere = now !== null && now !== team?.name;
          const hints = [
            ...(person === null ? [] : [person]),
            ...(isElsewhere ? [t('teams.isIn', { team: now })] : []),
          ];
          return (
            <Checkbox
              key={id}
              value={id}
              label={name}
              {...(hints.length === 0 ? {} : { description: hints.join(' · ') })}
            />
          );
        })}
      </div>
    </Checkbox.Group>
  );
}
