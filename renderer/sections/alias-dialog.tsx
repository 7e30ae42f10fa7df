import { TextInput } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { useState, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import type { AliasRecord } from '../../server/wire/aliases.ts';
import { setAlias } from '../api-names.ts';
import { ApiError } from '../api.ts';
import { DialogForm } from '../parts/dialog-form.tsx';
import { Dialog } from '../parts/dialog.tsx';
import { MoreOptions } from '../parts/more-options.tsx';
import { useAliasChange, useAliases, useModels } from '../queries.ts';
import { toldAtField } from '../refusal.ts';
import { useUnsaved } from '../unsaved.ts';
import { aliasFormOf, hasMore, newAlias, wishOf, type AliasForm } from './alias-form.ts';
import { AliasMoreFields } from './alias-more-fields.tsx';
import { TargetField } from './target-field.tsx';
import { useAliasForm } from './use-alias-form.ts';

/** What the dialog is about: a new name, perhaps one that was asked for, or one that exists. */
export type AliasSubject =
  | { readonly kind: 'new'; readonly name: string }
  | { readonly kind: 'kept'; readonly alias: AliasRecord };

type AliasDialogProps = {
  /** Null while the dialog is closed. */
  readonly subject: AliasSubject | null;
  readonly onClose: () => void;
};

/** A name of the office's own, for instance the one that a tool has been set to for years. */
export function AliasDialog({ subject, onClose }: AliasDialogProps): ReactNode {
  const { t } = useTranslation();
  return (
    <Dialog title={titleOf(subject)} isOpen={subject !== null} onClose={onClose}>
      {subject !== null && <LoadedForm subject={subject} onClose={onClose} />}
    </Dialog>
  );

  function titleOf(shown: AliasSubject | null): string {
    if (shown?.kind === 'kept') return t('names.editTitle', { name: shown.alias.name });
    return shown === null || shown.name === ''
      ? t('aliases.addTitle')
      : t('names.pointTitle', { name: shown.name });
  }
}

type FormProps = { readonly subject: AliasSubject; readonly onClose: () => void };

/** The first choice stands in the form from the start, so the models must be there. */
function LoadedForm({ subject, onClose }: FormProps): ReactNode {
  const models = useModels().data;
  const aliases = useAliases().data;
  if (models === undefined || aliases === undefined) return null;
  const first = aliases[0]?.name ?? models[0]?.id ?? '';
  const isPointed = subject.kind === 'new' && subject.name !== '';
  const initial =
    subject.kind === 'kept'
      ? aliasFormOf(subject.alias)
      : newAlias(subject.name, isPointed ? first : (models[0]?.id ?? first));
  return (
    <AliasFields
      subject={subject}
      initial={initial}
      taken={aliases.map(({ name }) => name)}
      onClose={onClose}
    />
  );
}

type AliasFieldsProps = FormProps & { readonly initial: AliasForm; readonly taken: readonly string[] };

function AliasFields({ subject, initial, taken, onClose }: AliasFieldsProps): ReactNode {
  const { t } = useTranslation();
  const save = useAliasChange(setAlias);
  const [isMore, setIsMore] = useState(() => hasMore(initial));
  const form = useAliasForm(initial, subject.kind === 'kept' ? [] : taken);
  useUnsaved(form.isDirty());
  const isNameFixed = subject.kind === 'kept' || subject.name !== '';

  function submit(values: AliasForm): void {
    save.mutate(wishOf(values), {
      onSuccess: (saved) => {
        notifications.show({ message: t('aliases.moved', { name: saved.name, model: saved.model }) });
        for (const message of saved.warnings) notifications.show({ message, color: 'yellow' });
        onClose();
      },
      onError: (error) => {
        const field = fieldOf(error);
        if (field === null) return;
        form.setFieldError(field, toldAtField(error));
      },
    });
  }

  return (
    <DialogForm
      submit={t(subject.kind === 'kept' ? 'names.save' : 'aliases.add')}
      isBusy={save.isPending}
      error={fieldOf(save.error) === null ? save.error : null}
      onSubmit={form.onSubmit(submit, (errors) => setIsMore((was) => was || isBelow(errors)))}
      onClose={onClose}
    >
      {!isNameFixed && (
        <TextInput
          label={t('aliases.name')}
          description={t('names.nameHint')}
          placeholder="gpt-4o-mini"
          required
          withAsterisk={false}
          maxLength={200}
          autoComplete="off"
          spellCheck={false}
          data-autofocus
          {...form.getInputProps('name')}
        />
      )}
      <TargetField
        label={t('aliases.model')}
        description={t('names.modelHint')}
        ofName={form.values.name.trim()}
        {...form.getInputProps('model')}
        value={form.values.model}
      />
      <MoreOptions isOpen={isMore} onToggle={setIsMore}>
        <AliasMoreFields form={form} />
      </MoreOptions>
    </DialogForm>
  );
}

/** The field that the server means, if it is one that can be seen. */
function fieldOf(error: unknown): 'name' | 'model' | null {
  if (!(error instanceof ApiError) || error.kind !== 'refused') return null;
  return error.param === 'name' || error.param === 'model' ? error.param : null;
}

/** Whether something under “More options” is wrong. */
function isBelow(errors: object): boolean {
  return Object.keys(errors).some((field) => field !== 'name' && field !== 'model');
}
