import { Button } from '@mantine/core';
import { useState, type FormEvent, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import type { RestoreState } from '../../server/wire/backup.ts';
import { cancelRestore, prepareRestore } from '../api-safety.ts';
import { ApiError } from '../api.ts';
import { CopyBlock } from '../parts/copy-field.tsx';
import { Fact, Facts } from '../parts/facts.tsx';
import { ErrorNote } from '../parts/error-note.tsx';
import { Fold } from '../parts/more-options.tsx';
import { Note } from '../parts/note.tsx';
import { Panel } from '../parts/panel.tsx';
import { PasswordField } from '../parts/password-field.tsx';
import { QueryView } from '../parts/query-view.tsx';
import { useBackups, useRestore, useSafetyChange } from '../queries-safety.ts';
import { toldAtField } from '../refusal.ts';
import { useFormat, useNow } from '../use-format.ts';
import { useUnsaved } from '../unsaved.ts';
import { useRestoreSource } from '../use-restore-source.ts';
import { RestoreSourceField } from './restore-source-field.tsx';
import styles from './settings.module.css';

/** Back to a backup, in two steps: it is checked now and put in place at the next start. */
export function RestorePanel(): ReactNode {
  const { t } = useTranslation();
  const query = useRestore();
  return (
    <Panel title={t('settings.restore.title')}>
      <div className={styles['body']}>
        <p className={styles['sentence']}>{t('settings.restore.lead')}</p>
        <ul className={styles['steps']}>
          <li>{t('settings.restore.needs')}</li>
          <li>{t('settings.restore.keeps')}</li>
          <li>{t('settings.restore.signIn')}</li>
          <li>{t('settings.restore.models')}</li>
        </ul>
        <QueryView query={query}>
          {({ prepared, keptFolders }) => (
            <>
              {prepared === null ? <RestoreForm /> : <Prepared prepared={prepared} />}
              {keptFolders.length > 0 && (
                <p className={styles['second']}>
                  {t('settings.restore.kept', { folders: keptFolders.join(', ') })}
                </p>
              )}
            </>
          )}
        </QueryView>
        <Fold label={t('settings.restore.elsewhere')}>
          <p className={styles['sentence']}>{t('settings.restore.elsewhereMeans')}</p>
          <CopyBlock label={t('settings.restore.command')} value="npx inglenook restore FILE.age" />
        </Fold>
      </div>
    </Panel>
  );
}

function RestoreForm(): ReactNode {
  const { t } = useTranslation();
  const files = (useBackups().data?.files ?? []).map(({ file }) => file);
  const source = useRestoreSource(null);
  const [passphrase, setPassphrase] = useState('');
  const [isIncomplete, setIsIncomplete] = useState(false);
  const prepare = useSafetyChange(
    (opened: string) => source.restore((named) => prepareRestore({ passphrase: opened, ...named })),
    ['restore'],
  );
  useUnsaved(!source.isMissing || passphrase !== '');
  const param = prepare.error instanceof ApiError ? prepare.error.param : null;
  const said = (field: string): string | undefined =>
    prepare.error !== null && param === field ? toldAtField(prepare.error) : undefined;

  function submit(event: FormEvent): void {
    event.preventDefault();
    const isMissing = source.isMissing || passphrase === '';
    setIsIncomplete(isMissing);
    if (!isMissing && !prepare.isPending) prepare.mutate(passphrase);
  }

  return (
    <form onSubmit={submit} noValidate className={styles['body']}>
      <RestoreSourceField
        source={source}
        pathLabel={t('settings.restore.file')}
        pathMeans={t('settings.restore.fileMeans')}
        paths={files}
        error={(isIncomplete && source.isMissing ? t('settings.restore.fileMissing') : said('file')) ?? null}
      />
      <div className={styles['fields']}>
        <PasswordField
          label={t('settings.passphrase.label')}
          autoComplete="off"
          maxLength={1024}
          value={passphrase}
          error={
            isIncomplete && passphrase === '' ? t('settings.restore.passphraseMissing') : said('passphrase')
          }
          onChange={({ currentTarget: { value } }) => setPassphrase(value)}
        />
        <Button type="submit" variant="default" loading={prepare.isPending}>
          {t('settings.restore.check')}
        </Button>
      </div>
      {prepare.error !== null &&
        !source.isCancelled &&
        said('file') === undefined &&
        said('passphrase') === undefined && <ErrorNote error={prepare.error} />}
    </form>
  );
}

function Prepared({ prepared }: { readonly prepared: NonNullable<RestoreState['prepared']> }): ReactNode {
  const { t } = useTranslation();
  const format = useFormat();
  const cancel = useSafetyChange(() => cancelRestore(), ['restore']);
  const { file, madeAt, computer, version, keepIn } = prepared;
  return (
    <>
      <Note
        tone="attention"
        isLive
        action={
          <Button
            variant="default"
            size="xs"
            loading={cancel.isPending}
            onClick={() => cancel.mutate(undefined)}
          >
            {t('settings.restore.cancel')}
          </Button>
        }
      >
        <p>{t('settings.restore.ready', { file, computer, version, time: format.dateTime(madeAt) })}</p>
        <p>{t('settings.restore.restart', { folder: keepIn })}</p>
      </Note>
      <Preview prepared={prepared} />
      {cancel.error !== null && <ErrorNote error={cancel.error} />}
    </>
  );
}

/** What the next start would bring, so that the owner sees that it is the right one. */
function Preview({ prepared }: { readonly prepared: NonNullable<RestoreState['prepared']> }): ReactNode {
  const { t } = useTranslation();
  const format = useFormat();
  const now = useNow();
  const { contents, madeAt } = prepared;
  if (contents === null) return null;
  return (
    <section className={styles['body']} aria-label={t('restorePreview.title')}>
      <p className={styles['sentence']}>{t('restorePreview.swaps')}</p>
      <Facts>
        <Fact
          label={t('restorePreview.age')}
          value={format.ago(madeAt, now)}
          title={format.dateTime(madeAt)}
        />
        <Fact label={t('restorePreview.people')} value={format.integer(contents.people)} />
        <Fact label={t('restorePreview.keys')} value={format.integer(contents.keys)} />
        <Fact label={t('restorePreview.aliases')} value={format.integer(contents.names)} />
        <Fact label={t('restorePreview.requests')} value={format.integer(contents.requests)} />
        {contents.logBeginsAt !== null && (
          <Fact label={t('restorePreview.since')} value={format.date(contents.logBeginsAt)} />
        )}
        <Fact
          label={t('restorePreview.hasPassword')}
          value={t(contents.hasPassword ? 'restorePreview.yes' : 'restorePreview.no')}
        />
      </Facts>
    </section>
  );
}
