import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { PasswordField } from '../parts/password-field.tsx';

/** Guessing at a file is not slowed down by any server. */
const leastPassphrase = 12;

export type Passphrase = { readonly typed: string; readonly again: string };
export type PassphraseFault = 'short' | 'different' | null;

export function passphraseFault({ typed, again }: Passphrase): PassphraseFault {
  if (typed.length < leastPassphrase) return 'short';
  return typed === again ? null : 'different';
}

type PassphraseFieldsProps = {
  readonly value: Passphrase;
  readonly fault: PassphraseFault;
  readonly description: string;
  readonly onChange: (value: Passphrase) => void;
};

/** Twice, since nobody can open the file after a slip of the finger. */
export function PassphraseFields({ value, fault, description, onChange }: PassphraseFieldsProps): ReactNode {
  const { t } = useTranslation();
  return (
    <>
      <PasswordField
        label={t('settings.passphrase.label')}
        description={description}
        autoComplete="new-password"
        maxLength={1024}
        value={value.typed}
        error={fault === 'short' ? t('settings.passphrase.short', { count: leastPassphrase }) : undefined}
        onChange={({ currentTarget }) => onChange({ ...value, typed: currentTarget.value })}
      />
      <PasswordField
        label={t('settings.passphrase.again')}
        autoComplete="new-password"
        maxLength={1024}
        value={value.again}
        error={fault === 'different' ? t('settings.passphrase.different') : undefined}
        onChange={({ currentTarget }) => onChange({ ...value, again: currentTarget.value })}
      />
    </>
  );
}
