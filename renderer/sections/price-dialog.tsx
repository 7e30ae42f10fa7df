import { Button, TextInput } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { Plus } from 'lucide-react';
import { useState, type FormEvent, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import type { PriceRecord } from '../../server/wire/limits.ts';
import * as api from '../api-limits.ts';
import { Dialog } from '../parts/dialog.tsx';
import { DialogForm } from '../parts/dialog-form.tsx';
import { ErrorNote } from '../parts/error-note.tsx';
import { FirstFault } from '../parts/first-fault.tsx';
import { Waiting } from '../parts/waiting.tsx';
import { useLimitsChange, usePrices, useSpending } from '../queries-limits.ts';
import { useUnsaved } from '../unsaved.ts';
import { useValues } from '../use-values.ts';
import { isNothing, newRow, priceChanges, priceProblems, priceValues, type PriceRow } from './price-form.ts';
import { PriceRowFields } from './price-row.tsx';
import styles from './key-limits.module.css';

type PriceDialogProps = { readonly isOpen: boolean; readonly onClose: () => void };

/** What money budgets count by: a currency, and a price per million tokens. */
export function PriceDialog({ isOpen, onClose }: PriceDialogProps): ReactNode {
  const { t } = useTranslation();
  const [isChanged, setIsChanged] = useState(false);
  useUnsaved(isChanged);
  return (
    <Dialog title={t('prices.title')} isOpen={isOpen} onClose={onClose} closesByItself={!isChanged}>
      {isOpen && <PriceLoader onChanged={setIsChanged} onClose={onClose} />}
    </Dialog>
  );
}

type PriceLoaderProps = {
  readonly onChanged: (isChanged: boolean) => void;
  readonly onClose: () => void;
};

function PriceLoader({ onChanged, onClose }: PriceLoaderProps): ReactNode {
  const prices = usePrices();
  const spending = useSpending();
  if (prices.data !== undefined && spending.data !== undefined) {
    const { currency } = spending.data;
    return <PriceForm prices={prices.data} currency={currency} onChanged={onChanged} onClose={onClose} />;
  }
  const failed = [prices, spending].find(({ isError }) => isError);
  if (failed === undefined) return <Waiting />;
  return <ErrorNote error={failed.error} onRetry={() => void failed.refetch()} />;
}

type PriceFormProps = PriceLoaderProps & {
  readonly prices: readonly PriceRecord[];
  readonly currency: string;
};

function PriceForm({ prices, currency, onChanged, onClose }: PriceFormProps): ReactNode {
  const { t } = useTranslation();
  const change = useLimitsChange(api.changePrices);
  // What another console changes meanwhile is not undone by saving this one.
  const [before] = useState({ prices, currency });
  const form = useValues({
    first: () => priceValues(prices, currency),
    problemsOf: priceProblems,
    onChanged,
  });
  const { rows } = form.values;
  const putRow = (row: PriceRow): void =>
    form.put(
      'rows',
      rows.map((other) => (other.id === row.id ? row : other)),
    );

  function save(event: FormEvent): void {
    event.preventDefault();
    if (!form.check()) return;
    const changes = priceChanges(before, form.values);
    if (isNothing(changes)) return onClose();
    change.mutate(changes, {
      onSuccess: () => {
        notifications.show({ message: t('prices.saved') });
        onClose();
      },
      onError: (error) => form.refuse(error, (param) => (param === 'value' ? 'currency' : null)),
    });
  }

  return (
    <FirstFault failures={form.failures}>
      <DialogForm
        submit={t('prices.save')}
        isBusy={change.isPending}
        error={form.elsewhere(change.error)}
        onSubmit={save}
        onClose={onClose}
      >
        <p className={styles['hint']}>{t('prices.lead')}</p>
        <TextInput
          label={t('prices.currency')}
          description={t('prices.currencyHint')}
          maxLength={3}
          autoComplete="off"
          w={120}
          value={form.values.currency}
          error={form.errors['currency']}
          onChange={({ currentTarget: { value } }) => form.put('currency', value.toUpperCase())}
        />
        {rows.map((row, index) => (
          <PriceRowFields
            key={row.id}
            row={row}
            currency={form.values.currency}
            errorAt={(name) => form.errors[`rows.${index}.${name}`]}
            onChange={putRow}
            onRemove={() =>
              form.put(
                'rows',
                rows.filter((other) => other !== row),
              )
            }
          />
        ))}
        <Button
          className={styles['start'] ?? ''}
          variant="default"
          size="xs"
          leftSection={<Plus size={16} aria-hidden />}
          onClick={() => form.put('rows', [...rows, newRow('')])}
        >
          {t('prices.addModel')}
        </Button>
      </DialogForm>
    </FirstFault>
  );
}
