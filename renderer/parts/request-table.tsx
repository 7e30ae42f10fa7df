import { VisuallyHidden } from '@mantine/core';
import { memo, type ReactNode, type Ref } from 'react';
import { useTranslation } from 'react-i18next';
import type { WireLogRow } from '../../server/wire/admin.ts';
import { unknown, type Formatter } from '../format.ts';
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
  const format = useFormat();
  const now = useNow();
  return (
    <table className={`${base['table']} ${styles['table']}`}>
      <caption className={base['caption']}>{caption}</caption>
      <RequestTableHead />
      <tbody>
        {rows.map((row) => (
          <RequestRow key={row.id} row={row} format={format} now={now} onOpen={onOpen} />
        ))}
      </tbody>
    </table>
  );
}

/** For a table of which only the rows in sight are drawn: its columns must not move with them. */
export const steadyTable = `${base['table']} ${styles['table']} ${styles['steady']}`;
export const tableCaption = base['caption'];

export function RequestTableHead({ row }: { readonly row?: number }): ReactNode {
  const { t } = useTranslation();
  return (
    <thead>
      <tr aria-rowindex={row}>
        <th scope="col" className={styles['time']}>
          {t('request.time')}
        </th>
        <th scope="col" className={styles['status']}>
          {t('request.status')}
        </th>
        <th scope="col" className={styles['text']}>
          {t('request.key')}
        </th>
        <th scope="col" className={`${styles['text']} ${styles['roomy']}`}>
          {t('request.model')}
        </th>
        <th scope="col" className={`${styles['number']} ${styles['tablet']}`} title={t('tokens.own')}>
          {t('request.tokensInShort')}
        </th>
        <th scope="col" className={`${styles['number']} ${styles['tablet']}`} title={t('tokens.own')}>
          {t('request.tokensOutShort')}
        </th>
        <th scope="col" className={`${styles['number']} ${styles['long']} ${styles['wide']}`}>
          {t('request.firstToken')}
        </th>
        <th scope="col" className={`${styles['number']} ${styles['long']} ${styles['roomy']}`}>
          {t('request.total')}
        </th>
      </tr>
    </thead>
  );
}

type RequestRowProps = {
  readonly row: WireLogRow;
  /** Made once for all rows: thousands come and go while one scrolls. */
  readonly format: Formatter;
  readonly now: Date;
  /** Its place among all rows, where not all are drawn; counted from 1, the head included. */
  readonly place?: number;
  readonly measure?: Ref<HTMLTableRowElement>;
  readonly onOpen: (row: WireLogRow) => void;
};

/** Drawn anew only where it changes: others come and go around it, many a second. */
export const RequestRow = memo(function Row(props: RequestRowProps): ReactNode {
  const { row, format, now, place, measure, onOpen } = props;
  const key = row.key ?? unknown;
  const model = row.servedModel ?? row.model ?? unknown;
  return (
    <tr
      ref={measure}
      className={styles['row']}
      data-fresh={isFresh(row.id) || undefined}
      data-index={place === undefined ? undefined : place - 2}
      aria-rowindex={place}
      onClick={() => onOpen(row)}
    >
      <td>
        <OpenButton row={row} format={format} now={now} onOpen={onOpen} />
      </td>
      <td>
        <RequestStatus status={row.status} />
      </td>
      <td className={styles['text']} title={key}>
        {key}
      </td>
      <td className={`${styles['text']} ${styles['roomy']}`} title={model}>
        {model}
      </td>
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
});

/** Named by what it shows, which is shorter on a phone. */
function OpenButton({
  row,
  format,
  now,
  onOpen,
}: Pick<RequestRowProps, 'row' | 'format' | 'now' | 'onOpen'>): ReactNode {
  const { t } = useTranslation();
  return (
    <button
      type="button"
      className={`${base['open']} ${styles['open']}`}
      onClick={(event) => {
        event.stopPropagation();
        onOpen(row);
      }}
    >
      <span className={styles['whole']}>{format.moment(row.time, now)}</span>
      <span className={styles['short']}>{format.shortMoment(row.time, now)}</span>
      <VisuallyHidden>{`: ${t('request.openDetails')}`}</VisuallyHidden>
    </button>
  );
}
