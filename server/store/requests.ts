import type { LogRow } from '../core/log-row.ts';
import type { LogQuery } from '../wire/admin.ts';
import { placeBefore, readPage, type Place } from './ledger/list.ts';
import { addToRollups } from './ledger/rollups.ts';
import { findPosition, insertRow } from './ledger/rows.ts';
import { write } from './open.ts';
import type { Store } from './open.ts';

/** Writes the row of one finished request and adds it to the sums. Once it returns, others can read it. */
export function insertRequest(store: Store, row: LogRow): void {
  insertRequests(store, [row]);
}

/** The same for several in one transaction, each sum written once. */
export function insertRequests(store: Store, rows: readonly LogRow[]): void {
  const insert = (): void =>
    addToRollups(
      store,
      rows.map((row) => ({ row, group: insertRow(store, row) })),
    );
  // A transaction inside another would cost as much again.
  if (store.db.inTransaction) insert();
  else write(store, insert);
}

export function hasRequest(store: Store, id: string): boolean {
  return findPosition(store, id) !== null;
}

/**
 * Rows by time of arrival, newest first. `before` is the id of the last row of the page before, so pages stay
 * whole while new rows arrive; an unknown id is refused with 400. `key` is a name or an id, of a revoked key
 * too; `model` is what was asked for or what served.
 */
export function listRequests(store: Store, query: LogQuery): LogRow[] {
  const { before, limit, ...filters } = query;
  const rows: LogRow[] = [];
  let from: Place | null = before === undefined ? null : placeBefore(store, before);
  do {
    const page = readPage(store, filters, { limit: limit - rows.length, from });
    rows.push(...page.rows);
    from = page.next;
  } while (from !== null && rows.length < limit);
  return rows;
}
