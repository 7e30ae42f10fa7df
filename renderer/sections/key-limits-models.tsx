import { Button, NativeSelect } from '@mantine/core';
import { Plus, Trash2 } from 'lucide-react';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { IconButton } from '../parts/icon-button.tsx';
import { useAliases, useModels } from '../queries.ts';
import type { Values } from '../use-values.ts';
import { KeyLimitsBudgets } from './key-limits-budgets.tsx';
import type { KeyValues, ModelLimitsValues } from './key-limits-form.ts';
import { KeyLimitsPace } from './key-limits-pace.tsx';
import { limitsValues, newRowId, noLimits } from './key-limits-values.ts';
import styles from './key-limits.module.css';

type KeyLimitsModelsProps = { readonly form: Values<KeyValues>; readonly currency: string };

/** Limits that count for one model or name only, within those for all. */
export function KeyLimitsModels({ form, currency }: KeyLimitsModelsProps): ReactNode {
  const { t } = useTranslation();
  const { modelLimits } = form.values;
  const put = (changed: ModelLimitsValues): void =>
    form.put(
      'modelLimits',
      modelLimits.map((entry) => (entry.id === changed.id ? changed : entry)),
    );
  return (
    <>
      <p className={styles['hint']}>{t('limits.perModelHint')}</p>
      {modelLimits.map((entry, index) => (
        <ModelEntry
          key={entry.id}
          entry={entry}
          number={index + 1}
          currency={currency}
          errorAt={(path) => form.errors[`modelLimits.${index}.${path}`]}
          onChange={put}
          onRemove={() =>
            form.put(
              'modelLimits',
              modelLimits.filter((other) => other !== entry),
            )
          }
        />
      ))}
      <Button
        className={styles['add'] ?? ''}
        variant="default"
        size="xs"
        leftSection={<Plus size={16} aria-hidden />}
        onClick={() =>
          form.put('modelLimits', [
            ...modelLimits,
            { id: newRowId(), model: '', limits: limitsValues(noLimits) },
          ])
        }
      >
        {t('limits.addModel')}
      </Button>
    </>
  );
}

type ModelEntryProps = {
  readonly entry: ModelLimitsValues;
  readonly number: number;
  readonly currency: string;
  readonly errorAt: (path: string) => ReactNode;
  readonly onChange: (entry: ModelLimitsValues) => void;
  readonly onRemove: () => void;
};

function ModelEntry({ entry, number, currency, errorAt, onChange, onRemove }: ModelEntryProps): ReactNode {
  const { t } = useTranslation();
  const names = useModelNames(entry.model);
  const errorOfLimits = (path: string): ReactNode => errorAt(`limits.${path}`);
  const label = entry.model === '' ? t('limits.modelNumber', { number }) : entry.model;
  return (
    <div role="group" aria-label={label} className={styles['entry']}>
      <div className={styles['entryHead']}>
        <NativeSelect
          label={t('limits.model')}
          data={[{ value: '', label: t('limits.chooseModel') }, ...names]}
          value={entry.model}
          error={errorAt('model')}
          onChange={({ currentTarget: { value } }) => onChange({ ...entry, model: value })}
        />
        <IconButton
          label={t('limits.removeModel', { model: label })}
          icon={<Trash2 size={16} aria-hidden />}
          onClick={onRemove}
        />
      </div>
      <KeyLimitsBudgets
        budgets={entry.limits.budgets}
        currency={currency}
        errorAt={errorOfLimits}
        onChange={(budgets) => onChange({ ...entry, limits: { ...entry.limits, budgets } })}
      />
      <KeyLimitsPace
        values={entry.limits}
        errorAt={errorOfLimits}
        onChange={(limits) => onChange({ ...entry, limits })}
      />
    </div>
  );
}

/** Names and models that are there, and the chosen one where it is not any more. */
function useModelNames(chosen: string): string[] {
  const aliases = (useAliases().data ?? []).map(({ name }) => name);
  const models = (useModels().data ?? []).map(({ id }) => id);
  return [...new Set([...aliases, ...models, ...(chosen === '' ? [] : [chosen])])];
}
