import { Anchor } from '@mantine/core';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'wouter';
import type { ServerStatus } from '../../server/wire/admin.ts';
import { CopyField } from '../parts/copy-field.tsx';
import { QueryView } from '../parts/query-view.tsx';
import { useOfStatus } from '../queries.ts';
import styles from './base-url.module.css';

const addressOf = ({ address, lan }: ServerStatus): string => lan.address ?? address;

/** What to paste into a tool, and where it is told how. */
export function BaseUrl(): ReactNode {
  const { t } = useTranslation();
  const query = useOfStatus(addressOf);
  return (
    <QueryView query={query}>
      {(address) => (
        <div>
          <CopyField label={t('home.baseUrl')} value={`${address}/v1`} />
          <Anchor component={Link} href="/connect" size="sm" className={styles['how'] ?? ''}>
            {t('home.howToConnect')}
          </Anchor>
        </div>
      )}
    </QueryView>
  );
}
