import type { LogRow } from '../../core/log-row.ts';
import { statement, type Store } from '../open.ts';
import { selectRows, toRow, type FoundRequest } from './rows.ts';

/** The next rows in the order in which they were written, for whoever hands them on. */
export type NextRows = {
  readonly rows: readonly LogRow[];
  /** `seq` of the last of them; where the question began when there are none. */
  readonly lastSeq: number;
};

export function readRowsAfter(
  store: Store,
  { seq, limit }: { readonly seq: number; readonly limit: number },
): NextRows {
  const found = statement(store, `${selectRows} WHERE r.seq > ? ORDER BY r.seq LIMIT ?`).all(
    seq,
    limit,
  ) as FoundRequest[];
  return { rows: found.map((row) => toRow(store, row)), lastSeq: found.at(-1)?.seq ?? seq };
}
