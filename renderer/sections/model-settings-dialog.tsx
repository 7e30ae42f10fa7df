import { Button, NumberInput, Radio, Slider, Stack, Switch, type NumberInputProps } from '@mantine/core';
import { RotateCcw } from 'lucide-react';
import { useForm } from '@mantine/form';
import { notifications } from '@mantine/notifications';
import { useState, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import type { WireModel } from '../../server/wire/admin.ts';
import * as api from '../api.ts';
import { DialogWays } from '../parts/dialog-ways.tsx';
import { Dialog } from '../parts/dialog.tsx';
import { ErrorNote } from '../parts/error-note.tsx';
import { useModelChange } from '../queries.ts';
import { IconButton } from '../parts/icon-button.tsx';
import { useFormat } from '../use-format.ts';
import { useUnsaved } from '../unsaved.ts';
import {
  changeOf,
  contextSteps,
  formOf,
  mostContextOf,
  nearestStep,
  numberOf,
  type SettingsForm,
} from './model-settings-form.ts';
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
  const format = useFormat();
  const most = mostContextOf(model);
  return useForm({
    mode: 'controlled',
    initialValues: formOf(model),
    validate: {
      slots: (value, { sharing }) =>
        sharing === 'own' && !isWithin(value, 1, 16, true) ? t('modelSettings.slotsRange') : null,
      contextTokens(value, { sharing }) {
        if (sharing !== 'own') return null;
        if (!isWithin(value, 256, 4_194_304, true)) return t('modelSettings.contextRange');
        if (most === null || isWithin(value, 0, most)) return null;
        return t('modelSettings.contextMost', { most: format.integer(most) });
      },
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
  useUnsaved(form.isDirty());
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
        <SharingFields form={form} model={model} />
        <ModelMemoryNote
          model={model}
          slots={numberOf(form.values.slots)}
          contextTokens={numberOf(form.values.contextTokens)}
          isOwn={form.values.sharing === 'own'}
        />
        {update.error !== null && <ErrorNote error={update.error} />}
        <DialogWays>
          <Button variant="default" onClick={onClose}>
            {t('common.cancel')}
          </Button>
          <Button type="submit" loading={update.isPending}>
            {t('modelSettings.save')}
          </Button>
        </DialogWays>
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
      <WithReset
        reset={t('modelCard.resetMinutes')}
        usual={t('modelCard.usualMinutes')}
        isUsual={form.values.keepAliveMinutes === ''}
        onReset={() => form.setFieldValue('keepAliveMinutes', '')}
      >
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
      </WithReset>
    </>
  );
}

/** Fields beside one another stand at one height only where what explains them comes after. */
const fieldOrder = ['label', 'input', 'description', 'error'] satisfies NumberInputProps['inputWrapperOrder'];

/** Memory is the product of the two, so they are one choice. */
function SharingFields({ form, model }: Fields & { readonly model: WireModel }): ReactNode {
  const { t } = useTranslation();
  const format = useFormat();
  const most = mostContextOf(model);
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
            <WithReset
              reset={t('modelCard.resetSlots')}
              usual={t('modelCard.usualOpen')}
              isUsual={form.values.slots === ''}
              onReset={() => form.setFieldValue('slots', '')}
            >
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
            </WithReset>
            <WithReset
              reset={t('modelCard.resetContext')}
              usual={t('modelCard.usualOpen')}
              isUsual={form.values.contextTokens === ''}
              onReset={() => form.setFieldValue('contextTokens', '')}
            >
              <NumberInput
                label={t('modelSettings.contextTokens')}
                description={
                  most === null
                    ? t('modelSettings.contextHint')
                    : t('modelSettings.contextHintMost', { most: format.integer(most) })
                }
                inputWrapperOrder={fieldOrder}
                min={256}
                {...(most === null ? {} : { max: most })}
                step={1024}
                allowDecimal={false}
                allowNegative={false}
                clampBehavior="none"
                {...form.getInputProps('contextTokens')}
              />
              <ContextSlider form={form} model={model} />
            </WithReset>
          </div>
        )}
      </Stack>
    </Radio.Group>
  );
}

/** Coarse on purpose, in steps that double: the field beside it takes any number. */
function ContextSlider({ form, model }: Fields & { readonly model: WireModel }): ReactNode {
  const { t } = useTranslation();
  const format = useFormat();
  const steps = contextSteps(mostContextOf(model) ?? Math.max(131_072, model.contextTokens ?? 0));
  const tokens = numberOf(form.values.contextTokens);
  const at = nearestStep(tokens ?? model.contextTokens ?? 4096, steps);
  return (
    <Slider
      className={styles['slider'] ?? ''}
      thumbLabel={t('modelCard.slider')}
      label={(step) => format.integer(steps[step] ?? 0)}
      min={0}
      max={steps.length - 1}
      step={1}
      value={at}
      onChange={(step) => form.setFieldValue('contextTokens', steps[step] ?? 4096)}
      thumbValueText={t('models.tokens', {
        count: steps[at] ?? 0,
        shown: format.integer(steps[at] ?? 0),
      })}
    />
  );
}

type WithResetProps = {
  /** What going back does. */
  readonly reset: string;
  /** What is usual, in words. */
  readonly usual: string;
  readonly isUsual: boolean;
  readonly onReset: () => void;
  readonly children: ReactNode;
};

/** A control with what is usual for it, and the way back there. */
function WithReset({ reset, usual, isUsual, onReset, children }: WithResetProps): ReactNode {
  return (
    <div>
      {children}
      <div className={styles['usual']}>
        <span>{usual}</span>
        {!isUsual && (
          <IconButton label={reset} icon={<RotateCcw size={16} aria-hidden />} onClick={onReset} />
        )}
      </div>
    </div>
  );
}

/** An empty field is the usual, or the computer's choice. */
function isWithin(value: number | string, least: number, most: number, isWhole = false): boolean {
  const number = numberOf(value);
  if (number === null) return value === '';
  return number >= least && number <= most && (!isWhole || Number.isInteger(number));
}
