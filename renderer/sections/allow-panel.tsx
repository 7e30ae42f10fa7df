import { notifications } from '@mantine/notifications';
import { useQueryClient } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { changeEdge, changeEdgeInParting } from '../api-network.ts';
import { Note } from '../parts/note.tsx';
import { Panel } from '../parts/panel.tsx';
import { QueryView } from '../parts/query-view.tsx';
import { cacheKeys } from '../queries.ts';
import { useEdge, useEdgeChange } from '../queries-network.ts';
import { useSessions } from '../queries-security.ts';
import { beginTrial, keepTrial } from '../trial.ts';
import { ListForm } from './list-form.tsx';
import styles from './settings.module.css';
import { TrialNote } from './trial-note.tsx';

/** From which addresses anybody may come in. */
export function AllowPanel(): ReactNode {
  const { t } = useTranslation();
  return (
    <Panel title={t('network.allow.title')}>
      <QueryView query={useEdge()}>
        {({ settings: { allow } }) => (
          <div className={styles['body']}>
            <p className={styles['sentence']}>{t('network.allow.lead')}</p>
            <AllowList allow={allow} />
          </div>
        )}
      </QueryView>
    </Panel>
  );
}

/** A shorter list shuts others out, so it is on trial first. Whoever would shut themselves out is refused by the server. */
function AllowList({ allow }: { readonly allow: readonly string[] }): ReactNode {
  const { t } = useTranslation();
  const client = useQueryClient();
  const change = useEdgeChange(changeEdge);
  const ownAddress = useOwnAddress();

  function onTrial(): void {
    const before = { allow: [...allow] };
    beginTrial('allow', {
      takeBack: () => {
        changeEdge(before)
          .then(() => notifications.show({ message: t('network.allow.takenBack') }))
          .catch(() => notifications.show({ color: 'red', message: t('network.trial.failed') }))
          .finally(() => void client.invalidateQueries({ queryKey: cacheKeys.edge }));
      },
      takeBackInParting: () => changeEdgeInParting(before),
    });
  }

  function save(values: readonly string[], onSaved: () => void): void {
    change.mutate(
      { allow: [...values] },
      {
        onSuccess: () => {
          onSaved();
          if (values.length === 0) keepTrial('allow');
          else onTrial();
        },
      },
    );
  }

  return (
    <>
      {ownAddress !== null && (
        <Note tone="quiet">{t('network.allow.yourAddress', { address: ownAddress })}</Note>
      )}
      <TrialNote name="allow" sentence={t('network.allow.trial')} />
      <ListForm
        words={{
          label: t('network.allow.label'),
          description: t('network.allow.means'),
          placeholder: '192.168.1.0/24',
          empty: t('network.allow.everybody'),
        }}
        saved={allow}
        field="allow"
        isBusy={change.isPending}
        error={change.error}
        onSave={save}
        onEdit={change.reset}
        offer={
          ownAddress === null
            ? null
            : { value: ownAddress, label: t('network.allow.addYours', { address: ownAddress }) }
        }
      />
    </>
  );
}

/** Where this browser comes from, unless that is the server's own computer, which is always let in. */
function useOwnAddress(): string | null {
  const ip = useSessions().data?.find(({ current }) => current)?.ip;
  return ip === undefined || /^127\.|^::1$/.test(ip) ? null : ip;
}
