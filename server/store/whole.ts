import { statement, type Store } from './open.ts';

/** More of SQLite's complaints say nothing more. */
const mostComplaints = 3;

/** Reads every page (PRAGMA quick_check): what is wrong with the database, in SQLite's words; null where nothing is. */
export function quickCheck(store: Store): string | null {
  const rows = store.db.pragma(`quick_check(${mostComplaints})`) as { quick_check: string }[];
  const complaints = rows.map((row) => row.quick_check).filter((complaint) => complaint !== 'ok');
  return complaints.length === 0 ? null : complaints.join('; ');
}

/** When the request came that was written last; null before the first. */
export function newestRowMs(store: Store): number | null {
  const row = statement(store, 'SELECT time_ms AS timeMs FROM requests ORDER BY seq DESC LIMIT 1').get();
  return (row as { timeMs: number } | undefined)?.timeMs ?? null;
}
