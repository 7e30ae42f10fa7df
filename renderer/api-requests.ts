import { logRow, type WireLogRow } from '../server/wire/admin.ts';
import { requestsCount, requestsPage, type RequestsCount, type RequestsPage } from '../server/wire/usage.ts';
import { tracesPage, type WireTraceHead } from '../server/wire/traces.ts';
import { call } from './api.ts';
import type { RequestFilters } from './request-filters.ts';

/** The log in pages, one row of it, and how many there are. */

const pageRows = 100;

/** Newest first; `cursor` is what `next` of the page before says. */
export function getRequests(filters: RequestFilters, cursor: string | null): Promise<RequestsPage> {
  const search = new URLSearchParams({ ...filters, limit: String(pageRows) });
  if (cursor !== null) search.set('cursor', cursor);
  return call(requestsPage, 'GET', `/api/requests?${search}`);
}

export function getRequest(id: string): Promise<WireLogRow> {
  return call(logRow, 'GET', `/api/requests/${encodeURIComponent(id)}`);
}

/** How many lines a file of them would have. */
export function countRequests(filters: RequestFilters): Promise<RequestsCount> {
  return call(requestsCount, 'GET', `/api/requests/count?${new URLSearchParams(filters)}`);
}

/** Where the browser gets them as a file. */
export function requestsFile(filters: RequestFilters, format: 'csv' | 'json'): string {
  return `/api/requests/export?${new URLSearchParams({ ...filters, format })}`;
}

/** What is known of the kept prompt of a request, without reading it; null where none was kept. */
export async function findTrace(
  row: Pick<WireLogRow, 'id' | 'time' | 'keyId'>,
): Promise<WireTraceHead | null> {
  if (row.keyId === null) return null;
  const until = new Date(Date.parse(row.time) + 1).toISOString();
  const search = new URLSearchParams({ since: row.time, until, key: row.keyId });
  const { traces } = await call(tracesPage, 'GET', `/api/traces?${search}`);
  return traces.find(({ requestId }) => requestId === row.id) ?? null;
}
