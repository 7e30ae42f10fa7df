import { Checkbox, NativeSelect } from '@mantine/core';
import { Trash2 } from 'lucide-react';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { AmountInput } from '../parts/amount-input.tsx';
import { IconButton } from '../parts/icon-button.tsx';
import { useModels } from '../queries.ts';
import { everyModel, type PriceRow } from './price-form.ts';
import styles from './key-limits.module.css';

type PriceRowFieldsProps = {
  readonly row: PriceRow;
  readonly currency: string;
  readonly errorAt: (name: 'model' | 'input' | 'output') => ReactNode;
  readonly onChange: (row: PriceRow) => void;
  readonly onRemove: () => void;
};

/** The price of one model, or of all others. */
export function PriceRowFields({
  row,
  currency,
  errorAt,
  onChange,
  onRemove,
}: PriceRowFieldsProps): ReactNode {
  const { t } = useTranslation();
  const isEvery = row.model === everyModel;
  const label = isEvery ? t('prices.everyModel') : row.model === '' ? t('prices.newModel') : row.model;
  return (
    <div role="group" aria-label={label} className={styles['entry']}>
      {isEvery ? (
        <div>
          <div className={styles['label']}>{label}</div>
          <p className={styles['hint']}>{t('prices.everyModelHint')}</p>
        </div>
      ) : (
        <ModelHead row={row} label={label} error={errorAt('model')} onChange={onChange} onRemove={onRemove} />
      )}
      <div className={styles['pair']}>
        {(['input', 'output'] as const).map((name) => (
          <AmountInput
            key={name}
            label={t(`prices.${name}`, { currency })}
            decimalScale={6}
            value={row[name]}
            error={errorAt(name)}
            onChange={(value) => onChange({ ...row, [name]: value })}
          />
        ))}
      </div>
      <Checkbox
        label={t('prices.paid')}
        description={t('prices.paidHint')}
        checked={row.isPaid}
        onChange={({ currentTarget: { checked } }) => onChange({ ...row, isPaid: checked })}
      />
    </div>
  );
}

type ModelHeadProps = Pick<PriceRowFieldsProps, 'row' | 'onChange' | 'onRemove'> & {
  readonly label: string;
  readonly error: ReactNode;
};

function ModelHead({ row, label, error, onChange, onRemove }: ModelHeadProps): ReactNode {
  const { t } = useTranslation();
  const models = (useModels().data ?? []).map(({ id }) => id);
  const names = [...new Set([...models, ...(row.model === '' ? [] : [row.model])])];
  return (
    <div className={styles['entryHead']}>
      <NativeSelect
        label={t('limits.model')}
        data={[{ value: '', label: t('limits.chooseModel') }, ...names]}
        value={row.model}
        error={error}
        onChange={({ currentTarget: { value } }) => onChange({ ...row, model: value })}
      />
      <IconButton
        label={t('prices.remove', { model: label })}
        icon={<Trash2 size={16} aria-hidden />}
        onClick={onRemove}
      />
    </div>
  );
}
