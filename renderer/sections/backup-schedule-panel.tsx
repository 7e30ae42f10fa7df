import { Button } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { useState, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import type { BackupState } from '../../server/wire/backup.ts';
import { runBackup, setBackupSchedule } from '../api-safety.ts';
import { ErrorNote } from '../parts/error-note.tsx';
import { Fact, Facts } from '../parts/facts.tsx';
import { Fold } from '../parts/more-options.tsx';
import { Note } from '../parts/note.tsx';
import { Panel } from '../parts/panel.tsx';
import { QueryView } from '../parts/query-view.tsx';
import { BackupSchedule } from '../parts/state-word.tsx';
import { useBackups, useSafetyChange } from '../queries-safety.ts';
import { useFormat, useNow } from '../use-format.ts';
import { BackupScheduleDialog } from './backup-schedule-dialog.tsx';
import styles from './settings.module.css';

/** The backup that is made every day by itself, and how the last one went. */
export function BackupSchedulePanel(): ReactNode {
  const { t } = useTranslation();
  const query = useBackups();
  const [isOpen, setIsOpen] = useState(false);
  return (
    <Panel title={t('settings.daily.title')}>
      <QueryView query={query}>
        {(state) => (
          <>
            <DailyBackup state={state} onSet={() => setIsOpen(true)} />
            <BackupScheduleDialog state={isOpen ? state : null} onClose={() => setIsOpen(false)} />
          </>
        )}
      </QueryView>
    </Panel>
  );
}

type DailyBackupProps = { readonly state: BackupState; readonly onSet: () => void };

function DailyBackup({ state, onSet }: DailyBackupProps): ReactNode {
  const { t } = useTranslation();
  const format = useFormat();
  const run = useSafetyChange(() => runBackup(), ['backups']);
  const set = useSafetyChange(setBackupSchedule, ['backups']);
  const { schedule, last } = state;
  const standing = !schedule.on ? 'off' : last !== null && !last.ok ? 'failing' : 'on';
  return (
    <div className={styles['body']}>
      <p className={styles['sentence']}>{t('settings.daily.lead')}</p>
      <div className={styles['head']}>
        <output>
          <BackupSchedule standing={standing} />
        </output>
        <div className={styles['ways']}>
          {schedule.on && (
            <>
              <Button
                variant="default"
                loading={run.isPending || state.running}
                onClick={() =>
                  run.mutate(undefined, {
                    onSuccess: ({ file, bytes }) =>
                      notifications.show({
                        message: t('settings.backup.written', { file, size: format.fileSize(bytes) }),
                      }),
                  })
                }
              >
                {t('settings.daily.run')}
              </Button>
              <Button variant="default" loading={set.isPending} onClick={() => set.mutate({ on: false })}>
                {t('settings.daily.switchOff')}
              </Button>
            </>
          )}
          <Button variant="default" onClick={onSet}>
            {t(schedule.on ? 'settings.daily.change' : 'settings.daily.switchOn')}
          </Button>
        </div>
      </div>
      {last?.error != null && (
        <Note tone="attention">
          <p>{t('settings.daily.failed', { time: format.dateTime(last.at) })}</p>
          <p>{last.error}</p>
        </Note>
      )}
      {run.error !== null && <ErrorNote error={run.error} />}
      {set.error !== null && <ErrorNote error={set.error} />}
      <ScheduleFacts state={state} />
      <BackupFiles state={state} />
    </div>
  );
}

function ScheduleFacts({ state }: { readonly state: BackupState }): ReactNode {
  const { t } = useTranslation();
  const format = useFormat();
  const now = useNow();
  const { schedule, lastSuccessAt } = state;
  if (!schedule.on && lastSuccessAt === null) return null;
  return (
    <Facts>
      <Fact
        label={t('settings.daily.lastSuccess')}
        value={lastSuccessAt === null ? t('settings.daily.never') : format.ago(lastSuccessAt, now)}
        title={lastSuccessAt === null ? undefined : format.dateTime(lastSuccessAt)}
      />
      {schedule.nextAt !== null && (
        <Fact label={t('settings.daily.next')} value={format.dateTime(schedule.nextAt)} />
      )}
      <Fact label={t('settings.daily.folder')} value={schedule.folder ?? t('settings.daily.never')} />
      <Fact label={t('settings.daily.keep')} value={t('settings.daily.files', { count: schedule.keep })} />
    </Facts>
  );
}

function BackupFiles({ state: { files, snapshots } }: { readonly state: BackupState }): ReactNode {
  const { t } = useTranslation();
  const format = useFormat();
  const all = [
    ...files.map((file) => ({ ...file, note: null })),
    ...snapshots.map((file) => ({ ...file, note: t('settings.daily.snapshot') })),
  ];
  if (all.length === 0) return null;
  return (
    <Fold label={t('settings.daily.list', { count: all.length })}>
      <ul className={styles['list']}>
        {all.map(({ file, bytes, madeAt, note }) => (
          <li key={file} className={styles['row']}>
            <div className={styles['what']}>
              <span className={styles['code']}>{file}</span>
              <p className={styles['second']}>
                {[format.dateTime(madeAt), format.fileSize(bytes), ...(note === null ? [] : [note])].join(
                  ' · ',
                )}
              </p>
            </div>
          </li>
        ))}
      </ul>
    </Fold>
  );
}
