import { Button, Group, Stack, Textarea, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useState, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import type { CreatedKey } from '../../server/wire/admin.ts';
import { ErrorNote } from '../parts/error-note.tsx';
import { MoreOptions } from '../parts/more-options.tsx';
import { Note } from '../parts/note.tsx';
import { useCreateKey } from '../queries.ts';
import { useUnsaved } from '../unsaved.ts';
import { ExpiryFields } from './expiry-fields.tsx';
import { expiryDate, type ExpiryChoice } from './key-expiry.ts';
import { ModelChoice } from './model-choice.tsx';
import { rangesOf } from './new-key-limits.tsx';

type CreateKeyFormProps = {
  /** What the name field begins with. */
  readonly firstName?: string;
  /** For a tool that calls from the internet: a key for that, with the bounds it must have. */
  readonly isForOutside?: boolean;
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
  /** One address or range a line. */
  ips: string;
};

/** As the command that the walk-through shows (`server/connect/cursor.ts`). */
const outsidePolicy = { outside: true, limits: { requestsPerMinute: 20 } } as const;

const emptyForm: KeyForm = { name: '', person: '', expiry: 'never', expiryDay: '', models: [], ips: '' };

/** A key by hand, for what cannot pair: scripts and programs on this computer. */
export function CreateKeyForm({
  firstName = '',
  isForOutside = false,
  onCreated,
  onCancel,
}: CreateKeyFormProps): ReactNode {
  const { t } = useTranslation();
  const create = useCreateKey();
  const [hasMore, setHasMore] = useState(false);
  const form = useForm<KeyForm>({
    initialValues: { ...emptyForm, name: firstName, ...(isForOutside ? { expiry: 'month' } : {}) },
    validate: {
      name: (name) => (name.trim() === '' ? t('keys.nameMissing') : null),
      expiryDay: (_, values) =>
        values.expiry === 'date' && expiryDate(values) === null ? t('keys.dayMissing') : null,
    },
  });
  useUnsaved(form.isDirty());

  function submit(values: KeyForm): void {
    create.mutate(
      {
        name: values.name.trim(),
        person: values.person.trim() === '' ? null : values.person.trim(),
        models: values.models.length === 0 ? null : values.models,
        expiresAt: expiryDate(values)?.toISOString() ?? null,
        ips: rangesOf(values.ips),
        ...(isForOutside ? outsidePolicy : {}),
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
        {isForOutside && <Note tone="quiet">{t('keys.outside')}</Note>}
        <MoreOptions isOpen={hasMore} onToggle={setHasMore}>
          <TextInput
            label={t('keys.person')}
            description={t('keys.personHint')}
            maxLength={100}
            autoComplete="off"
            {...form.getInputProps('person')}
          />
          <ExpiryFields
            isDate={form.values.expiry === 'date'}
            choice={form.getInputProps('expiry')}
            day={form.getInputProps('expiryDay')}
          />
          <ModelChoice {...form.getInputProps('models')} />
          <Textarea
            label={t('limits.ips')}
            description={t('limits.ipsHint')}
            placeholder="192.168.1.0/24"
            autosize
            minRows={1}
            maxRows={4}
            spellCheck={false}
            {...form.getInputProps('ips')}
          />
        </MoreOptions>
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
