import { Anchor, Button, Group, Stack, Text, TextInput } from '@mantine/core';
import { useRef, useState, type FormEvent, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'wouter';
import * as api from '../api.ts';
import { ApiError } from '../api.ts';
import { EntrancePage } from '../parts/entrance-page.tsx';
import { ErrorNote } from '../parts/error-note.tsx';
import { PasswordField } from '../parts/password-field.tsx';
import { useSessionChange } from '../queries.ts';
import { TicketSignIn } from '../sections/ticket-sign-in.tsx';

type SignInPageProps = {
  readonly needsSetup: boolean;
  /** What somebody should know who meant to go elsewhere. */
  readonly lead?: string;
};

/** The password, and then the code where the second step is on; the password is shown again with it. */
export function SignInPage({ needsSetup, lead }: SignInPageProps): ReactNode {
  const { t } = useTranslation();
  const [known, setKnown] = useState<string | null>(null);
  if (needsSetup) {
    return (
      <EntrancePage title={t('signIn.title')} lead={t('signIn.noPasswordYet')}>
        <Anchor component={Link} href="/setup">
          {t('signIn.toSetUp')}
        </Anchor>
      </EntrancePage>
    );
  }
  return (
    <EntrancePage
      title={t('signIn.title')}
      lead={known === null ? (lead ?? t('signIn.lead')) : t('security.signIn.codeLead')}
    >
      {/* What brought somebody here by another way is no ticket. */}
      {lead === undefined && <TicketSignIn />}
      {known === null ? (
        <PasswordForm onCodeNeeded={setKnown} />
      ) : (
        <CodeForm password={known} onBack={() => setKnown(null)} />
      )}
    </EntrancePage>
  );
}

function codeOf(error: unknown): string | null {
  return error instanceof ApiError ? error.code : null;
}

type PasswordFormProps = { readonly onCodeNeeded: (password: string) => void };

function PasswordForm({ onCodeNeeded }: PasswordFormProps): ReactNode {
  const { t } = useTranslation();
  const signIn = useSessionChange(api.signIn);
  const [password, setPassword] = useState('');
  const field = useRef<HTMLInputElement>(null);
  const isWrong = codeOf(signIn.error) === 'wrong_password';

  function submit(event: FormEvent): void {
    event.preventDefault();
    if (password === '' || signIn.isPending) return;
    signIn.mutate(
      { password },
      {
        onError: (error) => {
          if (codeOf(error) === 'code_needed') return onCodeNeeded(password);
          field.current?.focus();
          field.current?.select();
        },
      },
    );
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
      {signIn.error !== null && !isWrong && codeOf(signIn.error) !== 'code_needed' && (
        <ErrorNote error={signIn.error} />
      )}
      <Button type="submit" fullWidth mt="lg" loading={signIn.isPending}>
        {t('signIn.submit')}
      </Button>
    </form>
  );
}

type CodeFormProps = { readonly password: string; readonly onBack: () => void };

function CodeForm({ password, onBack }: CodeFormProps): ReactNode {
  const { t } = useTranslation();
  const signIn = useSessionChange(api.signIn);
  const [code, setCode] = useState('');
  const [isRecovery, setIsRecovery] = useState(false);
  const field = useRef<HTMLInputElement>(null);
  const refusal = codeOf(signIn.error);
  const fault =
    refusal === 'wrong_code' ? 'wrongCode' : refusal === 'code_used' ? ('usedCode' as const) : null;

  function submit(event: FormEvent): void {
    event.preventDefault();
    if (code.trim() === '' || signIn.isPending) return;
    signIn.mutate({ password, code }, { onError: () => field.current?.select() });
  }

  function switchKind(): void {
    setIsRecovery((was) => !was);
    setCode('');
    signIn.reset();
    field.current?.focus();
  }

  return (
    <form onSubmit={submit} noValidate>
      <Stack gap="md">
        <TextInput
          ref={field}
          label={t(isRecovery ? 'security.signIn.recoveryCode' : 'security.signIn.code')}
          description={t(isRecovery ? 'security.signIn.recoveryHint' : 'security.signIn.codeHint')}
          name="code"
          autoComplete="one-time-code"
          inputMode={isRecovery ? 'text' : 'numeric'}
          spellCheck={false}
          // oxlint-disable-next-line jsx-a11y/no-autofocus -- the page is this one field
          autoFocus
          required
          withAsterisk={false}
          value={code}
          onChange={(event) => setCode(event.currentTarget.value)}
          error={fault === null ? null : t(`security.signIn.${fault}`)}
        />
        {signIn.error !== null && fault === null && <ErrorNote error={signIn.error} />}
        <Button type="submit" fullWidth loading={signIn.isPending}>
          {t('security.signIn.submit')}
        </Button>
        <Group justify="space-between" gap="sm">
          <Button variant="default" onClick={onBack}>
            {t('security.signIn.back')}
          </Button>
          <Button variant="default" onClick={switchKind}>
            {t(isRecovery ? 'security.signIn.useApp' : 'security.signIn.useRecovery')}
          </Button>
        </Group>
        {isRecovery && (
          <Text size="sm" c="dimmed">
            {t('security.signIn.locked')}
          </Text>
        )}
      </Stack>
    </form>
  );
}
