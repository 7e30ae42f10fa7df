import { Anchor, Button } from '@mantine/core';
import { useRef, useState, type FormEvent, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'wouter';
import * as api from '../api.ts';
import { ApiError } from '../api.ts';
import { EntrancePage } from '../parts/entrance-page.tsx';
import { ErrorNote } from '../parts/error-note.tsx';
import { PasswordField } from '../parts/password-field.tsx';
import { useSessionChange } from '../queries.ts';

export function SignInPage({ needsSetup }: { readonly needsSetup: boolean }): ReactNode {
  const { t } = useTranslation();
  return (
    <EntrancePage title={t('signIn.title')} lead={t(needsSetup ? 'signIn.noPasswordYet' : 'signIn.lead')}>
      {needsSetup ? (
        <Anchor component={Link} href="/setup">
          {t('signIn.toSetUp')}
        </Anchor>
      ) : (
        <SignInForm />
      )}
    </EntrancePage>
  );
}

function SignInForm(): ReactNode {
  const { t } = useTranslation();
  const signIn = useSessionChange(api.signIn);
  const [password, setPassword] = useState('');
  const field = useRef<HTMLInputElement>(null);
  const isWrong = signIn.error instanceof ApiError && signIn.error.code === 'wrong_password';

  function submit(event: FormEvent): void {
    event.preventDefault();
    if (password === '' || signIn.isPending) return;
    signIn.mutate(password, {
      onError: () => {
        field.current?.focus();
        field.current?.select();
      },
    });
  }

  return (
    <form onSubmit={submit} noValidate>
      {/* For password managers, which file a password under a name. */}
      <input type="text" name="username" autoComplete="username" value="owner" readOnly hidden />
      <PasswordField
        ref={field}
        label={t('password.label')}
        name="password"
        autoComplete="current-password"
        // oxlint-disable-next-line jsx-a11y/no-autofocus -- the page is this one field
        autoFocus
        required
        withAsterisk={false}
        value={password}
        onChange={(event) => setPassword(event.currentTarget.value)}
        error={isWrong ? t('signIn.wrong') : null}
      />
      {signIn.error !== null && !isWrong && <ErrorNote error={signIn.error} />}
      <Button type="submit" fullWidth mt="lg" loading={signIn.isPending}>
        {t('signIn.submit')}
      </Button>
    </form>
  );
}
