import { Button } from '@mantine/core';
import { Download, RefreshCw } from 'lucide-react';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { reportAddress } from '../api-health.ts';
import { currentLanguage } from '../i18n.ts';
import { Page } from '../parts/page.tsx';
import { QueryView } from '../parts/query-view.tsx';
import { useFindings } from '../queries-health.ts';
import { ChecksView } from '../sections/checks-view.tsx';
import styles from './health.module.css';

/** Whether everything is well, and what to do where it is not. */
export function HealthPage(): ReactNode {
  const { t } = useTranslation();
  const language = currentLanguage();
  const query = useFindings(language);
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
            component="a"
            href={reportAddress(language)}
            download
            variant="default"
            leftSection={<Download size={16} aria-hidden />}
          >
            {t('health.save')}
          </Button>
        </div>
      }
    >
      <QueryView query={query}>{({ checks }) => <ChecksView checks={checks} />}</QueryView>
      <p className={styles['about']}>{t('health.reportMeans')}</p>
    </Page>
  );
}
