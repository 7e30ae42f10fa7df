import { bucketOf } from '../../core/histogram.ts';
import type { LogRow } from '../../core/log-row.ts';
import { statement, type Store } from '../open.ts';
import { sumGroups } from './dictionary.ts';
import { levelMs, levelOf, monthLevel, monthOf } from './levels.ts';

/**
 * Sums by quarter-hours, hours, days and months of UTC: every time zone's midnight falls on a quarter-hour, so any local
 * day is put together from a few of each. All are written with the row itself, in its transaction.
 */

const sums = `requests = requests + 1, prompt_tokens = prompt_tokens + @prompt, cached_tokens = cached_tokens + @cached,
  completion_tokens = completion_tokens + @completion, cost_nanos = cost_nanos + @cost, queue = queue + @queue,
  load = load + @load, total = total + @total, most_at_once = max(most_at_once, @atOnce),
  first_tokens = histogram_plus(first_tokens, @firstBucket), totals = histogram_plus(totals, @totalBucket)`;

const rowSql = (level: number, start: string, group: string): string =>
  `(${level}, ${start}, ${group}, 1, @prompt, @cached, @completion, @cost, @queue, @load, @total, @atOnce,
    histogram_plus(NULL, @firstBucket), histogram_plus(NULL, @totalBucket))`;

const addSql = `INSERT INTO rollups (level, start, group_id, requests, prompt_tokens, cached_tokens, completion_tokens,
    cost_nanos, queue, load, total, most_at_once, first_tokens, totals)
  VALUES ${levelMs
    .flatMap((_, level) => [
      rowSql(levelOf('group', level), `@start${level}`, '@group'),
      rowSql(levelOf('status', level), `@start${level}`, '@statusGroup'),
      rowSql(levelOf('model', level), `@start${level}`, '@modelGroup'),
    ])
    .join(', ')}, ${rowSql(monthLevel, '@month', '@group')}
  ON CONFLICT (level, start, group_id) DO UPDATE SET ${sums}`;

/** Adds a request to the sums; to be called in the transaction that writes its row. */
export function addToRollups(store: Store, row: LogRow, group: number): void {
  const timeMs = Date.parse(row.time);
  statement(store, addSql).run({
    ...Object.fromEntries(levelMs.map((ms, level) => [`start${level}`, Math.floor(timeMs / ms)])),
    month: monthOf(timeMs),
    group,
    ...sumGroups(store, group),
    prompt: row.promptTokens,
    cached: row.cachedTokens,
    completion: row.completionTokens,
    cost: row.costNanos ?? 0,
    queue: tenths(row.queueMs),
    load: tenths(row.loadMs),
    total: tenths(row.totalMs),
    atOnce: row.atOnce,
    firstBucket: row.firstTokenMs === null ? null : bucketOf(row.firstTokenMs),
    totalBucket: bucketOf(row.totalMs),
  });
}

export function tenths(durationMs: number): number {
  return Math.round(durationMs * 10);
}
