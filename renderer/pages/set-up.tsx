import { Anchor, Button, Stack, Text } from '@mantine/core';
import { useState, type FormEvent, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'wouter';
import { minimumPasswordLength } from '../../server/wire/admin.ts';
import * as api from '../api.ts';
import { ApiError } from '../api.ts';
import { EntrancePage } from '../parts/entrance-page.tsx';
import { ErrorNote } from '../parts/error-note.tsx';
import { PasswordField } from '../parts/password-field.tsx';
import { useSessionChange } from '../queries.ts';

/** First run: the one-time link carries a token in its fragment, which never reaches a server's log. */
export function SetUpPage({ needsSetup }: { readonly needsSetup: boolean }): ReactNode {
  const { t } = useTranslation();
  const [token] = useState(() => location.hash.slice(1));
  const [isRefused, setIsRefused] = useState(false);

  if (!needsSetup) {
    return (
      <EntrancePage title={t('setUp.title')} lead={t('setUp.alreadyDone')}>
        <Anchor component={Link} href="/sign-in">
          {t('setUp.toSignIn')}
        </Anchor>
      </EntrancePage>
    );
  }
  if (token === '' || isRefused) {
    return (
      <EntrancePage title={t('setUp.title')} lead={t(isRefused ? 'setUp.linkRefused' : 'setUp.linkNeeded')}>
        <Text>{t('setUp.whereLink')}</Text>
      </EntrancePage>
    );
  }
  return (
    <EntrancePage title={t('setUp.title')} lead={t('setUp.lead')}>
      <SetUpForm token={token} onLinkRefused={() => setIsRefused(true)} />
    </EntrancePage>
  );
}

type SetUpFormProps = { readonly token: string; readonly onLinkRefused: () => void };

function SetUpForm({ token, onLinkRefused }: SetUpFormProps): ReactNode {
  const { t } = useTranslation();
  const setUp = useSessionChange((password: string) => api.setUp(token, password));
  const [password, setPassword] = useState('');
  const [wasTried, setWasTried] = useState(false);
  const missing = Math.max(0, minimumPasswordLength - password.length);
  const lengthHint =
    password === ''
      ? t('setUp.length', { count: minimumPasswordLength })
      : missing > 0
        ? t('setUp.charactersMissing', { count: missing })
        : t('setUp.longEnough');

  function submit(event: FormEvent): void {
    event.preventDefault();
    setWasTried(true);
    if (missing > 0 || setUp.isPending) return;
    setUp.mutate(password, { onError: (error) => isLinkRefusal(error) && onLinkRefused() });
  }

  return (
    <form onSubmit={submit} noValidate>
      <input type="text" name="username" autoComplete="username" value="owner" readOnly hidden />
      <Stack gap="md">
        <PasswordField
          label={t('setUp.newPassword')}
          name="password"
          autoComplete="new-password"
          // oxlint-disable-next-line jsx-a11y/no-autofocus -- the page is this one field
          autoFocus
          required
          withAsterisk={false}
          description={lengthHint}
          value={password}
          onChange={(event) => setPassword(event.currentTarget.value)}
          error={wasTried && missing > 0 ? t('setUp.tooShort', { count: minimumPasswordLength }) : null}
        />
        {setUp.error !== null && <ErrorNote error={setUp.error} />}
        <Button type="submit" fullWidth loading={setUp.isPending}>
          {t('setUp.submit')}
        </Button>
      </Stack>
    </form>
  );
}

/** The link itself was refused (unknown, used, too late), rather than the password or the hurry. */
function isLinkRefusal(error: unknown): boolean {
  return (
    error instanceof ApiError && (error.code === 'setup_link_invalid' || error.code === 'setup_link_used')
  );
}
