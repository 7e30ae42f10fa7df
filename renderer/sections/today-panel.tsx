import { Anchor } from '@mantine/core';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'wouter';
import { Panel } from '../parts/panel.tsx';
import { QueryView } from '../parts/query-view.tsx';
import { Stat, StatList } from '../parts/stat.tsx';
import { TokenNote } from '../parts/token-note.tsx';
import { useStatus } from '../queries.ts';
import { useFormat } from '../use-format.ts';
import { FortnightBars } from './fortnight-bars.tsx';
import { QueueView } from './queue-view.tsx';
import { SavingToday } from './saving-today.tsx';
import styles from './today-panel.module.css';

/** Requests now, the day so far as the server's time zone cuts it, and the two weeks before. */
export function TodayPanel(): ReactNode {
  const { t } = useTranslation();
  const format = useFormat();
  const query = useStatus();
  return (
    <Panel
      title={t('home.now')}
      action={
        <Anchor component={Link} href="/usage" size="sm">
          {t('today.usage')}
        </Anchor>
      }
    >
      <QueryView query={query}>
        {({ activeRequests, waitingRequests, today, timeZone }) => (
          <div className={styles['body']}>
            <StatList>
              <Stat label={t('home.activeRequests')} value={format.integer(activeRequests)} />
              <Stat
                label={t('home.waitingRequests', { count: waitingRequests })}
                value={format.integer(waitingRequests)}
              />
              <Stat
                label={t('home.requestsToday', { count: today.requests })}
                value={format.count(today.requests)}
              />
              <Stat
                label={t('home.errorsToday', { count: today.errors })}
                value={format.count(today.errors)}
              />
              <Stat
                label={t('home.tokensInToday', { count: today.promptTokens })}
                value={format.count(today.promptTokens)}
                exact={format.integer(today.promptTokens)}
              />
              <Stat
                label={t('home.tokensOutToday', { count: today.completionTokens })}
                value={format.count(today.completionTokens)}
                exact={format.integer(today.completionTokens)}
              />
              <SavingToday zone={timeZone} />
            </StatList>
            <TokenNote />
            <QueueView />
            <FortnightBars zone={timeZone} />
          </div>
        )}
      </QueryView>
    </Panel>
  );
}
