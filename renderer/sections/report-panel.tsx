import { Button } from '@mantine/core';
import { Download, FileText } from 'lucide-react';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { reportPage } from '../api-safety.ts';
import { currentLanguage } from '../i18n.ts';
import { Panel } from '../parts/panel.tsx';
import { useStatus } from '../queries.ts';
import { useNow } from '../use-format.ts';
import { dayIn } from '../zone.ts';
import styles from './settings.module.css';

/** The dated page that a security review asks for, to open and print, or to keep. */
export function ReportPanel(): ReactNode {
  const { t } = useTranslation();
  const zone = useStatus().data?.timeZone ?? 'UTC';
  const now = useNow();
  const address = reportPage(currentLanguage());
  return (
    <Panel title={t('settings.report.title')}>
      <div className={styles['body']}>
        <p className={styles['sentence']}>{t('settings.report.lead')}</p>
        <div className={styles['ways']}>
          <Button
            component="a"
            href={address}
            target="_blank"
            rel="noreferrer"
            leftSection={<FileText size={16} aria-hidden />}
          >
            {t('settings.report.make')}
          </Button>
          <Button
            component="a"
            variant="default"
            href={address}
            download={`inglenook-security-report-${dayIn(zone, now)}.html`}
            leftSection={<Download size={16} aria-hidden />}
          >
            {t('settings.report.save')}
          </Button>
        </div>
      </div>
    </Panel>
  );
}
