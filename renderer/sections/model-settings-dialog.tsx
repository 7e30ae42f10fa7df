import { Button, Group, NumberInput, Radio, Stack, Switch, type NumberInputProps } from '@mantine/core';
import { useForm } from '@mantine/form';
import { notifications } from '@mantine/notifications';
import { useState, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import type { WireModel } from '../../server/wire/admin.ts';
import * as api from '../api.ts';
import { Dialog } from '../parts/dialog.tsx';
import { ErrorNote } from '../parts/error-note.tsx';
import { useModelChange } from '../queries.ts';
import { changeOf, formOf, numberOf, type SettingsForm } from './model-settings-form.ts';
import styles from './model-settings-dialog.module.css';
import { ModelMemoryNote } from './model-memory-note.tsx';

type ModelSettingsDialogProps = {
  /** Null while the dialog is closed. */
  readonly model: WireModel | null;
  readonly onClose: () => void;
};

/** How long a model stays, and how its memory is shared out between the people who use it. */
export function ModelSettingsDialog({ model, onClose }: ModelSettingsDialogProps): ReactNode {
  const { t } = useTranslation();
  return (
    <Dialog
      title={t('modelSettings.title', { model: model?.id ?? '' })}
      isOpen={model !== null}
      onClose={onClose}
    >
      {model !== null && <ModelSettingsForm key={model.id} model={model} onClose={onClose} />}
    </Dialog>
  );
}

function useSettingsForm(model: WireModel) {
  const { t } = useTranslation();
  return useForm({
    mode: 'controlled',
    initialValues: formOf(model),
    validate: {
      slots: (value, { sharing }) =>
        sharing === 'own' && !isWithin(value, 1, 16, true) ? t('modelSettings.slotsRange') : null,
      contextTokens: (value, { sharing }) =>
        sharing === 'own' && !isWithin(value, 256, 4_194_304, true) ? t('modelSettings.contextRange') : null,
      keepAliveMinutes: (value) => (isWithin(value, 0, 10_080) ? null : t('modelSettings.keepAliveRange')),
    },
  });
}

function ModelSettingsForm({
  model,
  onClose,
}: {
  readonly model: WireModel;
  readonly onClose: () => void;
}): ReactNode {
  const { t } = useTranslation();
  const update = useModelChange(api.updateModel);
  const form = useSettingsForm(model);
  // What another console changes meanwhile is not undone by saving this one.
  const [before] = useState(model.settings);

  function save(values: SettingsForm): void {
    const change = changeOf(before, values);
    if (Object.keys(change).length === 0) return onClose();
    update.mutate(
      { id: model.id, change },
      {
        onSuccess: () => {
          notifications.show({ message: t('modelSettings.saved', { model: model.id }) });
          onClose();
        },
      },
    );
  }

  return (
    <form onSubmit={form.onSubmit(save)} noValidate>
      <Stack gap="lg">
        <StayFields form={form} />
        <SharingFields form={form} />
        <ModelMemoryNote
          model={model}
          slots={numberOf(form.values.slots)}
          contextTokens={numberOf(form.values.contextTokens)}
          isOwn={form.values.sharing === 'own'}
        />
        {update.error !== null && <ErrorNote error={update.error} />}
        <Group justify="flex-end" gap="sm">
          <Button variant="default" onClick={onClose}>
            {t('common.cancel')}
          </Button>
          <Button type="submit" loading={update.isPending}>
            {t('modelSettings.save')}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}

type Fields = { readonly form: ReturnType<typeof useSettingsForm> };

function StayFields({ form }: Fields): ReactNode {
  const { t } = useTranslation();
  return (
    <>
      <Switch
        label={t('modelSettings.preload')}
        description={t('modelSettings.preloadMeans')}
        {...form.getInputProps('preload', { type: 'checkbox' })}
      />
      <Switch
        label={t('modelSettings.pinned')}
        description={t('modelSettings.pinnedMeans')}
        {...form.getInputProps('pinned', { type: 'checkbox' })}
      />
      <NumberInput
        label={t('modelSettings.keepAlive')}
        description={t('modelSettings.keepAliveMeans')}
        placeholder="30"
        min={0}
        max={10_080}
        allowNegative={false}
        clampBehavior="none"
        disabled={form.values.pinned}
        {...form.getInputProps('keepAliveMinutes')}
      />
    </>
  );
}

/** Fields beside one another stand at one height only where what explains them comes after. */
const fieldOrder = ['label', 'input', 'description', 'error'] satisfies NumberInputProps['inputWrapperOrder'];

/** Memory is the product of the two, so they are one choice. */
function SharingFields({ form }: Fields): ReactNode {
  const { t } = useTranslation();
  return (
    <Radio.Group
      label={t('modelSettings.sharing')}
      description={t('modelSettings.sharingMeans')}
      {...form.getInputProps('sharing')}
    >
      <Stack gap="sm" pt="xs">
        <Radio value="automatic" label={t('modelSettings.automatic')} />
        <Radio value="own" label={t('modelSettings.own')} />
        {form.values.sharing === 'own' && (
          <div className={styles['pair']}>
            <NumberInput
              label={t('modelSettings.slots')}
              description={t('modelSettings.slotsHint')}
              inputWrapperOrder={fieldOrder}
              min={1}
              max={16}
              allowDecimal={false}
              allowNegative={false}
              clampBehavior="none"
              {...form.getInputProps('slots')}
            />
            <NumberInput
              label={t('modelSettings.contextTokens')}
              description={t('modelSettings.contextHint')}
              inputWrapperOrder={fieldOrder}
              min={256}
              step={1024}
              allowDecimal={false}
              allowNegative={false}
              clampBehavior="none"
              {...form.getInputProps('contextTokens')}
            />
          </div>
        )}
      </Stack>
    </Radio.Group>
  );
}

/** An empty field is the usual, or the computer's choice. */
function isWithin(value: number | string, least: number, most: number, isWhole = false): boolean {
  const number = numberOf(value);
  if (number === null) return value === '';
  return number >= least && number <= most && (!isWhole || Number.isInteger(number));
}
