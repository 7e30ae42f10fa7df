import type { LogRow } from '../../core/log-row.ts';
import { sumLeftOffice, type LeftOffice } from '../left-office.ts';
import {
  countRows,
  placeBefore,
  readPage,
  readRequest,
  type Page,
  type Place,
  type RequestFilters,
  type RowCount,
} from '../ledger/list.ts';
import { unusedGroups, usedTexts, type UsedTexts } from '../ledger/purge.ts';
import { readRowsAfter, type NextRows } from '../ledger/rows-after.ts';
import { logText, type TextFormat } from '../ledger/table.ts';
import { readUsage, type UsageQuestion, type UsageSums } from '../ledger/usage.ts';
import { usageText, type UsageText, type UsageTextQuestion } from '../ledger/usage-text.ts';
import type { SavingsUsage } from '../../core/savings/usage.ts';
import type { Store } from '../open.ts';
import { newestRowMs, quickCheck } from '../whole.ts';
import { readSavingsUsage, type SavingsQuestion } from '../savings/usage.ts';

/** What the thread for reading can be asked. Everything that goes in and comes out can be copied between threads. */
export type ReadJobs = {
  readonly usage: (question: UsageQuestion) => UsageSums;
  /** The same as text, so that the serving thread has only to send it. */
  readonly usageText: (ask: UsageTextQuestion) => UsageText;
  /** The sums that an estimate of savings is made of. */
  readonly savings: (question: SavingsQuestion) => SavingsUsage;
  readonly page: (ask: PageQuestion) => Page;
  /** The same as text, so that the serving thread has only to send it. */
  readonly rowsText: (ask: PageQuestion & { readonly format: TextFormat }) => RowsText;
  readonly count: (filters: RequestFilters) => RowCount;
  readonly request: (id: string) => LogRow | null;
  readonly leftOffice: (sinceMs: number) => readonly LeftOffice[];
  readonly usedTexts: (fromSeq: number) => UsedTexts;
  readonly unusedGroups: () => ReturnType<typeof unusedGroups>;
  /** See `whole.ts`. */
  readonly quickCheck: () => string | null;
  readonly newestRowMs: () => number | null;
  /** In the order in which they were written, after that one. */
  readonly rowsAfter: (ask: { readonly seq: number; readonly limit: number }) => NextRows;
};

export type PageQuestion = {
  readonly filters: RequestFilters;
  readonly limit: number;
  /** The id of the row before the page, or the place where the page before ended. */
  readonly from: string | Place | null;
};

export type RowsText = { readonly text: string; readonly count: number; readonly next: Place | null };

export function readJobs(store: Store): ReadJobs {
  const page: ReadJobs['page'] = ({ filters, limit, from }) =>
    readPage(store, filters, { limit, from: typeof from === 'string' ? placeBefore(store, from) : from });
  return {
    usage: (question) => readUsage(store, question),
    usageText: (ask) => usageText(store, ask),
    savings: (question) => readSavingsUsage(store, question),
    page,
    rowsText({ format, ...ask }) {
      const { rows, next } = page(ask);
      return { text: logText(rows, format), count: rows.length, next };
    },
    count: (filters) => countRows(store, filters),
    request: (id) => readRequest(store, id),
    leftOffice: (sinceMs) => sumLeftOffice(store, sinceMs),
    usedTexts: (fromSeq) => usedTexts(store, fromSeq),
    unusedGroups: () => unusedGroups(store),
    quickCheck: () => quickCheck(store),
    newestRowMs: () => newestRowMs(store),
    rowsAfter: (ask) => readRowsAfter(store, ask),
  };
}
