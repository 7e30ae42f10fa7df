import { Button, Stack, Text } from '@mantine/core';
import { useState, type FormEvent, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { minimumPasswordLength } from '../../server/wire/admin.ts';
import * as api from '../api-security.ts';
import { ApiError } from '../api.ts';
import { ErrorNote } from '../parts/error-note.tsx';
import { Panel } from '../parts/panel.tsx';
import { PasswordField } from '../parts/password-field.tsx';
import { useSecurityChange } from '../queries-security.ts';
import { useUnsaved } from '../unsaved.ts';
import { CurrentPasswordField, useNeedsPassword } from './current-password-field.tsx';

export function PasswordPanel(): ReactNode {
  const { t } = useTranslation();
  const [current, setCurrent] = useState('');
  const [password, setPassword] = useState('');
  const [wasTried, setWasTried] = useState(false);
  const change = useSecurityChange(api.changePassword);
  const needsPassword = useNeedsPassword();
  useUnsaved(current !== '' || password !== '');
  const isWrong = change.error instanceof ApiError && change.error.code === 'wrong_password';
  const isTooShort = password.length < minimumPasswordLength;
  const lengthHint = t('security.password.length', { count: minimumPasswordLength });

  function submit(event: FormEvent): void {
    event.preventDefault();
    setWasTried(true);
    if (isTooShort || change.isPending) return;
    change.mutate(
      { currentPassword: current, password },
      {
        onSuccess: () => {
          setCurrent('');
          setPassword('');
          setWasTried(false);
        },
      },
    );
  }

  return (
    <Panel title={t('security.password.title')}>
      <form onSubmit={submit} noValidate>
        <Stack gap="md" align="stretch" maw={420}>
          <Text>{t('security.password.lead')}</Text>
          {/* For password managers, which file a password under a name. */}
          <input type="text" name="username" autoComplete="username" value="owner" readOnly hidden />
          {needsPassword && <CurrentPasswordField value={current} onChange={setCurrent} isWrong={isWrong} />}
          <PasswordField
            label={t('security.password.new')}
            name="new-password"
            autoComplete="new-password"
            description={lengthHint}
            value={password}
            onChange={(event) => setPassword(event.currentTarget.value)}
            error={wasTried && isTooShort ? lengthHint : null}
          />
          {change.error !== null && !isWrong && <ErrorNote error={change.error} />}
          <div>
            <Button type="submit" variant="default" loading={change.isPending}>
              {t('security.password.submit')}
            </Button>
          </div>
        </Stack>
      </form>
    </Panel>
  );
}
