import { Button } from '@mantine/core';
import { Download, FileText } from 'lucide-react';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { reportPage } from '../api-safety.ts';
import { currentLanguage } from '../i18n.ts';
import { Panel } from '../parts/panel.tsx';
import { useOfStatus, useSession, zoneOf } from '../queries.ts';
import { useNow } from '../use-format.ts';
import { dayIn } from '../zone.ts';
import styles from './settings.module.css';

/** The dated page that a security review asks for, to open and print, or to keep. */
export function ReportPanel(): ReactNode {
  const { t } = useTranslation();
  const zone = useOfStatus(zoneOf).data ?? 'UTC';
  const now = useNow();
  const address = reportPage(currentLanguage());
  // The app's own window opens no other; what is kept opens in a browser.
  const isWindow = useSession().data?.via === 'window';
  return (
    <Panel title={t('settings.report.title')}>
      <div className={styles['body']}>
        <p className={styles['sentence']}>{t('settings.report.lead')}</p>
        <div className={styles['ways']}>
          {!isWindow && (
            <Button
              component="a"
              href={address}
              target="_blank"
              rel="noreferrer"
              leftSection={<FileText size={16} aria-hidden />}
            >
              {t('settings.report.make')}
            </Button>
          )}
          <Button
            component="a"
            variant={isWindow ? 'filled' : 'default'}
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
