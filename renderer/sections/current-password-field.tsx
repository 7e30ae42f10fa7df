import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { PasswordField } from '../parts/password-field.tsx';
import { useSession } from '../queries.ts';

/** Whoever sits at a signed-in browser shows the password again before a door is changed; the app's window need not. */
export function useNeedsPassword(): boolean {
  return useSession().data?.via === 'password';
}

type CurrentPasswordFieldProps = {
  readonly value: string;
  readonly onChange: (value: string) => void;
  readonly isWrong: boolean;
  /** Whether a dialog begins with it. */
  readonly isFirst?: boolean;
};

export function CurrentPasswordField({
  value,
  onChange,
  isWrong,
  isFirst = false,
}: CurrentPasswordFieldProps): ReactNode {
  const { t } = useTranslation();
  return (
    <PasswordField
      label={t('security.password.current')}
      name="current-password"
      autoComplete="current-password"
      value={value}
      onChange={(event) => onChange(event.currentTarget.value)}
      {...(isFirst ? { 'data-autofocus': true } : {})}
      error={isWrong ? t(value === '' ? 'security.password.missing' : 'security.password.wrong') : null}
    />
  );
}
