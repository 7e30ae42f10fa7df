import { Button, Switch } from '@mantine/core';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { getInternet } from '../api-set-up.ts';
import { ErrorNote } from '../parts/error-note.tsx';
import { Note } from '../parts/note.tsx';
import { Panel } from '../parts/panel.tsx';
import { QueryView } from '../parts/query-view.tsx';
import { useSetSettings } from '../queries.ts';
import styles from './settings.module.css';

const internet = ['internet'] as const;

/** Whether the server ever goes online; where it may not, nothing here asks anybody. */
export function OnlinePanel(): ReactNode {
  const { t } = useTranslation();
  const query = useQuery({ queryKey: internet, queryFn: getInternet, staleTime: 0 });
  return (
    <Panel
      title={t('general.online.title')}
      action={
        query.data !== undefined &&
        query.data.state !== 'never' && (
          <Button variant="default" size="xs" loading={query.isFetching} onClick={() => void query.refetch()}>
            {t('general.online.again')}
          </Button>
        )
      }
    >
      <QueryView query={query}>
        {({ state, source, isForced }) => (
          <div className={styles['body']}>
            <Note tone={state === 'reachable' ? 'ok' : 'quiet'} isLive>
              {t(`general.online.state.${state}`, { source: new URL(source).host })}
            </Note>
            <NeverOnline isOn={state === 'never'} isForced={isForced} />
            <p className={styles['second']}>{t(isForced ? 'general.online.forced' : 'general.online.how')}</p>
          </div>
        )}
      </QueryView>
    </Panel>
  );
}

function NeverOnline(state: { readonly isOn: boolean; readonly isForced: boolean }): ReactNode {
  const { t } = useTranslation();
  const client = useQueryClient();
  const set = useSetSettings();
  return (
    <>
      <Switch
        label={t('general.online.switch')}
        description={t('general.online.switchMeans')}
        checked={set.isPending ? set.variables[0]?.value === true : state.isOn}
        disabled={state.isForced || set.isPending}
        onChange={({ currentTarget: { checked } }) =>
          set.mutate([{ name: 'online.never', value: checked }], {
            onSettled: () => void client.invalidateQueries({ queryKey: internet }),
          })
        }
      />
      {set.error !== null && <ErrorNote error={set.error} />}
    </>
  );
}
