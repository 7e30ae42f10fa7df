import { Anchor, Button, Group, Stack, TextInput } from '@mantine/core';
import { useState, type FormEvent, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { Link, useLocation } from 'wouter';
import { minimumPasswordLength } from '../../server/wire/admin.ts';
import { setFirstPassword, type FirstPassword } from '../api-set-up.ts';
import { ApiError } from '../api.ts';
import { ErrorNote } from '../parts/error-note.tsx';
import { PasswordField } from '../parts/password-field.tsx';
import { LanguageChoice } from '../parts/preferences-menu.tsx';
import { WizardFrame } from '../parts/wizard-frame.tsx';
import { strengthOf } from '../password-strength.ts';
import { useSessionChange } from '../queries.ts';
import { WizardRestore } from './wizard-restore.tsx';
import styles from './wizard.module.css';

type WizardOwnerProps = {
  /** Of the one-time link; null in the app's own window. */
  readonly token: string | null;
  /** The link itself was refused. */
  readonly onLinkRefused?: () => void;
};

/** The first screen: whose this is. Everything after it can be left for later, or comes with a backup. */
export function WizardOwner({ token, onLinkRefused }: WizardOwnerProps): ReactNode {
  const { t } = useTranslation();
  const [isRestoring, setIsRestoring] = useState(false);
  if (isRestoring && token !== null) {
    return (
      <WizardFrame step="owner" title={t('wizard.restore.title')} lead={t('wizard.restore.lead')}>
        <WizardRestore token={token} onBack={() => setIsRestoring(false)} />
      </WizardFrame>
    );
  }
  return (
    <WizardFrame step="owner" title={t('wizard.owner.title')} lead={t('wizard.owner.lead')}>
      <OwnerForm token={token} onLinkRefused={onLinkRefused ?? nothing} />
      <p className={styles['restore']}>
        {t('wizard.owner.hasBackup')}{' '}
        {token === null ? (
          <Anchor component={Link} href="/settings/backup" inherit>
            {t('wizard.owner.restore')}
          </Anchor>
        ) : (
          <Anchor component="button" type="button" inherit onClick={() => setIsRestoring(true)}>
            {t('wizard.owner.restore')}
          </Anchor>
        )}
      </p>
    </WizardFrame>
  );
}

const longestName = 60;
const nextPath = '/setup/model';

type OwnerFormProps = { readonly token: string | null; readonly onLinkRefused: () => void };

function OwnerForm({ token, onLinkRefused }: OwnerFormProps): ReactNode {
  const { t } = useTranslation();
  const [, navigate] = useLocation();
  const [officeName, setOfficeName] = useState('');
  const [password, setPassword] = useState('');
  const [wasTried, setWasTried] = useState(false);
  const save = useSessionChange(async ({ path, ...wanted }: FirstPassword & { readonly path: string }) => {
    const session = await setFirstPassword(wanted);
    // Before the page is drawn for who is in, so that nobody sees Home in between.
    navigate(path, { replace: true });
    return session;
  });
  const needsPassword = token !== null || password !== '';
  // Who is not in yet stays here until the page is drawn for who is, and is led Home then.
  const skipPath = token === null ? '/' : '/setup';
  const missing = needsPassword ? Math.max(0, minimumPasswordLength - password.length) : 0;

  function go(path: string): void {
    setWasTried(true);
    if (missing > 0 || save.isPending) return;
    save.mutate(
      { token, password, officeName: officeName.trim(), path },
      { onError: (error) => isLinkRefusal(error) && onLinkRefused() },
    );
  }
  function submit(event: FormEvent): void {
    event.preventDefault();
    go(nextPath);
  }

  return (
    <form onSubmit={submit} noValidate>
      <input type="text" name="username" autoComplete="username" value="owner" readOnly hidden />
      <Stack gap="md">
        <LanguageChoice />
        <TextInput
          label={t('wizard.owner.name')}
          description={t('wizard.owner.nameMeans')}
          placeholder={t('wizard.owner.nameExample')}
          maxLength={longestName}
          value={officeName}
          onChange={({ currentTarget: { value } }) => setOfficeName(value)}
        />
        <PasswordField
          label={t('setUp.newPassword')}
          name="password"
          autoComplete="new-password"
          // oxlint-disable-next-line jsx-a11y/no-autofocus -- what the page is about
          autoFocus
          required={token !== null}
          withAsterisk={false}
          description={<PasswordHint password={password} isOptional={token === null} />}
          value={password}
          onChange={(event) => setPassword(event.currentTarget.value)}
          error={wasTried && missing > 0 ? t('setUp.tooShort', { count: minimumPasswordLength }) : null}
        />
        {password.length >= minimumPasswordLength && <StrengthBar password={password} />}
        {save.error !== null && !isLinkRefusal(save.error) && <ErrorNote error={save.error} />}
        <Button type="submit" fullWidth loading={save.isPending}>
          {t('wizard.continue')}
        </Button>
        <div className={styles['skip']}>
          <p className={styles['second']}>{t('wizard.owner.skipMeans')}</p>
          <Group>
            <Button variant="default" disabled={save.isPending} onClick={() => go(skipPath)}>
              {t(token === null ? 'wizard.owner.skip' : 'setUp.submit')}
            </Button>
          </Group>
        </div>
      </Stack>
    </form>
  );
}

type PasswordHintProps = { readonly password: string; readonly isOptional: boolean };

function PasswordHint({ password, isOptional }: PasswordHintProps): ReactNode {
  const { t } = useTranslation();
  const missing = minimumPasswordLength - password.length;
  if (password === '') {
    const length = t('setUp.length', { count: minimumPasswordLength });
    return isOptional ? `${t('wizard.owner.passwordOptional')} ${length}` : length;
  }
  // What is long enough is told by its strength, below.
  return missing > 0 ? t('setUp.charactersMissing', { count: missing }) : null;
}

const shares = { weak: 25, fair: 50, good: 75, strong: 100 } as const;

/** A hint, no rule: what is weak may be taken all the same. */
function StrengthBar({ password }: { readonly password: string }): ReactNode {
  const { t } = useTranslation();
  const strength = strengthOf(password);
  return (
    <output className={styles['strength']}>
      <span className={styles['track']} aria-hidden>
        <span
          className={styles['fill']}
          data-strength={strength}
          style={{ inlineSize: `${shares[strength]}%` }}
        />
      </span>
      {t(`wizard.strength.${strength}`)}
    </output>
  );
}

/** The link itself was refused (unknown, used, too late), rather than the password or the hurry. */
function isLinkRefusal(error: unknown): boolean {
  return (
    error instanceof ApiError && (error.code === 'setup_link_invalid' || error.code === 'setup_link_used')
  );
}

function nothing(): void {
  // The window has no link that could be refused.
}
