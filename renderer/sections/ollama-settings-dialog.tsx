import { NumberInput, type NumberInputProps } from '@mantine/core';
import { useForm } from '@mantine/form';
import { notifications } from '@mantine/notifications';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import type { OllamaSettingsRequest, WireOllamaState } from '../../server/wire/ollama.ts';
import { setOllama } from '../api-engines.ts';
import { DialogForm } from '../parts/dialog-form.tsx';
import { Dialog } from '../parts/dialog.tsx';
import { Note } from '../parts/note.tsx';
import { QueryView } from '../parts/query-view.tsx';
import { useOllama, useOllamaChange } from '../queries-engines.ts';
import { useUnsaved } from '../unsaved.ts';
import { numberOf } from './model-settings-form.ts';

type OllamaSettingsDialogProps = { readonly isOpen: boolean; readonly onClose: () => void };

/** How Ollama serves, in plain words. */
export function OllamaSettingsDialog({ isOpen, onClose }: OllamaSettingsDialogProps): ReactNode {
  const { t } = useTranslation();
  return (
    <Dialog title={t('ollama.settingsTitle')} isOpen={isOpen} onClose={onClose}>
      {isOpen && <LoadedSettings onClose={onClose} />}
    </Dialog>
  );
}

function LoadedSettings({ onClose }: { readonly onClose: () => void }): ReactNode {
  const query = useOllama();
  return (
    <QueryView query={query}>
      {({ settings }) => <OllamaSettingsForm settings={settings} onClose={onClose} />}
    </QueryView>
  );
}

type Settings = WireOllamaState['settings'];
type Field = Exclude<keyof Settings, 'use'>;
type FormValues = Record<Field, number | string>;

const ranges = {
  requestsAtOnce: { min: 1, max: 64 },
  modelsAtOnce: { min: 1, max: 16 },
  keepAliveMinutes: { min: 0, max: 10_080 },
  contextTokens: { min: 256, max: 4_194_304 },
} as const satisfies Record<Field, { min: number; max: number }>;
const fields = Object.keys(ranges) as Field[];

type FormProps = { readonly settings: Settings; readonly onClose: () => void };

function OllamaSettingsForm({ settings, onClose }: FormProps): ReactNode {
  const { t } = useTranslation();
  const save = useOllamaChange(setOllama);
  const { use, ...initialValues } = settings;
  const inRange = (field: Field) => (value: number | string) => {
    const number = numberOf(value);
    const { min, max } = ranges[field];
    const isRight = number !== null && Number.isInteger(number) && number >= min && number <= max;
    return isRight ? null : t('ollama.range', { min, max });
  };
  const form = useForm<FormValues>({
    mode: 'controlled',
    initialValues,
    validate: {
      requestsAtOnce: inRange('requestsAtOnce'),
      modelsAtOnce: inRange('modelsAtOnce'),
      keepAliveMinutes: inRange('keepAliveMinutes'),
      contextTokens: inRange('contextTokens'),
    },
  });
  useUnsaved(form.isDirty());

  function submit(values: FormValues): void {
    const change = changeOf(settings, values);
    if (Object.keys(change).length === 0) return onClose();
    save.mutate(change, {
      onSuccess: () => {
        notifications.show({ message: t('ollama.saved') });
        onClose();
      },
    });
  }

  const input = (field: Field): NumberInputProps => ({
    ...ranges[field],
    label: t(`ollama.${labels[field]}`),
    description: t(`ollama.${labels[field]}Means`),
    allowDecimal: false,
    allowNegative: false,
    clampBehavior: 'none',
    ...form.getInputProps(field),
  });

  return (
    <DialogForm
      submit={t('modelSettings.save')}
      isBusy={save.isPending}
      error={save.error}
      onSubmit={form.onSubmit(submit)}
      onClose={onClose}
    >
      <Note tone="quiet">{t(use === 'theirs' ? 'ollama.theirsKeepTheirs' : 'ollama.oursRestarts')}</Note>
      <NumberInput {...input('contextTokens')} step={1024} />
      <NumberInput {...input('requestsAtOnce')} disabled={use === 'theirs'} />
      <NumberInput {...input('modelsAtOnce')} disabled={use === 'theirs'} />
      <NumberInput {...input('keepAliveMinutes')} disabled={use === 'theirs'} />
    </DialogForm>
  );
}

const labels = {
  requestsAtOnce: 'requestsAtOnce',
  modelsAtOnce: 'modelsAtOnce',
  keepAliveMinutes: 'keepAlive',
  contextTokens: 'context',
} as const satisfies Record<Field, string>;

/** Only what is another than before: the rest could start our Ollama anew for nothing. */
function changeOf(before: Settings, values: FormValues): OllamaSettingsRequest {
  return Object.fromEntries(
    fields
      .map((field) => [field, numberOf(values[field])] as const)
      .filter(([field, value]) => value !== before[field]),
  );
}
