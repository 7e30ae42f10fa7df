import { passKeyId } from '../../core/pass.ts';
import { playgroundKeyId } from '../../wire/playground.ts';
import type { Store } from '../open.ts';
import { readUsage } from './usage.ts';

export type Summary = {
  /** Keys that were used; the server's own and the console's are none. */
  readonly devices: number;
  readonly requests: number;
  readonly errors: number;
  readonly promptTokens: number;
  readonly completionTokens: number;
};

/** Sums over all requests of others than the server itself that arrived at `sinceMs` or later. `errors` counts what went wrong, not what was refused. */
export function summariseSince(store: Store, sinceMs: number): Summary {
  const { rows: all } = readUsage(store, {
    filters: {},
    dimensions: ['key'],
    step: null,
    zone: 'UTC',
    fromMs: sinceMs,
    toMs: null,
    // The serving thread asks this itself.
    hasPercentiles: false,
  });
  const rows = all.filter(({ keyId }) => keyId !== passKeyId);
  const sum = (field: 'requests' | 'errors' | 'promptTokens' | 'completionTokens'): number =>
    rows.reduce((total, row) => total + row[field], 0);
  return {
    devices: rows.filter(({ keyId }) => isDevice(keyId ?? null)).length,
    requests: sum('requests'),
    errors: sum('errors'),
    promptTokens: sum('promptTokens'),
    completionTokens: sum('completionTokens'),
  };
}

function isDevice(keyId: string | null): boolean {
  return keyId !== null && keyId !== playgroundKeyId;
}
