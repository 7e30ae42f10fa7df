import type { Database } from 'better-sqlite3';
import { levelMs, levelOf, monthLevel, quarterMs, type Cube } from './levels.ts';

const columns = `requests, prompt_tokens, cached_tokens, completion_tokens, cost_nanos, queue, load, total, most_at_once,
  first_tokens, totals, speeds`;

/**
 * Makes all sums anew from the rows: after the migration that brought them, and for the benchmark's rows made in bulk. In
 * one transaction; ten million rows take minutes.
 */
export function rebuildRollups(db: Database): void {
  db.transaction(() => {
    db.exec('DELETE FROM rollups');
    db.exec(`INSERT OR IGNORE INTO request_groups (asker, asked, model, engine, left_office, status, cache_hit, failure)
      SELECT DISTINCT 0, 0, 0, 0, left_office, status, cache_hit, failure FROM request_groups
      UNION SELECT DISTINCT 0, 0, model, engine, left_office, status, cache_hit, failure FROM request_groups`);
    db.exec(`INSERT INTO rollups (level, start, group_id, ${columns})
      SELECT 0, time_ms / ${quarterMs} AS start, group_id, count(*), sum(prompt_tokens), sum(cached_tokens),
        sum(completion_tokens), coalesce(sum(cost_nanos), 0), sum(queue), sum(load), sum(total), max(at_once),
        histogram_of(first_token), histogram_of(total), speeds_of(completion_tokens, first_token, total)
      FROM requests GROUP BY start, group_id ORDER BY start, group_id`);
    for (let time = 1; time < levelMs.length; time += 1) {
      const times = (levelMs[time] ?? 1) / (levelMs[time - 1] ?? 1);
      db.exec(summedUp(time, time - 1, { start: `start / ${times}`, group: 'group_id', from: 'rollups' }));
    }
    const days = levelMs.length - 1;
    db.exec(summedUp(monthLevel, days, { start: monthOfDay, group: 'group_id', from: 'rollups' }));
    for (const time of levelMs.keys()) {
      db.exec(summedUp(levelOf('status', time), time, coarser('status')));
      db.exec(summedUp(levelOf('model', time), time, coarser('model')));
    }
  }).immediate();
}

const monthOfDay = `(strftime('%Y', start * 86400, 'unixepoch') - 1970) * 12
  + strftime('%m', start * 86400, 'unixepoch') - 1`;

type Source = { readonly start: string; readonly group: string; readonly from: string };

/** From each group to the one it is summed up in. */
function coarser(cube: Exclude<Cube, 'group'>): Source {
  const same = (column: string): string => `t.${column} = ${cube === 'model' ? `g.${column}` : '0'}`;
  return {
    start: 'start',
    group: 't.id',
    from: `rollups JOIN request_groups AS g ON g.id = group_id
      JOIN request_groups AS t ON t.asker = 0 AND t.asked = 0 AND t.status = g.status
        AND t.left_office = g.left_office AND t.cache_hit = g.cache_hit AND t.failure = g.failure
        AND ${['model', 'engine'].map(same).join(' AND ')}`,
  };
}

function summedUp(level: number, fromLevel: number, { start, group, from }: Source): string {
  return `INSERT INTO rollups (level, start, group_id, ${columns})
    SELECT ${level}, ${start} AS at, ${group} AS grp, sum(requests), sum(prompt_tokens), sum(cached_tokens),
      sum(completion_tokens), sum(cost_nanos), sum(queue), sum(load), sum(total), max(most_at_once),
      histograms_sum(first_tokens), histograms_sum(totals), histograms_sum(speeds)
    FROM ${from} WHERE level = ${fromLevel} GROUP BY at, grp ORDER BY at, grp`;
}

/** The sums of rows that an older program has written, whose migration could not make them. */
export function fillRollups(db: Database): void {
  const isOne = (table: string): boolean => db.prepare(`SELECT 1 FROM ${table} LIMIT 1`).get() !== undefined;
  if (isOne('requests') && !isOne('rollups')) rebuildRollups(db);
}
