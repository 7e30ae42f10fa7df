import { Button, NativeSelect } from '@mantine/core';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { logRow } from '../../server/wire/admin.ts';
import type { LogFilters } from '../api.ts';
import { useKeys, useModels } from '../queries.ts';
import styles from './log-filter-bar.module.css';

type LogFilterBarProps = { readonly filters: LogFilters; readonly onChange: (filters: LogFilters) => void };

export function LogFilterBar({ filters, onChange }: LogFilterBarProps): ReactNode {
  const { t } = useTranslation();
  const keys = (useKeys().data ?? []).map(({ id, name, status }) => ({
    value: id,
    label: status === 'active' ? name : `${name} (${t(`keyStatus.${status}`)})`,
  }));
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
      <Choice
        label={t('request.model')}
        all={t('log.allModels')}
        options={models}
        value={filters.model}
        onChange={(value) => change('model', value)}
      />
      {Object.keys(filters).length > 0 && (
        <Button variant="default" onClick={() => onChange({})}>
          {t('log.showAll')}
        </Button>
      )}
    </search>
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
