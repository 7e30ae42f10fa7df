import { Anchor, Button, Stack } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState, type FormEvent, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'wouter';
import { restoreAtSetUp } from '../api-set-up.ts';
import { ApiError, getSession } from '../api.ts';
import { ErrorNote } from '../parts/error-note.tsx';
import { Note } from '../parts/note.tsx';
import { PasswordField } from '../parts/password-field.tsx';
import { ProgressLine } from '../parts/progress-line.tsx';
import { WizardWays } from '../parts/wizard-frame.tsx';
import { cacheKeys } from '../queries.ts';
import { toldAtField } from '../refusal.ts';
import { useRestoreSource } from '../use-restore-source.ts';
import { RestoreSourceField } from './restore-source-field.tsx';
import { useFormat } from '../use-format.ts';
import type { RestoringAnswer } from '../../server/wire/backup.ts';
import styles from './wizard.module.css';

type WizardRestoreProps = { readonly token: string; readonly onBack: () => void };

/** Everything from a backup in place of a fresh start. It is checked first, and needs no internet. */
export function WizardRestore({ token, onBack }: WizardRestoreProps): ReactNode {
  const { t } = useTranslation();
  const source = useRestoreSource(token);
  const [passphrase, setPassphrase] = useState('');
  const [isIncomplete, setIsIncomplete] = useState(false);
  const restore = useMutation({
    mutationFn: (opened: string) =>
      source.restore((named) => restoreAtSetUp({ token, passphrase: opened, ...named })),
  });
  if (restore.data !== undefined) return <Restarting answer={restore.data} />;
  const { error } = restore;
  const param = error instanceof ApiError ? error.param : null;
  const said = (field: string): string | undefined =>
    error !== null && param === field ? toldAtField(error) : undefined;

  function submit(event: FormEvent): void {
    event.preventDefault();
    const isMissing = source.isMissing || passphrase === '';
    setIsIncomplete(isMissing);
    if (!isMissing && !restore.isPending) restore.mutate(passphrase);
  }

  return (
    <form onSubmit={submit} noValidate>
      <Stack gap="md">
        <RestoreSourceField
          source={source}
          pathLabel={t('wizard.restore.file')}
          pathMeans={t('wizard.restore.fileMeans')}
          error={(isIncomplete && source.isMissing ? t('wizard.restore.fileMissing') : said('file')) ?? null}
        />
        <PasswordField
          label={t('wizard.restore.passphrase')}
          autoComplete="off"
          maxLength={1024}
          value={passphrase}
          error={
            isIncomplete && passphrase === '' ? t('wizard.restore.passphraseMissing') : said('passphrase')
          }
          onChange={({ currentTarget: { value } }) => setPassphrase(value)}
        />
        {restore.isPending && source.percent === null && (
          <Note tone="waiting" isLive>
            <p>{t('wizard.restore.opening')}</p>
          </Note>
        )}
        {error !== null && !source.isCancelled && param !== 'file' && param !== 'passphrase' && (
          <ErrorNote error={error} />
        )}
      </Stack>
      <WizardWays>
        <Anchor component="button" type="button" onClick={onBack}>
          {t('wizard.back')}
        </Anchor>
        <Button type="submit" loading={restore.isPending}>
          {t('wizard.restore.submit')}
        </Button>
      </WizardWays>
    </form>
  );
}

const askEveryMs = 1_000;
const usualSeconds = 15;
/** Nobody waits in front of a page for ever: from then on it says what to do. */
const longSeconds = 60;

/** Until the server is there again with what the backup holds. */
function Restarting({ answer: { prepared, restarts } }: { readonly answer: RestoringAnswer }): ReactNode {
  const { t } = useTranslation();
  const format = useFormat();
  const client = useQueryClient();
  const [beganMs] = useState(() => Date.now());
  const session = useQuery({
    queryKey: ['session-after-restore'],
    queryFn: getSession,
    enabled: restarts,
    retry: false,
    gcTime: 0,
    refetchInterval: ({ state }) => (state.data?.needsSetup === false ? false : askEveryMs),
  });
  const { file, computer, madeAt } = prepared;
  const from = t('wizard.restore.from', { file, computer, time: format.dateTime(madeAt) });
  const seconds = (Math.max(session.dataUpdatedAt, session.errorUpdatedAt, beganMs) - beganMs) / 1000;
  if (session.data?.needsSetup === false) {
    return (
      <div className={styles['body']}>
        <Note tone="ok" isLive>
          <p>
            {t('wizard.restore.done')} {from}
          </p>
        </Note>
        <WizardWays>
          <span />
          <Button
            component={Link}
            href="/sign-in"
            onClick={() => client.setQueryData(cacheKeys.session, session.data)}
          >
            {t('setUp.toSignIn')}
          </Button>
        </WizardWays>
      </div>
    );
  }
  const isLong = !restarts || seconds > longSeconds;
  return (
    <div className={styles['body']}>
      <Note tone={isLong ? 'attention' : 'waiting'} isLive>
        <p>{from}</p>
        <p>{t(isLong ? 'wizard.restore.byHand' : 'wizard.restore.restarting')}</p>
      </Note>
      {!isLong && (
        <ProgressLine
          percent={Math.min(95, (seconds / usualSeconds) * 100)}
          label={t('wizard.restore.progress')}
        />
      )}
    </div>
  );
}
