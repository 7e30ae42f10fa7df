import { Button } from '@mantine/core';
import { HardDriveDownload } from 'lucide-react';
import { useState, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { Note } from '../parts/note.tsx';
import { Panel } from '../parts/panel.tsx';
import { useBackups } from '../queries-safety.ts';
import { useFormat, useNow } from '../use-format.ts';
import { BackupNowDialog } from './backup-now-dialog.tsx';
import styles from './settings.module.css';

/** One encrypted file with everything but models and prompts. */
export function BackupNowPanel(): ReactNode {
  const { t } = useTranslation();
  const [isOpen, setIsOpen] = useState(false);
  return (
    <Panel title={t('settings.backup.title')}>
      <div className={styles['body']}>
        <p className={styles['sentence']}>{t('settings.backup.lead')}</p>
        <p className={styles['muted']}>{t('settings.backup.notIn')}</p>
        <LastBackup />
        <div>
          <Button leftSection={<HardDriveDownload size={16} aria-hidden />} onClick={() => setIsOpen(true)}>
            {t('settings.backup.now')}
          </Button>
        </div>
      </div>
      <BackupNowDialog isOpen={isOpen} onClose={() => setIsOpen(false)} />
    </Panel>
  );
}

const dayMs = 86_400_000;
/** From then on it is pointed out. */
const oldDays = 8;

/** How much would be lost now: by the newest file that the server knows of. */
function LastBackup(): ReactNode {
  const { t } = useTranslation();
  const format = useFormat();
  const now = useNow();
  const state = useBackups().data;
  if (state === undefined) return null;
  const times = [...state.files.map(({ madeAt }) => madeAt), state.lastSuccessAt].filter((at) => at !== null);
  const newest = times.toSorted().at(-1);
  if (newest === undefined) return <Note tone="attention">{t('backupAge.none')}</Note>;
  const days = Math.floor((now.getTime() - Date.parse(newest)) / dayMs);
  if (days < 1) return <Note tone="ok">{t('backupAge.fresh', { time: format.moment(newest, now) })}</Note>;
  return <Note tone={days >= oldDays ? 'attention' : 'quiet'}>{t('backupAge.old', { count: days })}</Note>;
}
