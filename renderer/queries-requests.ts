import {
  keepPreviousData,
  useInfiniteQuery,
  useQuery,
  type InfiniteData,
  type QueryClient,
} from '@tanstack/react-query';
import type { WireLogRow } from '../server/wire/admin.ts';
import type { RequestsPage } from '../server/wire/usage.ts';
import { countRequests, findTrace, getRequest, getRequests } from './api-requests.ts';
import { cacheKeys } from './queries.ts';
import { matches, type RequestFilters } from './request-filters.ts';

/** The log as a list that goes on while it is read. Nothing of it is asked for twice: the stream keeps its beginning fresh. */

type Pages = InfiniteData<RequestsPage, string | null>;

export function useRequests(filters: RequestFilters) {
  return useInfiniteQuery({
    queryKey: [...cacheKeys.requests, filters],
    queryFn: ({ pageParam }) => getRequests(filters, pageParam),
    initialPageParam: null as string | null,
    getNextPageParam: ({ next }) => next,
    staleTime: Infinity,
    // It would fetch every page again.
    refetchOnReconnect: false,
    // Thousands of rows are not kept for long once nobody looks.
    gcTime: 60_000,
  });
}

/** The row of an address, where no list has it. */
export function useRequest(id: string | null, known: WireLogRow | undefined) {
  return useQuery({
    queryKey: ['request', id],
    queryFn: () => getRequest(id ?? ''),
    enabled: id !== null && known === undefined,
    staleTime: Infinity,
    ...(known === undefined ? {} : { initialData: known }),
  });
}

export function useRequestCount(filters: RequestFilters, isAsked: boolean) {
  return useQuery({
    queryKey: ['request-count', filters],
    queryFn: () => countRequests(filters),
    enabled: isAsked,
    staleTime: 0,
    placeholderData: keepPreviousData,
  });
}

/** Whether its prompt was kept. */
export function useTraceHead(row: WireLogRow) {
  return useQuery({
    queryKey: [...cacheKeys.traces, 'head', row.id],
    queryFn: () => findTrace(row),
    staleTime: Infinity,
    refetchOnReconnect: false,
  });
}

/** A row that has just come goes into every list that it belongs to. */
export function addToLists(client: QueryClient, row: WireLogRow): void {
  for (const { queryKey, state, promise } of client
    .getQueryCache()
    .findAll({ queryKey: cacheKeys.requests })) {
    if (!matches(row, queryKey[1] as RequestFilters)) continue;
    const add = (): void =>
      void client.setQueryData<Pages>(queryKey, (pages) => pages && withRows(pages, [row]));
    add();
    // The answer on its way is put together with the pages of before, without the row.
    if (state.fetchStatus === 'fetching') {
      promise?.then(
        () => setTimeout(add),
        () => undefined,
      );
    }
  }
}

/**
 * What came while nobody told of it. Only the newest page is asked for: where it reaches what is known, the rest of the
 * list stays; else the list begins anew.
 */
export async function catchUp(client: QueryClient): Promise<void> {
  const lists = client.getQueryCache().findAll({ queryKey: cacheKeys.requests });
  await Promise.all(
    lists.map(async ({ queryKey, state }) => {
      if (state.data === undefined) return;
      const newest = await getRequests(queryKey[1] as RequestFilters, null);
      client.setQueryData<Pages>(queryKey, (pages) => {
        const known = new Set(pages?.pages.flatMap(({ requests }) => requests.map(({ id }) => id)));
        const reaches = newest.next === null || newest.requests.some(({ id }) => known.has(id));
        if (pages === undefined || !reaches) return { pages: [newest], pageParams: [null] };
        return withRows(pages, newest.requests);
      });
    }),
    // What could not be asked for now is asked for when the stream is open again.
  ).catch(() => undefined);
}

/** Rows are told when they end, and sorted by when they came: one that took long ends after one that came later. */
function withRows(pages: Pages, rows: readonly WireLogRow[]): Pages {
  const known = new Set(pages.pages.flatMap(({ requests }) => requests.map(({ id }) => id)));
  const fresh = rows.filter(({ id }) => !known.has(id));
  const [first, ...others] = pages.pages;
  if (fresh.length === 0 || first === undefined) return pages;
  const requests = [...fresh, ...first.requests].sort((a, b) => b.time.localeCompare(a.time));
  return { ...pages, pages: [{ ...first, requests }, ...others] };
}
