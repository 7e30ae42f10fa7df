import { statement, write, type Store } from '../open.ts';
import { levelMs, levelOf, monthLevel, monthStartMs, quarterMs } from './levels.ts';

/**
 * Removing for good, in steps short enough that no request waits for one. What is deleted is overwritten in the file
 * (`secure_delete`); the write-ahead log is emptied afterwards by who calls this.
 */

const rowsAtOnce = 200;

/** Which rows go. */
export type Doomed = { readonly beforeMs: number } | { readonly person: string };

/** Removes some rows. @returns how many; 0 when there are no more. Their sums stay. */
export function purgeRows(store: Store, doomed: Doomed): number {
  const [condition, value] =
    'beforeMs' in doomed
      ? (['time_ms < ?', doomed.beforeMs] as const)
      : ([
          `group_id IN (SELECT g.id FROM request_groups AS g JOIN askers AS a ON a.id = g.asker WHERE a.person = ?)`,
          doomed.person,
        ] as const);
  const sql = `DELETE FROM requests WHERE seq IN (SELECT seq FROM requests WHERE ${condition} LIMIT ${rowsAtOnce})`;
  return write(store, () => statement(store, sql).run(value).changes);
}

/**
 * Removes the oldest sums before that day of UTC; of a month that goes on after it, days are left. The first call takes
 * what tells from when on there are sums, so that nobody asks for what is half removed.
 * @returns how many; 0 when there are no more
 */
export function purgeSums(store: Store, beforeMs: number): number {
  const dayLevel = levelMs.length - 1;
  const dayMs = levelMs[dayLevel] ?? quarterMs;
  const cutMs = Math.floor(beforeMs / dayMs) * dayMs;
  return write(store, () => {
    const daysSql = 'DELETE FROM rollups WHERE level = ? AND start < ?';
    const days = statement(store, daysSql).run(levelOf('status', dayLevel), cutMs / dayMs).changes;
    if (days > 0) return days;
    for (let level = monthLevel; level >= 0; level -= 1) {
      const first = statement(store, 'SELECT min(start) FROM rollups WHERE level = ?').pluck().get(level) as
        | number
        | null;
      if (first === null || startMsOf(level, first) >= cutMs) continue;
      return statement(store, 'DELETE FROM rollups WHERE level = ? AND start = ?').run(level, first).changes;
    }
    return statement(store, 'DELETE FROM turned_away WHERE start < ?').run(cutMs / quarterMs).changes;
  });
}

function startMsOf(level: number, start: number): number {
  return level === monthLevel ? monthStartMs(start) : start * (levelMs[level % levelMs.length] ?? quarterMs);
}

/** Gives some free pages back to the disk. False when there are none, or the file was made before that was possible. */
export function shrink(store: Store): boolean {
  const { db } = store;
  const free = (): number => Number(db.pragma('freelist_count', { simple: true }));
  const before = free();
  if (before === 0) return false;
  db.pragma('incremental_vacuum(64)');
  return free() < before;
}

// --- texts that no row uses any more -------------------------------------------------------------------------

export type UsedTexts = { readonly numbers: readonly number[]; readonly nextSeq: number | null };

const rowsLookedAt = 200_000;
const textColumns = [
  'asked',
  'way',
  'route',
  'finish_reason',
  'error',
  'dropped',
  'client',
  'ip',
  'end_user',
];

/** Numbers of texts in a part of the rows, from `fromSeq` on; to be asked until `nextSeq` is null. Reads only. */
export function usedTexts(store: Store, fromSeq: number): UsedTexts {
  const end = statement(store, 'SELECT seq FROM requests WHERE seq >= ? ORDER BY seq LIMIT 1 OFFSET ?')
    .pluck()
    .get(fromSeq, rowsLookedAt) as number | undefined;
  const numbers = new Set<number>();
  for (const column of textColumns) {
    const found = statement(
      store,
      `SELECT DISTINCT ${column} FROM requests WHERE seq >= ? AND seq < ? AND typeof(${column}) = 'integer'`,
    )
      .pluck()
      .all(fromSeq, end ?? Number.MAX_SAFE_INTEGER) as number[];
    for (const number of found) numbers.add(number);
  }
  return { numbers: [...numbers], nextSeq: end ?? null };
}

/** Groups of which neither rows nor sums are left. Reads only. */
export function unusedGroups(store: Store): number[] {
  return statement(
    store,
    `SELECT g.id FROM request_groups AS g WHERE g.asker <> 0
       AND NOT EXISTS (SELECT 1 FROM requests AS r WHERE r.group_id = g.id)
       AND g.id NOT IN (SELECT group_id FROM rollups WHERE level = ${levelMs.length - 1})`,
  )
    .pluck()
    .all()
    .map(Number);
}

/** Removes these groups, and the askers that no group names any more. */
export function forgetGroups(store: Store, groups: readonly number[]): void {
  write(store, () => {
    // A request may have come in the meantime.
    statement(
      store,
      `DELETE FROM request_groups WHERE id IN (SELECT value FROM json_each(?))
         AND NOT EXISTS (SELECT 1 FROM requests AS r WHERE r.group_id = request_groups.id)`,
    ).run(JSON.stringify(groups));
    statement(store, 'DELETE FROM askers WHERE id NOT IN (SELECT asker FROM request_groups)').run();
  });
  store.known.clear();
}

/** Removes the texts that are neither in `used` nor in any group, of those up to `upTo`. @returns how many */
export function forgetTexts(store: Store, used: ReadonlySet<number>, upTo: number): number {
  const present = statement(
    store,
    `SELECT id FROM texts WHERE id <= ? AND id NOT IN (
       SELECT asked FROM request_groups UNION SELECT model FROM request_groups
       UNION SELECT engine FROM request_groups UNION SELECT left_office FROM request_groups)`,
  )
    .pluck()
    .all(upTo)
    .map(Number);
  const doomed = present.filter((number) => !used.has(number));
  write(store, () =>
    statement(store, 'DELETE FROM texts WHERE id IN (SELECT value FROM json_each(?))').run(
      JSON.stringify(doomed),
    ),
  );
  store.known.clear();
  return doomed.length;
}

export function newestText(store: Store): number {
  return Number(statement(store, 'SELECT coalesce(max(id), 0) FROM texts').pluck().get());
}
