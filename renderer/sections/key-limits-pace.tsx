import type { NumberInputProps } from '@mantine/core';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { AmountInput } from '../parts/amount-input.tsx';
import { paceNames, type LimitsValues } from './key-limits-values.ts';
import styles from './key-limits.module.css';

type KeyLimitsPaceProps = {
  readonly values: LimitsValues;
  /** What is wrong with a field, by its path below the limits. */
  readonly errorAt: (path: string) => ReactNode;
  readonly onChange: (values: LimitsValues) => void;
};

/** Fields beside one another stand at one height only where what explains them comes after. */
const fieldOrder = ['label', 'input', 'description', 'error'] satisfies NumberInputProps['inputWrapperOrder'];

/** How fast, and how much at once. Empty is without a limit. */
export function KeyLimitsPace({ values, errorAt, onChange }: KeyLimitsPaceProps): ReactNode {
  const { t } = useTranslation();
  return (
    <div className={styles['pair']}>
      {paceNames.map((name) => (
        <AmountInput
          key={name}
          label={t(`limits.${name}`)}
          description={t(`limits.${name}Hint`)}
          placeholder={t('limits.noLimit')}
          inputWrapperOrder={fieldOrder}
          allowDecimal={false}
          value={values[name]}
          error={errorAt(name)}
          onChange={(value) => onChange({ ...values, [name]: value })}
        />
      ))}
    </div>
  );
}
