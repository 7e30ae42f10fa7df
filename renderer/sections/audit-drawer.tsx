import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import type { AuditRecord } from '../../server/wire/audit.ts';
import { unknown } from '../format.ts';
import { SideDrawer } from '../parts/side-drawer.tsx';
import { AuditOutcome } from '../parts/state-word.tsx';
import { useFormat } from '../use-format.ts';
import styles from './audit-drawer.module.css';
import { useActName } from './use-act-name.ts';

type AuditDrawerProps = { readonly row: AuditRecord | null; readonly onClose: () => void };

/** Everything the audit knows about one act. */
export function AuditDrawer({ row, onClose }: AuditDrawerProps): ReactNode {
  const { t } = useTranslation();
  return (
    <SideDrawer title={t('settings.audit.details')} isOpen={row !== null} onClose={onClose}>
      {row !== null && <AuditDetails row={row} />}
    </SideDrawer>
  );
}

function AuditDetails({ row }: { readonly row: AuditRecord }): ReactNode {
  const { t } = useTranslation();
  const format = useFormat();
  const actName = useActName();
  const fields: readonly (readonly [string, ReactNode])[] = [
    [t('settings.audit.act'), `${actName(row.act)} (${row.act})`],
    [t('settings.audit.object'), row.object],
    [t('settings.audit.outcome'), <AuditOutcome key="outcome" outcome={row.outcome} />],
    [t('settings.audit.code'), row.code],
    [t('request.time'), format.dateTime(row.time)],
    [t('settings.audit.who'), t(`settings.audit.actor.${row.actor}`)],
    [t('settings.audit.via'), row.via === null ? null : t(`settings.audit.viaName.${row.via}`)],
    [t('request.ip'), row.ip],
    [t('request.client'), row.client],
    [t('settings.audit.seq'), String(row.seq)],
    [t('settings.audit.hash'), <code key="hash">{row.hash}</code>],
  ];
  return (
    <>
      <dl className={styles['fields']}>
        {fields.map(([label, value]) => (
          <div key={label} className={styles['field']}>
            <dt>{label}</dt>
            <dd>{value ?? unknown}</dd>
          </div>
        ))}
      </dl>
      {Object.keys(row.details).length > 0 && (
        <>
          <h3 className={styles['title']}>{t('settings.audit.changed')}</h3>
          <pre className={styles['details']}>{JSON.stringify(row.details, null, 2)}</pre>
        </>
      )}
    </>
  );
}
