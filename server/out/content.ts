import type { Export } from '../core/export.ts';
import type { LogRow } from '../core/log-row.ts';
import type { TraceContent } from '../core/trace.ts';
import { findKey } from '../store/keys.ts';
import type { Store } from '../store/open.ts';
import type { TraceStore } from '../store/traces/traces.ts';

/** What was said in traced requests, masked already. Asked only in the background, for rows that are being sent. */
export type Contents = {
  /**
   * Which of these rows have something that this export may be given, and how much, in characters.
   * @throws AppError 503 where what is kept cannot be read just now
   */
  readonly sizes: (rows: readonly LogRow[], to: ContentTarget) => Promise<ReadonlyMap<string, number>>;
  /** By the request's id; without what has been erased meanwhile. @throws AppError 503, the same */
  readonly read: (requestIds: readonly string[]) => Promise<ReadonlyMap<string, TraceContent>>;
};
type ContentTarget = Pick<Export, 'prompts' | 'mayLeave'>;

/** Nothing of what was said is sent. */
export const noContents: Contents = { sizes: async () => new Map(), read: async () => new Map() };

type Services = {
  readonly store: Store;
  readonly traces: Pick<TraceStore, 'ask' | 'isThere'> & { readonly sinceMs: () => number };
};

/** What the traces hold. To where may lie outside the office goes only what was said by keys that may leave it now. */
export function tracedContents({ store, traces }: Services): Contents {
  function mayGo({ keyId }: LogRow, { prompts, mayLeave }: ContentTarget): boolean {
    if (!prompts || keyId === null) return false;
    return !mayLeave || findKey(store, keyId)?.policy.mayLeave === true;
  }
  return {
    async sizes(rows, to) {
      const requestIds = rows.filter((row) => mayGo(row, to)).map(({ id }) => id);
      // Whoever keeps nothing needs no thread for it.
      if (requestIds.length === 0 || !traces.isThere()) return new Map();
      const found = await traces.ask('sizes', { requestIds, sinceMs: traces.sinceMs() });
      return new Map(found.map(({ requestId, size }) => [requestId, size]));
    },
    async read(requestIds) {
      const found = await traces.ask('readOf', { requestIds, sinceMs: traces.sinceMs() });
      return new Map(found.map((trace) => [trace.requestId, trace]));
    },
  };
}
