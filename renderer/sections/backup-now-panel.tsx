import { Button } from '@mantine/core';
import { HardDriveDownload } from 'lucide-react';
import { useState, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { Panel } from '../parts/panel.tsx';
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
