import { Anchor } from '@mantine/core';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'wouter';
import { Page } from '../parts/page.tsx';

export function NotFoundPage(): ReactNode {
  const { t } = useTranslation();
  return (
    <Page title={t('notFound.title')} lead={t('notFound.sentence')}>
      <p>
        <Anchor component={Link} href="/">
          {t('notFound.home')}
        </Anchor>
      </p>
    </Page>
  );
}
