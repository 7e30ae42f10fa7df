import type { Store } from '../open.ts';
import { readUsage } from './usage.ts';

export type Summary = {
  readonly requests: number;
  readonly errors: number;
  readonly promptTokens: number;
  readonly completionTokens: number;
};

/** Sums over all requests that arrived at `sinceMs` or later. `errors` counts what went wrong, not what was refused. */
export function summariseSince(store: Store, sinceMs: number): Summary {
  const { rows } = readUsage(store, {
    filters: {},
    dimensions: [],
    step: null,
    zone: 'UTC',
    fromMs: sinceMs,
    toMs: null,
  });
  const { requests, errors, promptTokens, completionTokens } = rows[0] ?? nothing;
  return { requests, errors, promptTokens, completionTokens };
}

const nothing: Summary = { requests: 0, errors: 0, promptTokens: 0, completionTokens: 0 };
