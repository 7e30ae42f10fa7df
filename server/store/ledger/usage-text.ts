import type { UsageAnswer, UsageQuery, UsageRow } from '../../wire/usage.ts';
import type { Store } from '../open.ts';
import { currencyOf } from '../prices.ts';
import { usageTable } from './table.ts';
import { readUsage, sumTurnedAway, type UsageQuestion } from './usage.ts';

export type UsageTextQuestion = Pick<UsageQuery, 'by' | 'order' | 'format'> & {
  readonly question: UsageQuestion;
  /** Only so many rows; null: all. */
  readonly top: number | null;
};

/** `toMs`: before then is what it tells of. */
export type UsageText = { readonly text: string; readonly toMs: number };

/**
 * The answer to `GET /api/usage` as it is sent. Putting two thousand sums in order and writing them out would hold up the
 * serving thread for tens of milliseconds, so that is done where they are read.
 */
export function usageText(store: Store, { question, by, order, top, format }: UsageTextQuestion): UsageText {
  const { rows, fromMs, toMs } = readUsage(store, question);
  const shown = ordered(rows, order).slice(0, top ?? rows.length);
  if (format === 'csv') return { text: usageTable(shown, by), toMs };
  const answer: UsageAnswer = {
    from: new Date(fromMs).toISOString(),
    to: new Date(toMs).toISOString(),
    zone: question.zone,
    currency: currencyOf(store),
    rows: shown,
    turnedAway: sumTurnedAway(store, fromMs, toMs),
  };
  return { text: JSON.stringify(answer), toMs };
}

/** Within a step of time, and where there is none: the most first. */
function ordered(rows: readonly UsageRow[], order: UsageQuery['order']): UsageRow[] {
  // ISO moments of UTC, all written alike: their texts are in the order of time.
  return rows.toSorted((a, b) => {
    const [startA = '', startB = ''] = [a.start, b.start];
    if (startA !== startB) return startA < startB ? -1 : 1;
    return amount(b, order) - amount(a, order) || b.requests - a.requests;
  });
}

function amount(row: UsageRow, order: UsageQuery['order']): number {
  switch (order) {
    case 'requests':
    case 'cost':
    case 'errors':
      return row[order];
    case 'tokens':
      return row.promptTokens + row.completionTokens;
  }
}
