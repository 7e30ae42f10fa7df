import { Stack } from '@mantine/core';
import { House, Network } from 'lucide-react';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { CopyField } from '../parts/copy-field.tsx';
import { Panel } from '../parts/panel.tsx';
import { QueryView } from '../parts/query-view.tsx';
import { useStatus } from '../queries.ts';
import styles from './address-panel.module.css';

/** What to paste into a tool, and who can reach it. */
export function AddressPanel(): ReactNode {
  const { t } = useTranslation();
  const query = useStatus();
  return (
    <Panel title={t('home.address')}>
      <QueryView query={query}>
        {({ address, lan }) => (
          <Stack gap="sm">
            <CopyField label={t('home.baseUrl')} value={`${lan.address ?? address}/v1`} />
            <p className={styles['reach']}>
              {lan.on ? <Network size={16} aria-hidden /> : <House size={16} aria-hidden />}
              <span>{lan.on ? t('home.reachOffice') : t('home.reachHere')}</span>
            </p>
          </Stack>
        )}
      </QueryView>
    </Panel>
  );
}
