import { NumberInput, type NumberInputProps } from '@mantine/core';
import type { ReactNode } from 'react';
import { useFormat } from '../use-format.ts';

/** A number as the reader writes it: 1,234.5 or 1.234,5. Steps of one mean nothing here, so there are no arrows. */
export function AmountInput(props: NumberInputProps): ReactNode {
  const { separators } = useFormat();
  return (
    <NumberInput
      hideControls
      allowNegative={false}
      clampBehavior="none"
      thousandSeparator={separators.thousand}
      decimalSeparator={separators.decimal}
      {...props}
    />
  );
}
