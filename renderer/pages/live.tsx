import { Button } from '@mantine/core';
import { CirclePause, CirclePlay, Radio } from 'lucide-react';
import { useCallback, useState, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { useSearchParams } from 'wouter';
import type { WireLogRow } from '../../server/wire/admin.ts';
import { EmptyNote } from '../parts/empty-note.tsx';
import { Page } from '../parts/page.tsx';
import { Panel } from '../parts/panel.tsx';
import { RequestDrawer } from '../parts/request-drawer.tsx';
import { RequestList } from '../parts/request-list.tsx';
import { useStatus } from '../queries.ts';
import { readWho } from '../request-filters.ts';
import { RequestFilterBar } from '../sections/request-filter-bar.tsx';
import { UsageTabs } from '../sections/usage-tabs.tsx';
import { mostLiveRows, useLiveRows, type LiveRows } from '../use-live-rows.ts';
import styles from './live.module.css';

/** Requests as they end. It stands still when it is told to, and by itself when somebody reads further down. */
export function LivePage(): ReactNode {
  const { t } = useTranslation();
  const [search] = useSearchParams();
  const who = readWho(search);
  const live = useLiveRows(who);
  const [open, setOpen] = useState<WireLogRow | null>(null);
  const nothing = useCallback(() => undefined, []);
  return (
    <Page title={t('live.title')} lead={t('live.lead', { count: mostLiveRows })}>
      <UsageTabs />
      <RequestFilterBar />
      <Panel title={t('live.panel')} action={<PauseButton live={live} />} flush>
        <LiveLine live={live} />
        {live.rows.length === 0 ? (
          <EmptyNote
            icon={<Radio size={28} />}
            sentence={t(Object.keys(who).length === 0 ? 'live.empty' : 'live.emptyFiltered')}
          />
        ) : (
          <RequestList caption={t('live.panel')} rows={live.rows} isWhole onOpen={setOpen} onEnd={nothing} />
        )}
      </Panel>
      <RequestDrawer row={open} onClose={() => setOpen(null)} />
    </Page>
  );
}

function PauseButton({ live }: { readonly live: LiveRows }): ReactNode {
  const { t } = useTranslation();
  const { isPaused, waiting } = live;
  return (
    <Button
      variant="default"
      size="xs"
      leftSection={isPaused ? <CirclePlay size={16} aria-hidden /> : <CirclePause size={16} aria-hidden />}
      onClick={() => (isPaused ? live.resume() : live.pause())}
    >
      {!isPaused && t('live.pause')}
      {isPaused && (waiting === 0 ? t('live.resume') : t('live.resumeWith', { count: waiting }))}
    </Button>
  );
}

/** What goes on now, and whether the list stands still. What is said aloud is said every few seconds at most. */
function LiveLine({ live }: { readonly live: LiveRows }): ReactNode {
  const { t } = useTranslation();
  const status = useStatus().data;
  return (
    <div className={styles['line']}>
      <p className={styles['now']}>
        {status !== undefined &&
          t('live.now', { active: status.activeRequests, waiting: status.waitingRequests })}
      </p>
      {live.isPaused && (
        <p className={styles['paused']}>
          {t(live.isPausedByScroll ? 'live.pausedByScroll' : 'live.paused')}
          {live.dropped > 0 && ` ${t('live.dropped', { count: live.dropped })}`}
        </p>
      )}
      <output className={styles['said']} aria-live="polite">
        {live.announced !== null && t('live.announced', { count: live.announced.count })}
      </output>
    </div>
  );
}
