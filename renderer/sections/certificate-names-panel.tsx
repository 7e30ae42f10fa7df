import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import type { HttpsState } from '../../server/wire/https.ts';
import { setHttps } from '../api-network.ts';
import { unknown } from '../format.ts';
import { Fact, Facts } from '../parts/facts.tsx';
import { Note } from '../parts/note.tsx';
import { Panel } from '../parts/panel.tsx';
import { QueryView } from '../parts/query-view.tsx';
import { useHttps, useHttpsChange } from '../queries-network.ts';
import { ListForm } from './list-form.tsx';
import styles from './settings.module.css';

/** What this computer is called by, in its certificate and from outside. */
export function CertificateNamesPanel(): ReactNode {
  const { t } = useTranslation();
  return (
    <Panel title={t('network.names.title')}>
      <QueryView query={useHttps()}>{(https) => <CertificateNames https={https} />}</QueryView>
    </Panel>
  );
}

function CertificateNames({ https }: { readonly https: HttpsState }): ReactNode {
  const { t } = useTranslation();
  const { leaf, authority, publicNames } = https;
  const set = useHttpsChange(setHttps);
  const notCovered = authority?.notCovered ?? [];
  return (
    <div className={styles['body']}>
      <p className={styles['sentence']}>{t('network.names.lead')}</p>
      {leaf !== null && (
        <Facts>
          <Fact label={t('network.names.names')} value={listed(leaf.names)} />
          <Fact label={t('network.names.addresses')} value={listed(leaf.addresses)} />
        </Facts>
      )}
      {notCovered.length > 0 && (
        <Note tone="attention">
          {t('network.names.notCovered', { names: notCovered.join(', '), count: notCovered.length })}
        </Note>
      )}
      <ListForm
        words={{
          label: t('network.names.public'),
          description: t('network.names.publicMeans'),
          placeholder: 'ai.example.org',
          empty: t('network.names.noPublic'),
        }}
        saved={publicNames}
        field="publicNames"
        isBusy={set.isPending}
        error={set.error}
        onSave={(values, onSaved) => set.mutate({ publicNames: [...values] }, { onSuccess: onSaved })}
        onEdit={set.reset}
      />
    </div>
  );
}

function listed(values: readonly string[]): string {
  return values.length === 0 ? unknown : values.join(', ');
}
