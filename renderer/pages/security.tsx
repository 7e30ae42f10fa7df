import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { Page } from '../parts/page.tsx';
import { SecurityPanel } from '../sections/security-panel.tsx';

export function SecurityPage(): ReactNode {
  const { t } = useTranslation();
  return (
    <Page title={t('security.title')} lead={t('security.lead')}>
      <SecurityPanel />
    </Page>
  );
}
