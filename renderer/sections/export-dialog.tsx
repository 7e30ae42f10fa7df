import { NativeSelect, Switch, Textarea, TextInput } from '@mantine/core';
import { useForm, type UseFormReturnType } from '@mantine/form';
import { notifications } from '@mantine/notifications';
import { useState, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import type { ExportRecord, ExportTest } from '../../server/wire/exports.ts';
import { setExport, testExport } from '../api-safety.ts';
import { ApiError } from '../api.ts';
import { Dialog } from '../parts/dialog.tsx';
import { DialogForm } from '../parts/dialog-form.tsx';
import { Note } from '../parts/note.tsx';
import { PasswordField } from '../parts/password-field.tsx';
import { ServerSaid } from '../parts/server-said.tsx';
import { useExports, useSafetyChange } from '../queries-safety.ts';
import { toldAtField } from '../refusal.ts';
import { useUnsaved } from '../unsaved.ts';
import {
  exampleOf,
  exportForm,
  exportKinds,
  exportNamePattern,
  exportRequest,
  headersOf,
  type ExportForm,
} from './export-form.ts';

type ExportDialogProps = {
  /** Null while the dialog is closed. */
  readonly subject: ExportRecord | 'new' | null;
  readonly onClose: () => void;
};

/** Adding a place that the log's rows go to, or changing one. It is tried at once; one that does not work stays in the form. */
export function ExportDialog({ subject, onClose }: ExportDialogProps): ReactNode {
  const { t } = useTranslation();
  const title =
    subject === null || subject === 'new'
      ? t('settings.exports.add')
      : t('engines.editTitle', { name: subject.name });
  return (
    <Dialog title={title} isOpen={subject !== null} onClose={onClose}>
      {subject !== null && <ExportFields kept={subject === 'new' ? null : subject} onClose={onClose} />}
    </Dialog>
  );
}

type ExportFieldsProps = { readonly kept: ExportRecord | null; readonly onClose: () => void };

function ExportFields({ kept: first, onClose }: ExportFieldsProps): ReactNode {
  const { t } = useTranslation();
  const [kept, setKept] = useState(first);
  const taken = (useExports().data ?? []).map(({ name }) => name);
  const form = useForm<ExportForm>({
    mode: 'controlled',
    initialValues: exportForm(kept),
    validate: {
      name: (value) => {
        if (kept !== null) return null;
        if (!exportNamePattern.test(value.trim())) return t('engines.nameShape');
        return taken.includes(value.trim()) ? t('settings.exports.nameTaken') : null;
      },
      url: (value) => (value.trim() === '' ? t('settings.exports.urlMissing') : null),
      headers: (value) => (headersOf(value) === null ? t('settings.exports.headersWrong') : null),
    },
  });
  useUnsaved(form.isDirty());
  const set = useSafetyChange(saveAndTest, ['exports']);
  const field = fieldOf(set.error);
  const { kind } = form.values;
  const isSilent = set.data?.test.works === false;

  function submit(values: ExportForm): void {
    const name = kept?.name ?? values.name.trim();
    set.mutate(
      { name, request: exportRequest(values) },
      {
        onSuccess: ({ record, test }) => {
          setKept(record);
          if (!test.works) return;
          notifications.show({ message: t('settings.exports.saved', { name }) });
          onClose();
        },
        onError: (error) => {
          const at = fieldOf(error);
          if (at !== null) form.setFieldError(at, toldAtField(error));
        },
      },
    );
  }

  return (
    <DialogForm
      submit={t('settings.exports.save')}
      isBusy={set.isPending}
      error={field === null ? set.error : null}
      onSubmit={form.onSubmit(submit)}
      {...(isSilent ? { close: t('common.close') } : {})}
      onClose={onClose}
    >
      {isSilent && set.data !== undefined && (
        <Note tone="attention" isLive>
          <p>{t('settings.exports.savedSilent')}</p>
          {set.data.test.reason !== null && <ServerSaid said={set.data.test.reason} />}
        </Note>
      )}
      <NativeSelect
        label={t('settings.exports.what')}
        description={t(`settings.exports.kindMeans.${kind}`)}
        disabled={kept !== null}
        data={exportKinds.map((value) => ({ value, label: t(`settings.exports.kind.${value}`) }))}
        {...form.getInputProps('kind')}
      />
      {kept === null && (
        <TextInput
          label={t('aliases.name')}
          description={t('settings.exports.nameMeans')}
          placeholder={kind}
          autoComplete="off"
          spellCheck={false}
          maxLength={40}
          {...form.getInputProps('name')}
        />
      )}
      <TextInput
        label={t('ollama.address')}
        placeholder={exampleOf[kind]}
        autoComplete="off"
        spellCheck={false}
        maxLength={2000}
        {...form.getInputProps('url')}
      />
      <SecretFields form={form} hasSecret={kept?.hasSecret === true} />
      <GivenFields form={form} />
    </DialogForm>
  );
}

/** What it is given, and how far away it may lie. Prompts go far, or nameless, only where that is said as well. */
function GivenFields({ form }: { readonly form: UseFormReturnType<ExportForm> }): ReactNode {
  const { t } = useTranslation();
  const { kind, people, mayLeave, prompts } = form.values;
  return (
    <>
      <Switch
        label={t('settings.exports.withPeople')}
        description={t('settings.exports.peopleMeans')}
        checked={people}
        onChange={({ currentTarget: { checked } }) =>
          form.setValues({ people: checked, ...(checked ? {} : { prompts: false }) })
        }
      />
      <Switch
        label={t('settings.exports.mayLeave')}
        description={t('settings.exports.mayLeaveMeans')}
        error={form.errors['mayLeave']}
        checked={mayLeave}
        onChange={({ currentTarget: { checked } }) =>
          form.setValues({ mayLeave: checked, ...(checked ? { prompts: false } : {}) })
        }
      />
      {kind !== 'postgres' && (
        <Switch
          label={t('settings.exports.withPrompts')}
          description={t('settings.exports.promptsMean')}
          checked={prompts}
          onChange={({ currentTarget: { checked } }) => form.setFieldValue('prompts', checked)}
        />
      )}
    </>
  );
}

type SecretFieldsProps = {
  readonly form: UseFormReturnType<ExportForm>;
  readonly hasSecret: boolean;
};

/** Write-only. */
function SecretFields({ form, hasSecret }: SecretFieldsProps): ReactNode {
  const { t } = useTranslation();
  const means = t(hasSecret ? 'settings.exports.secretKept' : 'settings.exports.secretMeans');
  const secret = { description: means, autoComplete: 'off', maxLength: 4096 } as const;
  switch (form.values.kind) {
    case 'postgres':
      return (
        <PasswordField
          {...secret}
          label={t('settings.exports.password')}
          {...form.getInputProps('password')}
        />
      );
    case 'langfuse':
      return (
        <>
          <TextInput
            label={t('settings.exports.publicKey')}
            placeholder="pk-lf-…"
            autoComplete="off"
            spellCheck={false}
            maxLength={4096}
            {...form.getInputProps('publicKey')}
          />
          <PasswordField
            {...secret}
            label={t('settings.exports.secretKey')}
            {...form.getInputProps('secretKey')}
          />
        </>
      );
    case 'otlp':
      return (
        <Textarea
          label={t('settings.exports.headers')}
          description={`${t('settings.exports.headersMean')} ${means}`}
          placeholder="Authorization: Bearer …"
          autosize
          minRows={2}
          maxRows={6}
          spellCheck={false}
          {...form.getInputProps('headers')}
        />
      );
    default:
      return form.values.kind satisfies never;
  }
}

async function saveAndTest(
  wanted: Parameters<typeof setExport>[0],
): Promise<{ readonly record: ExportRecord; readonly test: ExportTest }> {
  const record = await setExport(wanted);
  return { record, test: await testExport(record.name) };
}

const shownFields = ['name', 'url', 'password', 'publicKey', 'secretKey', 'headers', 'mayLeave'] as const;

function fieldOf(error: unknown): (typeof shownFields)[number] | null {
  if (!(error instanceof ApiError) || error.kind !== 'refused') return null;
  return shownFields.find((field) => field === error.param) ?? null;
}
