import { TextInput } from '@mantine/core';
import { useId, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { useKeys } from '../queries.ts';
import { useTeams } from '../queries-limits.ts';
import { allTeams } from './team-groups.ts';

type TeamFieldProps = {
  readonly value: string;
  readonly error?: ReactNode;
  readonly onChange: (team: string) => void;
};

/** A team that is there, or a new one by its name. */
export function TeamField({ value, error, onChange }: TeamFieldProps): ReactNode {
  const { t, i18n } = useTranslation();
  const id = useId();
  const teams = allTeams(useTeams().data ?? [], useKeys().data ?? [], i18n.language);
  return (
    <>
      <TextInput
        label={t('people.team')}
        description={t('teams.fieldHint')}
        maxLength={100}
        autoComplete="off"
        list={id}
        value={value}
        error={error}
        onChange={({ currentTarget: { value: team } }) => onChange(team)}
      />
      <datalist id={id}>
        {teams.map(({ name }) => (
          <option key={name}>{name}</option>
        ))}
      </datalist>
    </>
  );
}
