import type { Spending } from '../core/policy.ts';
import { statement, type Store } from './open.ts';

type SpendingRow = {
  readonly day_tokens: number;
  readonly day_nanos: number;
  readonly day_end_ms: number;
  readonly week_tokens: number;
  readonly week_nanos: number;
  readonly week_end_ms: number;
  readonly month_tokens: number;
  readonly month_nanos: number;
  readonly month_end_ms: number;
  readonly total_tokens: number;
  readonly total_nanos: number;
};

/** What the account had spent when its last request ended; periods may have ended since. Null before its first. */
export function findSpending(store: Store, account: string): Spending | null {
  const row = statement(store, 'SELECT * FROM spending WHERE account = ?').get(account) as
    | SpendingRow
    | undefined;
  if (row === undefined) return null;
  return {
    account,
    spent: {
      day: { tokens: row.day_tokens, nanos: row.day_nanos, endMs: row.day_end_ms },
      week: { tokens: row.week_tokens, nanos: row.week_nanos, endMs: row.week_end_ms },
      month: { tokens: row.month_tokens, nanos: row.month_nanos, endMs: row.month_end_ms },
      total: { tokens: row.total_tokens, nanos: row.total_nanos, endMs: null },
    },
  };
}

/** What an answer had, and how long it took. */
type Answered = { readonly tokens: number; readonly totalMs: number };

/** So many of a key's newest groups of requests are looked at, and so many rows of each. */
const mostGroups = 50;
const mostAnswers = 50;

/** The newest answers of a key, the oldest of them first: what is usual for it. Reads no more than its last rows. */
export function lastAnswers(store: Store, keyId: string): readonly Answered[] {
  const groups = statement(
    store,
    `SELECT g.id FROM askers AS a JOIN request_groups AS g ON g.asker = a.id
     WHERE a.key_id = ? AND g.model <> 0 ORDER BY g.id DESC LIMIT ${mostGroups}`,
  )
    .pluck()
    .all(keyId);
  const newest = statement(
    store,
    `SELECT time_ms AS timeMs, seq, completion_tokens AS tokens, total / 10.0 AS totalMs FROM requests
     WHERE group_id = ? ORDER BY time_ms DESC, seq DESC LIMIT ${mostAnswers}`,
  );
  return groups
    .flatMap((group) => newest.all(group) as (Answered & { timeMs: number; seq: number })[])
    .filter(({ tokens }) => tokens > 0)
    .toSorted((a, b) => a.timeMs - b.timeMs || a.seq - b.seq)
    .slice(-mostAnswers);
}

/** Keeps it; to be called inside the transaction that writes the request's row. */
export function saveSpending(store: Store, { account, spent: { day, week, month, total } }: Spending): void {
  statement(
    store,
    `INSERT INTO spending VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
     ON CONFLICT (account) DO UPDATE SET
       day_tokens = excluded.day_tokens, day_nanos = excluded.day_nanos, day_end_ms = excluded.day_end_ms,
       week_tokens = excluded.week_tokens, week_nanos = excluded.week_nanos, week_end_ms = excluded.week_end_ms,
       month_tokens = excluded.month_tokens, month_nanos = excluded.month_nanos,
       month_end_ms = excluded.month_end_ms,
       total_tokens = excluded.total_tokens, total_nanos = excluded.total_nanos`,
  ).run(
    account,
    day.tokens,
    day.nanos,
    day.endMs,
    week.tokens,
    week.nanos,
    week.endMs,
    month.tokens,
    month.nanos,
    month.endMs,
    total.tokens,
    total.nanos,
  );
}

/** For an account that is called otherwise from now on; what another of that name had spent is forgotten. */
export function moveSpending(store: Store, from: string, to: string): void {
  statement(store, 'DELETE FROM spending WHERE account = ?').run(to);
  statement(store, 'UPDATE spending SET account = ? WHERE account = ?').run(to, from);
}
