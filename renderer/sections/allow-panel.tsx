import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { tryEdge } from '../api-network.ts';
import { Note } from '../parts/note.tsx';
import { Panel } from '../parts/panel.tsx';
import { QueryView } from '../parts/query-view.tsx';
import { useEdge, useEdgeChange } from '../queries-network.ts';
import { useSessions } from '../queries-security.ts';
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
  const change = useEdgeChange(tryEdge);
  const ownAddress = useOwnAddress();

  return (
    <>
      {ownAddress !== null && (
        <Note tone="quiet">{t('network.allow.yourAddress', { address: ownAddress })}</Note>
      )}
      <TrialNote name="allow" sentence={t('network.allow.trial')} takenBack={t('network.allow.takenBack')} />
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
        onSave={(values, onSaved) => change.mutate({ allow: [...values] }, { onSuccess: onSaved })}
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
