import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { changeEdge } from '../api-network.ts';
import { Panel } from '../parts/panel.tsx';
import { QueryView } from '../parts/query-view.tsx';
import { useEdge, useEdgeChange } from '../queries-network.ts';
import { ListForm } from './list-form.tsx';
import styles from './settings.module.css';

/** Who is believed when it says for whom it asks. */
export function ProxiesPanel(): ReactNode {
  const { t } = useTranslation();
  return (
    <Panel title={t('network.proxies.title')}>
      <QueryView query={useEdge()}>
        {({ settings }) => (
          <div className={styles['body']}>
            <p className={styles['sentence']}>{t('network.proxies.lead')}</p>
            <Proxies proxies={settings.trustedProxies} />
          </div>
        )}
      </QueryView>
    </Panel>
  );
}

function Proxies({ proxies }: { readonly proxies: readonly string[] }): ReactNode {
  const { t } = useTranslation();
  const change = useEdgeChange(changeEdge);
  return (
    <ListForm
      words={{
        label: t('network.proxies.label'),
        description: t('network.proxies.means'),
        placeholder: '192.168.1.5',
        empty: t('network.proxies.none'),
      }}
      saved={proxies}
      field="trustedProxies"
      isBusy={change.isPending}
      error={change.error}
      onSave={(values, onSaved) => change.mutate({ trustedProxies: [...values] }, { onSuccess: onSaved })}
      onEdit={change.reset}
    />
  );
}
