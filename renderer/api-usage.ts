import type { z } from 'zod';
import {
  cloudPricesAnswer,
  savingsAnswer,
  savingsSettings,
  type CloudPricesAnswer,
  type SavingsAnswer,
  type SetSavingsRequest,
} from '../server/wire/savings.ts';
import { usageAnswer, type UsageAnswer } from '../server/wire/usage.ts';
import { call } from './api.ts';
import type { Span } from './period.ts';
import type { WhoFilters } from './request-filters.ts';
import type { Day } from './zone.ts';

/** What was used, and what that saves. */

/** Sums are not kept by program. */
export type UsageFilters = Omit<WhoFilters, 'client'>;

export type SavingsSettings = z.infer<typeof savingsSettings>;
export type SavingsGroup = SavingsAnswer['by'];

/** Percentiles are reckoned where only time is split; of each part of a step nothing shows them. */
export function getUsage(span: Span, by: string, who: UsageFilters): Promise<UsageAnswer> {
  const percentiles = String(!by.includes(','));
  return call(usageAnswer, 'GET', `/api/usage?${new URLSearchParams({ ...who, ...span, by, percentiles })}`);
}

/** Where the browser gets the sums of a time as a file. */
export function usageFile(
  span: Span,
  by: string,
  { who, format }: { readonly who: UsageFilters; readonly format: 'csv' | 'json' },
): string {
  return `/api/usage?${new URLSearchParams({ ...who, ...span, by, format })}`;
}

/** Days as the server's calendar has them; `to` is no more part of it. */
export function getSavings(wanted: {
  readonly from: Day;
  readonly to: Day;
  readonly by: SavingsGroup;
}): Promise<SavingsAnswer> {
  return call(savingsAnswer, 'GET', `/api/savings?${new URLSearchParams(wanted)}`);
}

export function getSavingsSettings(): Promise<SavingsSettings> {
  return call(savingsSettings, 'GET', '/api/savings/settings');
}

/** What is left out stays as it is; null takes the usual number. */
export function setSavingsSettings(change: SetSavingsRequest): Promise<SavingsSettings> {
  return call(savingsSettings, 'PUT', '/api/savings/settings', change);
}

export function getCloudPrices(): Promise<CloudPricesAnswer> {
  return call(cloudPricesAnswer, 'GET', '/api/cloud-prices');
}

/** Back to the list that comes with the program. */
export function resetCloudPrices(): Promise<CloudPricesAnswer> {
  return call(cloudPricesAnswer, 'DELETE', '/api/cloud-prices');
}
