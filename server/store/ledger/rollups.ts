import { bucketOf, packHistogram } from '../../core/histogram.ts';
import type { LogRow } from '../../core/log-row.ts';
import { statement, type Store } from '../open.ts';
import { sumGroups } from './dictionary.ts';
import { speedOf } from './speed.ts';
import { levelMs, levelOf, monthLevel, monthOf, quarterMs } from './levels.ts';

/**
 * Sums by quarter-hours, hours, days and months of UTC: every time zone's midnight falls on a quarter-hour, so any local
 * day is put together from a few of each. All are written with the rows themselves, in their transaction.
 */

const addSql = `INSERT INTO rollups (level, start, group_id, requests, prompt_tokens, cached_tokens, completion_tokens,
    cost_nanos, queue, load, total, most_at_once, first_tokens, totals, speeds)
  VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
  ON CONFLICT (level, start, group_id) DO UPDATE SET
    requests = requests + excluded.requests, prompt_tokens = prompt_tokens + excluded.prompt_tokens,
    cached_tokens = cached_tokens + excluded.cached_tokens,
    completion_tokens = completion_tokens + excluded.completion_tokens,
    cost_nanos = cost_nanos + excluded.cost_nanos, queue = queue + excluded.queue, load = load + excluded.load,
    total = total + excluded.total, most_at_once = max(most_at_once, excluded.most_at_once),
    first_tokens = histogram_plus(first_tokens, excluded.first_tokens),
    totals = histogram_plus(totals, excluded.totals), speeds = histogram_plus(speeds, excluded.speeds)`;

/** A row, and the group it is summed up by. */
export type Grouped = { readonly row: LogRow; readonly group: number };

/** What is added to one sum; durations in tenths of a millisecond. */
type Sum = {
  readonly level: number;
  readonly start: number;
  readonly group: number;
  requests: number;
  prompt: number;
  cached: number;
  completion: number;
  cost: number;
  queue: number;
  load: number;
  total: number;
  atOnce: number;
  readonly firsts: Map<number, number>;
  readonly totals: Map<number, number>;
  readonly speeds: Map<number, number>;
};
type Sums = Map<string, Sum>;

/**
 * Adds requests to the sums; to be called in the transaction that writes their rows. They are added up before, so that
 * each sum is written once however many of them it holds.
 */
export function addToRollups(store: Store, grouped: readonly Grouped[]): void {
  const finest: Sums = new Map();
  for (const { row, group } of grouped) {
    addRow(sumAt(finest, 0, Math.floor(Date.parse(row.time) / quarterMs), group), row);
  }
  const all: Sums = new Map();
  for (const sum of finest.values()) {
    const { statusGroup, modelGroup } = sumGroups(store, sum.group);
    addSum(sumAt(all, monthLevel, monthOf(sum.start * quarterMs), sum.group), sum);
    for (const [time, ms] of levelMs.entries()) {
      const start = Math.floor((sum.start * quarterMs) / ms);
      addSum(sumAt(all, levelOf('group', time), start, sum.group), sum);
      addSum(sumAt(all, levelOf('status', time), start, statusGroup), sum);
      addSum(sumAt(all, levelOf('model', time), start, modelGroup), sum);
    }
  }
  for (const sum of all.values()) writeSum(store, sum);
}

function sumAt(sums: Sums, level: number, start: number, group: number): Sum {
  const key = `${level} ${start} ${group}`;
  const known = sums.get(key);
  if (known !== undefined) return known;
  const counts = { requests: 0, prompt: 0, cached: 0, completion: 0, cost: 0, queue: 0, load: 0, total: 0 };
  const histograms = { firsts: new Map(), totals: new Map(), speeds: new Map() };
  const sum: Sum = { level, start, group, ...counts, atOnce: 0, ...histograms };
  sums.set(key, sum);
  return sum;
}

function addRow(to: Sum, row: LogRow): void {
  to.requests += 1;
  to.prompt += row.promptTokens;
  to.cached += row.cachedTokens;
  to.completion += row.completionTokens;
  to.cost += row.costNanos ?? 0;
  to.queue += tenths(row.queueMs);
  to.load += tenths(row.loadMs);
  to.total += tenths(row.totalMs);
  to.atOnce = Math.max(to.atOnce, row.atOnce);
  if (row.firstTokenMs !== null) count(to.firsts, bucketOf(row.firstTokenMs), 1);
  count(to.totals, bucketOf(row.totalMs), 1);
  const speed = speedOf({
    completion: row.completionTokens,
    firstToken: row.firstTokenMs === null ? null : tenths(row.firstTokenMs),
    total: tenths(row.totalMs),
  });
  if (speed !== null) count(to.speeds, bucketOf(speed), 1);
}

function addSum(to: Sum, sum: Sum): void {
  to.requests += sum.requests;
  to.prompt += sum.prompt;
  to.cached += sum.cached;
  to.completion += sum.completion;
  to.cost += sum.cost;
  to.queue += sum.queue;
  to.load += sum.load;
  to.total += sum.total;
  to.atOnce = Math.max(to.atOnce, sum.atOnce);
  for (const [bucket, times] of sum.firsts) count(to.firsts, bucket, times);
  for (const [bucket, times] of sum.totals) count(to.totals, bucket, times);
  for (const [bucket, times] of sum.speeds) count(to.speeds, bucket, times);
}

function count(histogram: Map<number, number>, bucket: number, times: number): void {
  histogram.set(bucket, (histogram.get(bucket) ?? 0) + times);
}

function writeSum(store: Store, sum: Sum): void {
  statement(store, addSql).run(
    sum.level,
    sum.start,
    sum.group,
    sum.requests,
    sum.prompt,
    sum.cached,
    sum.completion,
    sum.cost,
    sum.queue,
    sum.load,
    sum.total,
    sum.atOnce,
    packHistogram(sum.firsts),
    packHistogram(sum.totals),
    packHistogram(sum.speeds),
  );
}

export function tenths(durationMs: number): number {
  return Math.round(durationMs * 10);
}
