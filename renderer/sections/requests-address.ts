import type { LogFilters } from '../api.ts';

/** The address of the requests that such a filter lets through. */
export function requestsAddress(filters: LogFilters): string {
  const search = new URLSearchParams(filters);
  return search.size === 0 ? '/log' : `/log?${search}`;
}
