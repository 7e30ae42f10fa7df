import { Checkbox, NativeSelect, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { notifications } from '@mantine/notifications';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { setSavingsSettings, type SavingsSettings } from '../api-usage.ts';
import { ApiError } from '../api.ts';
import { AmountInput } from '../parts/amount-input.tsx';
import { DialogForm } from '../parts/dialog-form.tsx';
import { Dialog } from '../parts/dialog.tsx';
import { Fold } from '../parts/more-options.tsx';
import { QueryView } from '../parts/query-view.tsx';
import { useSettings, useStatus } from '../queries.ts';
import { useCloudPrices, useSavingsChange, useSavingsSettings } from '../queries-usage.ts';
import { toldAtField } from '../refusal.ts';
import { useNow } from '../use-format.ts';
import { dayIn } from '../zone.ts';
import { useUnsaved } from '../unsaved.ts';
import { SavingsPriceList } from './savings-price-list.tsx';
import { hardwareKinds, savingsChange, savingsField, savingsForm, savingsProblems } from './savings-form.ts';
import styles from './savings-dialog.module.css';

type SavingsDialogProps = { readonly isOpen: boolean; readonly onClose: () => void };

/** Which cloud model to compare with, and what electricity and the computer cost. */
export function SavingsDialog({ isOpen, onClose }: SavingsDialogProps): ReactNode {
  const { t } = useTranslation();
  return (
    <Dialog title={t('savings.settingsTitle')} isOpen={isOpen} onClose={onClose}>
      {isOpen && <LoadedSettings onClose={onClose} />}
    </Dialog>
  );
}

function LoadedSettings({ onClose }: { readonly onClose: () => void }): ReactNode {
  const query = useSavingsSettings();
  const status = useStatus();
  const now = useNow();
  return (
    <QueryView query={query}>
      {(settings) => (
        <SavingsFields
          settings={settings}
          today={dayIn(status.data?.timeZone ?? 'UTC', now)}
          onClose={onClose}
        />
      )}
    </QueryView>
  );
}

type SavingsFieldsProps = {
  readonly settings: SavingsSettings;
  readonly today: string;
  readonly onClose: () => void;
};

function SavingsFields({ settings, today, onClose }: SavingsFieldsProps): ReactNode {
  const { t } = useTranslation();
  const first = savingsForm(settings, today);
  const form = useForm({
    mode: 'controlled',
    initialValues: first,
    validate: (values) =>
      Object.fromEntries(
        Object.entries(savingsProblems(values)).map(([name, problem]) => [
          name,
          t(`savings.problem.${problem}`),
        ]),
      ),
  });
  useUnsaved(form.isDirty());
  const save = useSavingsChange(setSavingsSettings);
  const prices = useCloudPrices().data?.prices ?? [];
  const currency = useCurrency();
  const choices = (kind: 'chat' | 'embeddings', chosen: string) => {
    const offered = prices
      .filter((price) => price.kind === kind)
      .map(({ id, name, provider }) => ({
        value: id,
        label: `${name} (${provider})`,
      }));
    return offered.some(({ value }) => value === chosen)
      ? offered
      : [...offered, { value: chosen, label: chosen }];
  };

  function submit(values: typeof first): void {
    save.mutate(savingsChange(first, values), {
      onSuccess: () => {
        notifications.show({ message: t('savings.saved') });
        onClose();
      },
      onError: (error) => {
        const field = error instanceof ApiError ? savingsField(error.param) : null;
        if (field !== null) form.setFieldError(field, toldAtField(error));
      },
    });
  }

  const isAtField = save.error instanceof ApiError && savingsField(save.error.param) !== null;
  const usual = t('savings.usual');
  return (
    <DialogForm
      submit={t('savings.save')}
      isBusy={save.isPending}
      error={isAtField ? null : save.error}
      onSubmit={form.onSubmit(submit)}
      onClose={onClose}
    >
      <NativeSelect
        label={t('savings.compareWith')}
        description={t('savings.compareWithMeans')}
        data={choices('chat', form.values.compareWith)}
        {...form.getInputProps('compareWith')}
      />
      <NativeSelect
        label={t('savings.embeddings')}
        data={choices('embeddings', form.values.embeddings)}
        {...form.getInputProps('embeddings')}
      />
      <SavingsPriceList />
      {currency !== 'USD' && (
        <div className={styles['pair']}>
          <AmountInput
            label={t('savings.perUsd', { currency })}
            description={t('savings.perUsdMeans')}
            {...form.getInputProps('perUsd')}
          />
          <TextInput type="date" label={t('savings.asOf')} max={today} {...form.getInputProps('asOf')} />
        </div>
      )}
      <div className={styles['pair']}>
        <AmountInput
          label={t('savings.price', { currency })}
          description={t('savings.priceMeans')}
          {...form.getInputProps('price')}
        />
        <TextInput
          type="date"
          label={t('savings.boughtOn')}
          max={today}
          {...form.getInputProps('boughtOn')}
        />
      </div>
      <div className={styles['pair']}>
        <NativeSelect
          label={t('savings.hardware')}
          description={t('savings.hardwareMeans')}
          data={hardwareKinds.map((value) => ({ value, label: t(`savings.hardwareKind.${value}`) }))}
          {...form.getInputProps('hardware')}
        />
        <AmountInput
          label={t('savings.pricePerKwh', { currency })}
          placeholder={usual}
          {...form.getInputProps('pricePerKwh')}
        />
      </div>
      <Fold label={t('savings.more')}>
        <div className={styles['pair']}>
          <AmountInput
            label={t('savings.answering')}
            placeholder={usual}
            {...form.getInputProps('answering')}
          />
          <AmountInput label={t('savings.idle')} placeholder={usual} {...form.getInputProps('idle')} />
        </div>
        <Checkbox
          label={t('savings.isMeasured')}
          {...form.getInputProps('isMeasured', { type: 'checkbox' })}
        />
        <div className={styles['pair']}>
          <AmountInput
            label={t('savings.hoursOn')}
            description={t('savings.hoursOnMeans')}
            placeholder={usual}
            {...form.getInputProps('hoursOnPerDay')}
          />
          <AmountInput
            label={t('savings.lifeYears')}
            description={t('savings.lifeYearsMeans')}
            placeholder="4"
            {...form.getInputProps('lifeYears')}
          />
        </div>
      </Fold>
    </DialogForm>
  );
}

function useCurrency(): string {
  const value = useSettings().data?.find(({ name }) => name === 'money.currency')?.value;
  return typeof value === 'string' ? value : 'EUR';
}
