import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { Panel } from '../parts/panel.tsx';
import { QueryView } from '../parts/query-view.tsx';
import { Stat, StatList } from '../parts/stat.tsx';
import { TokenNote } from '../parts/token-note.tsx';
import { useStatus } from '../queries.ts';
import { useFormat } from '../use-format.ts';

/** Requests now, and the day so far as the server's time zone cuts it. */
export function TodayPanel(): ReactNode {
  const { t } = useTranslation();
  const format = useFormat();
  const query = useStatus();
  return (
    <Panel title={t('home.now')}>
      <QueryView query={query}>
        {({ activeRequests, waitingRequests, today }) => (
          <>
            <StatList>
              <Stat label={t('home.activeRequests')} value={format.integer(activeRequests)} />
              <Stat label={t('home.waitingRequests')} value={format.integer(waitingRequests)} />
              <Stat label={t('home.requestsToday')} value={format.count(today.requests)} />
              <Stat label={t('home.errorsToday')} value={format.count(today.errors)} />
              <Stat
                label={t('home.tokensInToday')}
                value={format.count(today.promptTokens)}
                exact={format.integer(today.promptTokens)}
              />
              <Stat
                label={t('home.tokensOutToday')}
                value={format.count(today.completionTokens)}
                exact={format.integer(today.completionTokens)}
              />
            </StatList>
            <TokenNote />
          </>
        )}
      </QueryView>
    </Panel>
  );
}
