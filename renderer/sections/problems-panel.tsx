import { Anchor } from '@mantine/core';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'wouter';
import type { WireLogRow } from '../../server/wire/admin.ts';
import { failureOf } from '../../server/wire/failures.ts';
import { unknown } from '../format.ts';
import { Panel } from '../parts/panel.tsx';
import { QueryView } from '../parts/query-view.tsx';
import { RequestStatus } from '../parts/state-word.tsx';
import { useLog } from '../queries.ts';
import { useFormat, useNow } from '../use-format.ts';
import { requestsAddress } from '../request-filters.ts';
import styles from './problems-panel.module.css';

const shownRows = 5;
const onlyErrors = { status: 'error', checks: 'no' } as const;
/** What is older has been seen, or is in the log. */
const shownDays = 7;

/** The newest requests that went wrong, and why. What was refused is in the log; it did what it should. */
export function ProblemsPanel({ onOpen }: { readonly onOpen: (row: WireLogRow) => void }): ReactNode {
  const { t } = useTranslation();
  const query = useLog(onlyErrors, shownRows);
  const sinceMs = useNow().getTime() - shownDays * 86_400_000;
  const isOld = ({ time }: WireLogRow): boolean => Date.parse(time) < sinceMs;
  return (
    <Panel
      title={t('problems.title', { days: shownDays })}
      action={
        <Anchor
          component={Link}
          href={requestsAddress({ status: 'error' })}
          size="sm"
          className={styles['all'] ?? ''}
        >
          {t('problems.all')}
        </Anchor>
      }
    >
      <QueryView query={query}>
        {(rows) =>
          rows.every(isOld) ? (
            <p className={styles['none']}>{t('problems.none', { days: shownDays })}</p>
          ) : (
            <ul className={styles['list']}>
              {rows
                .filter((row) => !isOld(row))
                .map((row) => (
                  <Problem key={row.id} row={row} onOpen={() => onOpen(row)} />
                ))}
            </ul>
          )
        }
      </QueryView>
    </Panel>
  );
}

function Problem({ row, onOpen }: { readonly row: WireLogRow; readonly onOpen: () => void }): ReactNode {
  const { t } = useTranslation();
  const format = useFormat();
  const now = useNow();
  const { time, key, servedModel, model, status } = row;
  // In words; what the server itself said is in the drawer.
  const failure = failureOf(row);
  return (
    <li className={styles['problem']}>
      <div className={styles['head']}>
        <RequestStatus status={status} />
        <button type="button" className={styles['open']} onClick={onOpen}>
          {t('problems.of', { time: format.moment(time, now), who: key ?? unknown })}
        </button>
      </div>
      <p className={styles['why']}>
        {failure === null ? t('problems.noReason') : t(`failure.${failure}`)}
        <span className={styles['model']}> {servedModel ?? model ?? ''}</span>
      </p>
    </li>
  );
}
