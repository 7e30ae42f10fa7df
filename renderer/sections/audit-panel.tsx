import { Button, NativeSelect } from '@mantine/core';
import { useState, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import type { AuditRecord } from '../../server/wire/audit.ts';
import type { AuditFilters } from '../api-safety.ts';
import { unknown } from '../format.ts';
import base from '../parts/list-table.module.css';
import { Panel } from '../parts/panel.tsx';
import { QueryView } from '../parts/query-view.tsx';
import { AuditOutcome } from '../parts/state-word.tsx';
import { useAudit } from '../queries-safety.ts';
import { useFormat, useNow } from '../use-format.ts';
import { AuditDrawer } from './audit-drawer.tsx';
import styles from './audit-panel.module.css';
import { useActName } from './use-act-name.ts';

const actors = ['owner', 'device', 'server', 'stranger'] as const;
const outcomes = ['done', 'refused', 'failed'] as const;

/** Who did what with this server's powers, newest first. */
export function AuditPanel(): ReactNode {
  const { t } = useTranslation();
  const [filters, setFilters] = useState<AuditFilters>({});
  const [open, setOpen] = useState<AuditRecord | null>(null);
  const query = useAudit(filters);
  return (
    <Panel title={t('settings.audit.title')} flush>
      <AuditFilterBar filters={filters} onChange={setFilters} />
      <QueryView query={query}>
        {({ pages }) => {
          const rows = pages.flat();
          if (rows.length === 0) return <p className={styles['nothing']}>{t('settings.audit.nothing')}</p>;
          return <AuditTable rows={rows} onOpen={setOpen} />;
        }}
      </QueryView>
      {query.hasNextPage && (
        <div className={styles['more']}>
          <Button
            variant="default"
            size="xs"
            loading={query.isFetchingNextPage}
            onClick={() => void query.fetchNextPage()}
          >
            {t('settings.audit.older')}
          </Button>
        </div>
      )}
      <AuditDrawer row={open} onClose={() => setOpen(null)} />
    </Panel>
  );
}

type AuditFilterBarProps = {
  readonly filters: AuditFilters;
  readonly onChange: (filters: AuditFilters) => void;
};

function AuditFilterBar({ filters, onChange }: AuditFilterBarProps): ReactNode {
  const { t } = useTranslation();
  const all = { value: '', label: t('log.allStatuses') };
  return (
    <search className={styles['filters']} aria-label={t('settings.audit.filters')}>
      <NativeSelect
        size="xs"
        label={t('settings.audit.who')}
        data={[all, ...actors.map((value) => ({ value, label: t(`settings.audit.actor.${value}`) }))]}
        value={filters.actor ?? ''}
        onChange={({ currentTarget: { value } }) => {
          const { actor: _, ...others } = filters;
          const actor = actors.find((known) => known === value);
          onChange(actor === undefined ? others : { ...others, actor });
        }}
      />
      <NativeSelect
        size="xs"
        label={t('settings.audit.outcome')}
        data={[all, ...outcomes.map((value) => ({ value, label: t(`settings.audit.outcomeName.${value}`) }))]}
        value={filters.outcome ?? ''}
        onChange={({ currentTarget: { value } }) => {
          const { outcome: _, ...others } = filters;
          const outcome = outcomes.find((known) => known === value);
          onChange(outcome === undefined ? others : { ...others, outcome });
        }}
      />
    </search>
  );
}

type AuditTableProps = {
  readonly rows: readonly AuditRecord[];
  readonly onOpen: (row: AuditRecord) => void;
};

function AuditTable({ rows, onOpen }: AuditTableProps): ReactNode {
  const { t } = useTranslation();
  const format = useFormat();
  const now = useNow();
  const actName = useActName();
  return (
    <table className={`${base['table']} ${styles['table']}`}>
      <caption className={base['caption']}>{t('settings.audit.title')}</caption>
      <thead>
        <tr>
          <th scope="col">{t('request.time')}</th>
          <th scope="col">{t('settings.audit.act')}</th>
          <th scope="col" className={styles['roomy']}>
            {t('settings.audit.object')}
          </th>
          <th scope="col" className={styles['tablet']}>
            {t('settings.audit.who')}
          </th>
          <th scope="col" className={styles['tablet']}>
            {t('settings.audit.outcome')}
          </th>
        </tr>
      </thead>
      <tbody>
        {rows.map((row) => {
          const time = format.moment(row.time, now);
          const act = actName(row.act);
          return (
            <tr key={row.seq}>
              <td>
                <button
                  type="button"
                  className={`${base['open']} ${styles['open']}`}
                  aria-label={t('settings.audit.open', { act, time })}
                  onClick={() => onOpen(row)}
                >
                  {time}
                </button>
              </td>
              <td className={styles['text']}>
                {act}
                <span className={styles['phone']}>
                  {row.object ?? t(`settings.audit.actor.${row.actor}`)}
                  {row.outcome !== 'done' && <AuditOutcome outcome={row.outcome} />}
                </span>
              </td>
              <td className={`${styles['text']} ${styles['roomy']}`}>{row.object ?? unknown}</td>
              <td className={styles['tablet']}>{t(`settings.audit.actor.${row.actor}`)}</td>
              <td className={styles['tablet']}>
                <AuditOutcome outcome={row.outcome} />
              </td>
            </tr>
          );
        })}
      </tbody>
    </table>
  );
}
