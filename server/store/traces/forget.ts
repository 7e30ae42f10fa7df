import { addWords } from './rows.ts';
import { dropDay, prepared, type TraceFile } from './file.ts';

/** Which traces go. */
export type DoomedTraces =
  | { readonly beforeDay: number }
  | { readonly keyId: string }
  | { readonly person: string; readonly keyIds: readonly string[] }
  | { readonly requestId: string }
  | 'all';

/**
 * Removes traces for good: rows, words, and what the write-ahead log still held of them. Days of which something goes
 * get their words anew. @returns how many went
 */
export function forgetTraces(file: TraceFile, doomed: DoomedTraces): number {
  const [condition, values] = conditionOf(doomed);
  const days = prepared(file, `SELECT DISTINCT day FROM traces WHERE ${condition}`).pluck().all(values);
  let removed = 0;
  for (const day of days.map(Number)) {
    file.db
      .transaction(() => {
        const sql = `DELETE FROM traces WHERE day = @day AND ${condition}`;
        removed += prepared(file, sql).run({ ...values, day }).changes;
        dropDay(file, day);
        const left = prepared(file, 'SELECT seq FROM traces WHERE day = ? ORDER BY seq').pluck().all(day);
        for (const seq of left) addWords(file, day, Number(seq));
      })
      .immediate();
  }
  // Also after an earlier run that was cut off here.
  file.db.pragma('incremental_vacuum');
  file.db.pragma('wal_checkpoint(TRUNCATE)');
  return removed;
}

function conditionOf(doomed: DoomedTraces): readonly [string, Readonly<Record<string, string | number>>] {
  if (doomed === 'all') return ['TRUE', {}];
  if ('beforeDay' in doomed) return ['day < @beforeDay', { ...doomed }];
  if ('keyId' in doomed) return ['key_id = @keyId', { ...doomed }];
  if ('requestId' in doomed) return ['request_id = @requestId', { ...doomed }];
  return [
    '(person = @person OR end_user = @person OR key_id IN (SELECT value FROM json_each(@keyIds)))',
    { person: doomed.person, keyIds: JSON.stringify(doomed.keyIds) },
  ];
}
