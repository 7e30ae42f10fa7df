import { Button, NativeSelect, TextInput } from '@mantine/core';
import { Plus, Trash2 } from 'lucide-react';
import { useId, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import type { KeyRecord } from '../../server/wire/admin.ts';
import { IconButton } from '../parts/icon-button.tsx';
import { useFormat } from '../use-format.ts';
import type { Values } from '../use-values.ts';
import { ExpiryFields } from './expiry-fields.tsx';
import { newRowId } from './key-limits-values.ts';
import type { KeyValues, LabelValues } from './key-limits-form.ts';
import styles from './key-limits.module.css';

const priorities = ['low', 'normal', 'high'] as const satisfies readonly KeyRecord['priority'][];
const mostLabels = 32;

type KeyLimitsWhoProps = { readonly form: Values<KeyValues>; readonly record: KeyRecord };

/** What the device is called, whose it is, until when it holds, and what it is sorted by. */
export function KeyLimitsWho({ form, record }: KeyLimitsWhoProps): ReactNode {
  const { t } = useTranslation();
  const format = useFormat();
  const { values, put, errors } = form;
  const asItIs =
    record.expiresAt === null
      ? t('keys.expiry.never')
      : t('limits.keepExpiry', { date: format.date(record.expiresAt) });
  return (
    <>
      <TextInput
        label={t('keys.name')}
        maxLength={100}
        autoComplete="off"
        value={values.name}
        error={errors['name']}
        onChange={({ currentTarget: { value } }) => put('name', value)}
      />
      <TextInput
        label={t('keys.person')}
        description={t('keys.personHint')}
        maxLength={100}
        autoComplete="off"
        value={values.person}
        error={errors['person']}
        onChange={({ currentTarget: { value } }) => put('person', value)}
      />
      <ExpiryFields
        first={{ value: 'keep', label: asItIs }}
        isDate={values.expiry === 'date'}
        choice={{
          value: values.expiry,
          error: errors['expiry'],
          onChange: ({ currentTarget: { value } }) => put('expiry', value as typeof values.expiry),
        }}
        day={{
          value: values.expiryDay,
          error: errors['expiryDay'],
          onChange: ({ currentTarget: { value } }) => put('expiryDay', value),
        }}
      />
      <NativeSelect
        label={t('limits.priority')}
        description={t('limits.priorityHint')}
        data={priorities.map((value) => ({ value, label: t(`limits.priorityName.${value}`) }))}
        value={values.priority}
        onChange={({ currentTarget: { value } }) =>
          put('priority', priorities.find((priority) => priority === value) ?? values.priority)
        }
      />
      <Labels labels={values.labels} errors={errors} onChange={(labels) => put('labels', labels)} />
    </>
  );
}

type LabelsProps = {
  readonly labels: readonly LabelValues[];
  readonly errors: Readonly<Record<string, ReactNode>>;
  readonly onChange: (labels: readonly LabelValues[]) => void;
};

/** The owner's own words to sort by, such as “project: website”. */
function Labels({ labels, errors, onChange }: LabelsProps): ReactNode {
  const { t } = useTranslation();
  const id = useId();
  const put = (changed: LabelValues): void =>
    onChange(labels.map((label) => (label.id === changed.id ? changed : label)));
  return (
    <div role="group" aria-labelledby={id} className={styles['group']}>
      <div>
        <div id={id} className={styles['label']}>
          {t('limits.labels')}
        </div>
        <p className={styles['hint']}>{t('limits.labelsHint')}</p>
      </div>
      {labels.map((label, index) => (
        <div key={label.id} className={styles['named']}>
          <TextInput
            aria-label={t('limits.labelName', { number: index + 1 })}
            placeholder={t('limits.labelNameExample')}
            maxLength={100}
            value={label.name}
            error={errors[`labels.${index}.name`]}
            onChange={({ currentTarget: { value } }) => put({ ...label, name: value })}
          />
          <TextInput
            aria-label={t('limits.labelValue', { number: index + 1 })}
            placeholder={t('limits.labelValueExample')}
            maxLength={200}
            value={label.value}
            onChange={({ currentTarget: { value } }) => put({ ...label, value })}
          />
          <IconButton
            label={t('limits.removeLabel', { number: index + 1 })}
            icon={<Trash2 size={16} aria-hidden />}
            onClick={() => onChange(labels.filter((other) => other !== label))}
          />
        </div>
      ))}
      {labels.length < mostLabels && (
        <Button
          className={styles['add'] ?? ''}
          variant="default"
          size="xs"
          leftSection={<Plus size={16} aria-hidden />}
          onClick={() => onChange([...labels, { id: newRowId(), name: '', value: '' }])}
        >
          {t('limits.addLabel')}
        </Button>
      )}
    </div>
  );
}
