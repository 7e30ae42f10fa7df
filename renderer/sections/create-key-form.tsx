import {
  Button,
  Checkbox,
  Collapse,
  Group,
  NativeSelect,
  Stack,
  TextInput,
  UnstyledButton,
} from '@mantine/core';
import { useForm } from '@mantine/form';
import { ChevronRight } from 'lucide-react';
import { useId, useState, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import type { CreatedKey } from '../../server/wire/admin.ts';
import { ErrorNote } from '../parts/error-note.tsx';
import { useCreateKey, useModels } from '../queries.ts';
import { expiryChoices, expiryDate, type ExpiryChoice } from './key-expiry.ts';
import styles from './create-key-form.module.css';

type CreateKeyFormProps = {
  readonly onCreated: (created: CreatedKey) => void;
  readonly onCancel: () => void;
};

type KeyForm = {
  name: string;
  person: string;
  expiry: ExpiryChoice;
  /** `YYYY-MM-DD`, where `expiry` is `date`. */
  expiryDay: string;
  models: string[];
};

const emptyForm: KeyForm = { name: '', person: '', expiry: 'never', expiryDay: '', models: [] };

export function CreateKeyForm({ onCreated, onCancel }: CreateKeyFormProps): ReactNode {
  const { t } = useTranslation();
  const create = useCreateKey();
  const [hasMore, setHasMore] = useState(false);
  const moreId = useId();
  const form = useForm<KeyForm>({
    initialValues: emptyForm,
    validate: {
      name: (name) => (name.trim() === '' ? t('keys.nameMissing') : null),
      expiryDay: (_, values) =>
        values.expiry === 'date' && expiryDate(values) === null ? t('keys.dayMissing') : null,
    },
  });

  function submit(values: KeyForm): void {
    create.mutate(
      {
        name: values.name.trim(),
        person: values.person.trim() === '' ? null : values.person.trim(),
        models: values.models.length === 0 ? null : values.models,
        expiresAt: expiryDate(values)?.toISOString() ?? null,
      },
      { onSuccess: onCreated },
    );
  }

  return (
    <form
      onSubmit={form.onSubmit(submit, (errors) => setHasMore((was) => was || 'expiryDay' in errors))}
      noValidate
    >
      <Stack gap="md">
        <TextInput
          label={t('keys.name')}
          description={t('keys.nameHint')}
          required
          withAsterisk={false}
          maxLength={100}
          autoComplete="off"
          data-autofocus
          {...form.getInputProps('name')}
        />
        <div>
          <UnstyledButton
            className={styles['more'] ?? ''}
            aria-expanded={hasMore}
            aria-controls={moreId}
            onClick={() => setHasMore(!hasMore)}
          >
            <ChevronRight size={16} aria-hidden className={styles['chevron']} />
            {t('keys.moreOptions')}
          </UnstyledButton>
          <Collapse id={moreId} expanded={hasMore}>
            <Stack gap="md" pt="sm">
              <TextInput
                label={t('keys.person')}
                description={t('keys.personHint')}
                maxLength={100}
                autoComplete="off"
                {...form.getInputProps('person')}
              />
              <NativeSelect
                label={t('keys.expires')}
                data={expiryChoices.map((value) => ({ value, label: t(`keys.expiry.${value}`) }))}
                {...form.getInputProps('expiry')}
              />
              {form.values.expiry === 'date' && (
                <TextInput type="date" label={t('keys.lastDay')} {...form.getInputProps('expiryDay')} />
              )}
              <ModelChoice {...form.getInputProps('models')} />
            </Stack>
          </Collapse>
        </div>
        {create.error !== null && <ErrorNote error={create.error} />}
        <Group justify="flex-end" gap="sm">
          <Button variant="default" onClick={onCancel}>
            {t('common.cancel')}
          </Button>
          <Button type="submit" loading={create.isPending}>
            {t('keys.create')}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}

type ModelChoiceProps = { readonly value?: string[]; readonly onChange?: (value: string[]) => void };

function ModelChoice({ value = [], onChange }: ModelChoiceProps): ReactNode {
  const { t } = useTranslation();
  const models = useModels().data ?? [];
  if (models.length === 0) return null;
  return (
    <Checkbox.Group
      label={t('keys.mayUse')}
      description={t('keys.mayUseHint')}
      value={value}
      {...(onChange === undefined ? {} : { onChange })}
    >
      <Stack gap="xs" pt="xs">
        {models.map(({ id }) => (
          <Checkbox key={id} value={id} label={id} />
        ))}
      </Stack>
    </Checkbox.Group>
  );
}
