import { Checkbox, NativeSelect, NumberInput, Switch, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { notifications } from '@mantine/notifications';
import { useState, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import type { WireNeighbour } from '../../server/wire/neighbours.ts';
import type { UpstreamRecord } from '../../server/wire/upstreams.ts';
import { addUpstream, updateUpstream } from '../api-engines.ts';
import { ApiError } from '../api.ts';
import { DialogForm } from '../parts/dialog-form.tsx';
import { Dialog } from '../parts/dialog.tsx';
import { MoreOptions } from '../parts/more-options.tsx';
import { Note } from '../parts/note.tsx';
import { PasswordField } from '../parts/password-field.tsx';
import { ServerSaid } from '../parts/server-said.tsx';
import { useUpstreamChange, useUpstreams } from '../queries-engines.ts';
import { toldAtField } from '../refusal.ts';
import { useUnsaved } from '../unsaved.ts';
import { numberOf } from './model-settings-form.ts';
import {
  addRequestOf,
  changeOf,
  isElsewhere,
  namePattern,
  neighbourForm,
  newUpstream,
  ownNames,
  presets,
  suggestedName,
  upstreamFormOf,
  withScheme,
  type UpstreamForm,
} from './upstream-form.ts';

type UpstreamDialogProps = {
  /** What is to be changed, or added; one that was found on the network fills the form in. Null: closed. */
  readonly subject: UpstreamRecord | WireNeighbour | 'new' | null;
  readonly onClose: () => void;
};

/** Adding a server that answers for us, or changing one. Saving asks it for its models at once. */
export function UpstreamDialog({ subject, onClose }: UpstreamDialogProps): ReactNode {
  const { t } = useTranslation();
  const kept = subject !== null && subject !== 'new' && 'id' in subject ? subject : null;
  const found = subject !== null && subject !== 'new' && !('id' in subject) ? subject : null;
  const title = kept === null ? t('engines.addTitle') : t('engines.editTitle', { name: kept.name });
  return (
    <Dialog title={title} isOpen={subject !== null} onClose={onClose}>
      {subject !== null && <UpstreamFields kept={kept} found={found} onClose={onClose} />}
    </Dialog>
  );
}

type UpstreamFieldsProps = {
  readonly kept: UpstreamRecord | null;
  readonly found: WireNeighbour | null;
  readonly onClose: () => void;
};

function UpstreamFields({ kept, found, onClose }: UpstreamFieldsProps): ReactNode {
  const { t } = useTranslation();
  // One that was saved and does not answer yet stays in the form, to be put right.
  const [saved, setSaved] = useState(kept);
  const add = useUpstreamChange(addUpstream);
  const update = useUpstreamChange(updateUpstream);
  const [isMore, setIsMore] = useState(kept !== null && (kept.slots !== null || kept.routingHeader !== null));
  const taken = (useUpstreams().data ?? []).map(({ name }) => name).filter((name) => name !== saved?.name);
  const form = useUpstreamForm(saved, taken, found);
  useUnsaved(form.isDirty());
  const error = add.error ?? update.error;
  const isSilent = saved !== null && saved !== kept;

  function submit(values: UpstreamForm): void {
    add.reset();
    update.reset();
    const onSuccess = (upstream: UpstreamRecord): void => {
      if (upstream.state === 'ready') {
        notifications.show({
          message: t('engines.answers', { name: upstream.name, count: upstream.models.length }),
        });
        onClose();
        return;
      }
      setSaved(upstream);
      form.setValues(upstreamFormOf(upstream));
    };
    const onError = (thrown: Error): void => {
      const field = fieldOf(thrown);
      if (field !== null) form.setFieldError(field, sentenceOf(thrown, field, t('engines.mayLeaveNeeded')));
    };
    if (saved === null) add.mutate(addRequestOf(values), { onSuccess, onError });
    else update.mutate({ id: saved.id, change: changeOf(saved, values) }, { onSuccess, onError });
  }

  return (
    <DialogForm
      submit={t(saved === null ? 'engines.add' : 'engines.saveAndTest')}
      isBusy={add.isPending || update.isPending}
      error={fieldOf(error) === null ? error : null}
      {...(isSilent ? { close: t('common.close') } : {})}
      onSubmit={form.onSubmit(submit, (errors) =>
        setIsMore((was) => was || 'slots' in errors || 'contextTokens' in errors),
      )}
      onClose={onClose}
    >
      {isSilent && (
        <Note tone="attention" isLive>
          <p>{t('engines.savedSilent', { name: saved.name })}</p>
          {saved.reason !== null && <ServerSaid said={saved.reason} />}
        </Note>
      )}
      <PlaceFields form={form} taken={taken} isNew={saved === null} />
      <KeyFields form={form} saved={saved} />
      <Switch
        label={t('engines.mayLeave')}
        description={t('engines.mayLeaveMeans')}
        {...form.getInputProps('mayLeave', { type: 'checkbox' })}
      />
      <MoreOptions isOpen={isMore} onToggle={setIsMore}>
        <MoreFields form={form} />
      </MoreOptions>
    </DialogForm>
  );
}

type UpstreamFormApi = ReturnType<typeof useUpstreamForm>;
type Fields = { readonly form: UpstreamFormApi };

function useUpstreamForm(
  saved: UpstreamRecord | null,
  taken: readonly string[],
  found: WireNeighbour | null,
) {
  const { t } = useTranslation();
  const range = (min: number, max: number) => (value: number | string) => {
    const number = numberOf(value);
    const isRight =
      number === null ? value === '' : number >= min && number <= max && Number.isInteger(number);
    return isRight ? null : t('engines.range', { min, max });
  };
  return useForm<UpstreamForm>({
    mode: 'controlled',
    initialValues: initialForm(saved, found, taken),
    validate: {
      url: (value) => (/^https?:\/\/./iu.test(withScheme(value)) ? null : t('engines.urlMissing')),
      name: (value) => {
        if (!namePattern.test(value.trim())) return t('engines.nameShape');
        return taken.includes(value.trim()) ? t('engines.nameTaken') : null;
      },
      // An Inglenook answers nobody without one.
      apiKey: (value, { kind }) =>
        kind === 'inglenook' && value.trim() === '' && saved?.hasKey !== true
          ? t('neighbours.keyMissing')
          : null,
      slots: range(1, 1024),
      contextTokens: range(256, 4_194_304),
    },
  });
}

function initialForm(
  saved: UpstreamRecord | null,
  found: WireNeighbour | null,
  taken: readonly string[],
): UpstreamForm {
  if (saved !== null) return upstreamFormOf(saved);
  return found === null ? newUpstream() : neighbourForm(found, [...taken, ...ownNames]);
}

type PlaceFieldsProps = Fields & { readonly taken: readonly string[]; readonly isNew: boolean };

/** What it is, where it is, and what it is called here. */
function PlaceFields({ form, taken, isNew }: PlaceFieldsProps): ReactNode {
  const { t } = useTranslation();
  // Until the owner types one, the name follows the address.
  const [isNamed, setIsNamed] = useState(false);
  const { kind } = form.values;
  const example = presets.find((preset) => preset.kind === kind)?.address ?? '';
  const input = {
    kind: form.getInputProps('kind'),
    url: form.getInputProps('url'),
    name: form.getInputProps('name'),
  };

  function follow(next: Pick<UpstreamForm, 'url' | 'kind'>): void {
    if (isNamed || !isNew) return;
    const address = withScheme(next.url);
    form.setFieldValue(
      'name',
      address === '' ? '' : suggestedName(address, next.kind, [...taken, ...ownNames]),
    );
  }

  return (
    <>
      <NativeSelect
        label={t('engines.what')}
        description={t(`engines.kindMeans.${kind}`)}
        data={presets.map((preset) => ({ value: preset.kind, label: t(`engines.kind.${preset.kind}`) }))}
        {...input.kind}
        onChange={(event) => {
          input.kind.onChange(event);
          follow({ url: form.values.url, kind: event.currentTarget.value as UpstreamForm['kind'] });
        }}
      />
      <TextInput
        label={t('ollama.address')}
        description={t('engines.urlMeans')}
        placeholder={example}
        type="url"
        autoComplete="off"
        spellCheck={false}
        maxLength={2000}
        data-autofocus
        {...input.url}
        onChange={(event) => {
          input.url.onChange(event);
          follow({ url: event.currentTarget.value, kind });
        }}
        onBlur={() => {
          const address = withScheme(form.values.url);
          if (address !== form.values.url) form.setFieldValue('url', address);
        }}
      />
      <TextInput
        label={t('aliases.name')}
        description={t('engines.nameMeans')}
        autoComplete="off"
        spellCheck={false}
        maxLength={40}
        {...input.name}
        onChange={(event) => {
          setIsNamed(true);
          form.setFieldValue('name', event.currentTarget.value);
        }}
      />
    </>
  );
}

/** Write-only: what is kept is never shown again. */
function KeyFields({ form, saved }: Fields & { readonly saved: UpstreamRecord | null }): ReactNode {
  const { t } = useTranslation();
  const hasKey = saved?.hasKey === true;
  const goes = hasKey && isElsewhere(saved, form.values.url);
  const means = goes ? 'engines.keyGoes' : hasKey ? 'engines.keyReplace' : 'engines.keyMeans';
  return (
    <>
      <PasswordField
        label={t('engines.key')}
        description={t(means)}
        autoComplete="off"
        maxLength={4096}
        disabled={form.values.forgetsKey}
        {...form.getInputProps('apiKey')}
      />
      {hasKey && !goes && (
        <Checkbox
          label={t('engines.keyForget')}
          {...form.getInputProps('forgetsKey', { type: 'checkbox' })}
        />
      )}
    </>
  );
}

function MoreFields({ form }: Fields): ReactNode {
  const { t } = useTranslation();
  return (
    <>
      <NumberInput
        label={t('engines.slots')}
        description={t('engines.slotsMean')}
        min={1}
        max={1024}
        allowDecimal={false}
        allowNegative={false}
        clampBehavior="none"
        {...form.getInputProps('slots')}
      />
      {form.values.kind === 'ollama' ? (
        <NumberInput
          label={t('ollama.context')}
          description={t('ollama.contextMeans')}
          placeholder="16384"
          min={256}
          step={1024}
          allowDecimal={false}
          allowNegative={false}
          clampBehavior="none"
          {...form.getInputProps('contextTokens')}
        />
      ) : (
        <TextInput
          label={t('engines.routingHeader')}
          description={t('engines.routingHeaderMeans')}
          placeholder="x-user-id"
          autoComplete="off"
          spellCheck={false}
          maxLength={60}
          {...form.getInputProps('routingHeader')}
        />
      )}
    </>
  );
}

const shownFields = ['name', 'url', 'mayLeave'] as const satisfies readonly (keyof UpstreamForm)[];

/** The field that the server means, if it is one that can be seen. */
function fieldOf(error: unknown): (typeof shownFields)[number] | null {
  if (!(error instanceof ApiError) || error.kind !== 'refused') return null;
  return shownFields.find((field) => field === error.param) ?? null;
}

/** Where the server's words are for the command line, ours. */
function sentenceOf(error: Error, field: (typeof shownFields)[number], mayLeave: string): string {
  return field === 'mayLeave' ? mayLeave : toldAtField(error);
}
