import { Anchor } from '@mantine/core';
import { lazy, useState, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { Link, Redirect } from 'wouter';
import type { WireLogRow } from '../../server/wire/admin.ts';
import { LazyPart } from '../parts/lazy-part.tsx';
import { Page } from '../parts/page.tsx';
import { RequestDrawer } from '../parts/request-drawer.tsx';
import { useSetUpStage } from '../queries-set-up.ts';
import { useLan, useSession } from '../queries.ts';
import { BaseUrl } from '../sections/base-url.tsx';
import { ChecklistPanel, useIsBeingSetUp } from '../sections/checklist-panel.tsx';
import { LastRequestsPanel } from '../sections/last-requests-panel.tsx';
import { MemoryPanel } from '../sections/memory-panel.tsx';
import { MovedDevicesNote } from '../sections/moved-devices-note.tsx';
import { OfficeModelNote } from '../sections/office-model-note.tsx';
import { OfficePanel } from '../sections/office-panel.tsx';
import { ProblemsPanel } from '../sections/problems-panel.tsx';
import { StatusSentence } from '../sections/status-sentence.tsx';
import { TodayPanel } from '../sections/today-panel.tsx';
import { UpdateNote } from '../sections/update-note.tsx';
import styles from './home.module.css';

const PauseBanner = lazy(async () => ({
  default: (await import('../sections/pause-banner.tsx')).PauseBanner,
}));

/** The app's own window begins with the set-up, once; in a browser the one-time link leads there. */
export function HomePage(): ReactNode {
  const session = useSession().data;
  const stage = useSetUpStage();
  const isFirstRun = session?.via === 'window' && session.needsSetup && stage === 'new';
  return isFirstRun ? <Redirect to="/setup" replace /> : <Home />;
}

/** All well? Anything I must do? Six cards at most; notes above them only where something has happened. */
function Home(): ReactNode {
  const { t } = useTranslation();
  const [row, setRow] = useState<WireLogRow | null>(null);
  const isOfficeFirst = useIsOfficeFirst();
  const office = (
    <OfficePanel key="office">
      <BaseUrl />
    </OfficePanel>
  );
  const numbers = (
    <div key="numbers" className={styles['cards']}>
      <div className={styles['column']}>
        <TodayPanel />
        <ProblemsPanel onOpen={setRow} />
      </div>
      <div className={styles['column']}>
        <MemoryPanel />
      </div>
    </div>
  );
  return (
    <Page title={t('home.title')} lead={<StatusSentence />}>
      {/* Notes: what the owner should see before all else. */}
      <UpdateNote />
      <LazyPart waiting={null}>
        <PauseBanner />
      </LazyPart>
      <OfficeModelNote />
      <MovedDevicesNote />
      {/* Cards. */}
      <ChecklistPanel />
      {/* By their keys they stay what they are when they change places. */}
      {isOfficeFirst ? [office, numbers] : [numbers, office]}
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

/** While there is something to do about it: it is to be opened, or the office does not get through. Else the numbers come first. */
function useIsOfficeFirst(): boolean {
  const isBeingSetUp = useIsBeingSetUp();
  const phase = useLan().data?.phase;
  if (phase === undefined || phase === 'reached') return false;
  return isBeingSetUp || phase === 'no-network' || phase === 'port-taken' || phase === 'doubtful';
}
