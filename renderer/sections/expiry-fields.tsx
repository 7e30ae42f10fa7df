import { NativeSelect, TextInput, type NativeSelectProps, type TextInputProps } from '@mantine/core';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { expiryChoices } from './key-expiry.ts';

type ExpiryFieldsProps = {
  /** A choice of the form's own, before the others. */
  readonly first?: { readonly value: string; readonly label: string };
  readonly isDate: boolean;
  /** The two fields, as the form binds them. */
  readonly choice: NativeSelectProps;
  readonly day: TextInputProps;
};

/** When a key ends. */
export function ExpiryFields({ first, isDate, choice, day }: ExpiryFieldsProps): ReactNode {
  const { t } = useTranslation();
  const choices = expiryChoices.map((value) => ({ value, label: t(`keys.expiry.${value}`) }));
  // "Never" is not offered twice.
  const others = choices.filter(({ label }) => label !== first?.label);
  return (
    <>
      <NativeSelect
        label={t('keys.expires')}
        data={[...(first === undefined ? [] : [first]), ...others]}
        {...choice}
      />
      {isDate && <TextInput type="date" label={t('keys.lastDay')} {...day} />}
    </>
  );
}
