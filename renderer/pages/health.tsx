import { Button } from '@mantine/core';
import { ClipboardList, RefreshCw } from 'lucide-react';
import { useState, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { currentLanguage } from '../i18n.ts';
import { Page } from '../parts/page.tsx';
import { QueryView } from '../parts/query-view.tsx';
import { useFindings } from '../queries-health.ts';
import { ChecksView } from '../sections/checks-view.tsx';
import { UpdatePanel } from '../sections/update-panel.tsx';
import { ReportDialog } from '../sections/report-dialog.tsx';
import styles from './health.module.css';

/** Whether everything is well, and what to do where it is not. */
export function HealthPage(): ReactNode {
  const { t } = useTranslation();
  const language = currentLanguage();
  const query = useFindings(language);
  const [wantsReport, setWantsReport] = useState(false);
  return (
    <Page
      title={t('health.title')}
      lead={t('health.lead')}
      action={
        <div className={styles['ways']}>
          <Button
            variant="default"
            leftSection={<RefreshCw size={16} aria-hidden />}
            loading={query.isFetching}
            onClick={() => void query.refetch()}
          >
            {t('health.again')}
          </Button>
          <Button
            variant="default"
            leftSection={<ClipboardList size={16} aria-hidden />}
            onClick={() => setWantsReport(true)}
          >
            {t('health.copy')}
          </Button>
        </div>
      }
    >
      <QueryView query={query}>{({ checks }) => <ChecksView checks={checks} />}</QueryView>
      <UpdatePanel />
      <ReportDialog isOpen={wantsReport} onClose={() => setWantsReport(false)} />
    </Page>
  );
}
