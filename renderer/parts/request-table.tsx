import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import type { WireLogRow } from '../../server/wire/admin.ts';
import { unknown } from '../format.ts';
import { isFresh } from '../live.ts';
import { useFormat, useNow } from '../use-format.ts';
import { RequestStatus } from './state-word.tsx';
import base from './list-table.module.css';
import styles from './request-table.module.css';

type RequestTableProps = {
  readonly caption: string;
  readonly rows: readonly WireLogRow[];
  readonly onOpen: (row: WireLogRow) => void;
};

/** Finished requests, newest first. The time is a button that opens the row's details; a click anywhere does too. */
export function RequestTable({ caption, rows, onOpen }: RequestTableProps): ReactNode {
  const { t } = useTranslation();
  return (
    <table className={`${base['table']} ${styles['table']}`}>
      <caption className={base['caption']}>{caption}</caption>
      <thead>
        <tr>
          <th scope="col">{t('request.time')}</th>
          <th scope="col">{t('request.status')}</th>
          <th scope="col" className={styles['text']}>
            {t('request.key')}
          </th>
          <th scope="col" className={styles['roomy']}>
            {t('request.model')}
          </th>
          <th scope="col" className={`${styles['number']} ${styles['tablet']}`} title={t('tokens.own')}>
            {t('request.tokensInShort')}
          </th>
          <th scope="col" className={`${styles['number']} ${styles['tablet']}`} title={t('tokens.own')}>
            {t('request.tokensOutShort')}
          </th>
          <th scope="col" className={`${styles['number']} ${styles['wide']}`}>
            {t('request.firstToken')}
          </th>
          <th scope="col" className={`${styles['number']} ${styles['roomy']}`}>
            {t('request.total')}
          </th>
        </tr>
      </thead>
      <tbody>
        {rows.map((row) => (
          <RequestRow key={row.id} row={row} onOpen={() => onOpen(row)} />
        ))}
      </tbody>
    </table>
  );
}

function RequestRow({ row, onOpen }: { readonly row: WireLogRow; readonly onOpen: () => void }): ReactNode {
  const { t } = useTranslation();
  const format = useFormat();
  const now = useNow();
  const time = format.moment(row.time, now);
  return (
    <tr className={styles['row']} data-fresh={isFresh(row.id) || undefined} onClick={onOpen}>
      <td>
        <button
          type="button"
          className={`${base['open']} ${styles['open']}`}
          aria-label={t('request.openDetails', { time })}
          onClick={(event) => {
            event.stopPropagation();
            onOpen();
          }}
        >
          {time}
        </button>
      </td>
      <td>
        <RequestStatus status={row.status} />
      </td>
      <td className={styles['text']}>{row.key ?? unknown}</td>
      <td className={`${styles['text']} ${styles['roomy']}`}>{row.servedModel ?? row.model ?? unknown}</td>
      <td className={`${styles['number']} ${styles['tablet']}`} title={format.integer(row.promptTokens)}>
        {format.count(row.promptTokens)}
      </td>
      <td className={`${styles['number']} ${styles['tablet']}`} title={format.integer(row.completionTokens)}>
        {format.count(row.completionTokens)}
      </td>
      <td className={`${styles['number']} ${styles['wide']}`}>{format.duration(row.firstTokenMs)}</td>
      <td className={`${styles['number']} ${styles['roomy']}`}>{format.duration(row.totalMs)}</td>
    </tr>
  );
}
