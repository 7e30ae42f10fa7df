import { Button, NativeSelect } from '@mantine/core';
import { X } from 'lucide-react';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { logRow } from '../../server/wire/admin.ts';
import type { LogFilters } from '../api.ts';
import { useKeys, useModels } from '../queries.ts';
import { useFormat, useNow } from '../use-format.ts';
import styles from './log-filter-bar.module.css';
import { usePeopleNames } from './use-people-names.ts';

type LogFilterBarProps = { readonly filters: LogFilters; readonly onChange: (filters: LogFilters) => void };

export function LogFilterBar({ filters, onChange }: LogFilterBarProps): ReactNode {
  const { t } = useTranslation();
  const keys = (useKeys().data ?? []).map(({ id, name, status }) => ({
    value: id,
    label: status === 'active' ? name : `${name} (${t(`keyStatus.${status}`)})`,
  }));
  const people = usePeopleNames().map((name) => ({ value: name, label: name }));
  const models = (useModels().data ?? []).map(({ id }) => ({ value: id, label: id }));
  const statuses = logRow.shape.status.options.map((value) => ({
    value,
    label: t(`requestStatus.${value}`),
  }));

  function change(name: keyof LogFilters, value: string): void {
    const { [name]: _, ...others } = filters;
    onChange(value === '' ? others : { ...others, [name]: value });
  }

  return (
    <search className={styles['bar']} aria-label={t('log.filters')}>
      <Choice
        label={t('request.status')}
        all={t('log.allStatuses')}
        options={statuses}
        value={filters.status}
        onChange={(value) => change('status', value)}
      />
      <Choice
        label={t('request.key')}
        all={t('log.allKeys')}
        options={keys}
        value={filters.key}
        onChange={(value) => change('key', value)}
      />
      {(people.length > 0 || filters.person !== undefined) && (
        <Choice
          label={t('request.person')}
          all={t('log.allPeople')}
          options={people}
          value={filters.person}
          onChange={(value) => change('person', value)}
        />
      )}
      <Choice
        label={t('request.model')}
        all={t('log.allModels')}
        options={models}
        value={filters.model}
        onChange={(value) => change('model', value)}
      />
      <TimeFilter filters={filters} onChange={onChange} />
      {Object.keys(filters).length > 0 && (
        <Button variant="default" onClick={() => onChange({})}>
          {t('log.showAll')}
        </Button>
      )}
    </search>
  );
}

/** A time comes from a chart; here it can only be seen and taken away. */
function TimeFilter({ filters, onChange }: LogFilterBarProps): ReactNode {
  const { t } = useTranslation();
  const format = useFormat();
  const now = useNow();
  const { since, until, ...others } = filters;
  if (since === undefined && until === undefined) return null;
  const edge = (moment: string | undefined): string =>
    moment === undefined ? '…' : format.moment(moment, now);
  return (
    <Button
      variant="light"
      className={styles['time'] ?? ''}
      rightSection={<X size={16} aria-hidden />}
      aria-label={t('log.forgetTime', { from: edge(since), to: edge(until) })}
      onClick={() => onChange(others)}
    >
      {t('log.time', { from: edge(since), to: edge(until) })}
    </Button>
  );
}

type Option = { readonly value: string; readonly label: string };
type ChoiceProps = {
  readonly label: string;
  readonly all: string;
  readonly options: readonly Option[];
  readonly value: string | undefined;
  readonly onChange: (value: string) => void;
};

function Choice({ label, all, options, value = '', onChange }: ChoiceProps): ReactNode {
  // A name from the address that is in no list any more must still be seen, or the filter would act in hiding.
  const isUnlisted = value !== '' && options.every((option) => option.value !== value);
  return (
    <NativeSelect
      className={styles['choice'] ?? ''}
      label={label}
      value={value}
      data={[{ value: '', label: all }, ...options, ...(isUnlisted ? [{ value, label: value }] : [])]}
      onChange={(event) => onChange(event.currentTarget.value)}
    />
  );
}
