import { readUsage } from './ledger/usage.ts';
import type { Store } from './open.ts';

/** What went to engines outside the office, by engine and key. */
export type LeftOffice = {
  readonly engine: string;
  /** Null where the key is not known by name. */
  readonly key: string | null;
  readonly requests: number;
  readonly promptTokens: number;
  readonly completionTokens: number;
};

/** Since a moment (milliseconds since 1970 UTC), the most requests first. */
export function sumLeftOffice(store: Store, sinceMs: number): LeftOffice[] {
  const { rows } = readUsage(store, {
    filters: { leftOffice: true },
    dimensions: ['leftOffice', 'key'],
    step: null,
    zone: 'UTC',
    fromMs: sinceMs,
    toMs: null,
  });
  return rows
    .map(({ leftOffice, key, requests, promptTokens, completionTokens }) => ({
      engine: leftOffice ?? '',
      key: key ?? null,
      requests,
      promptTokens,
      completionTokens,
    }))
    .toSorted((a, b) => b.requests - a.requests || a.engine.localeCompare(b.engine));
}
