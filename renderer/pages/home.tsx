import { Anchor } from '@mantine/core';
import { useState, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'wouter';
import type { WireLogRow } from '../../server/wire/admin.ts';
import { Page } from '../parts/page.tsx';
import { RequestDrawer } from '../parts/request-drawer.tsx';
import { AddressPanel } from '../sections/address-panel.tsx';
import { FirstRequestPanel } from '../sections/first-request-panel.tsx';
import { LastRequestsPanel } from '../sections/last-requests-panel.tsx';
import { LoadedModelsPanel } from '../sections/loaded-models-panel.tsx';
import { MovedDevicesNote } from '../sections/moved-devices-note.tsx';
import { OfficePanel } from '../sections/office-panel.tsx';
import { QueuePanel } from '../sections/queue-panel.tsx';
import { StatusSentence } from '../sections/status-sentence.tsx';
import { TodayPanel } from '../sections/today-panel.tsx';
import styles from './home.module.css';

/** All well? Anything I must do? */
export function HomePage(): ReactNode {
  const { t } = useTranslation();
  const [row, setRow] = useState<WireLogRow | null>(null);
  return (
    <Page title={t('home.title')} lead={<StatusSentence />}>
      <OfficePanel />
      <MovedDevicesNote />
      <div className={styles['cards']}>
        <div className={styles['column']}>
          <TodayPanel />
          <QueuePanel />
          <LoadedModelsPanel
            action={
              <Anchor component={Link} href="/models" size="sm">
                {t('home.allModels')}
              </Anchor>
            }
          />
        </div>
        <div className={styles['column']}>
          <AddressPanel />
          <FirstRequestPanel />
        </div>
      </div>
      <LastRequestsPanel
        action={
          <Anchor component={Link} href="/log" size="sm">
            {t('home.wholeLog')}
          </Anchor>
        }
        onOpen={setRow}
      />
      <RequestDrawer row={row} onClose={() => setRow(null)} />
    </Page>
  );
}
