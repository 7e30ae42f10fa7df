import { useInfiniteQuery, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import type { RetentionState } from '../server/wire/usage.ts';
import * as safety from './api-safety.ts';
import type { AuditFilters } from './api-safety.ts';
import { cacheKeys, signedOutMeansSession } from './queries.ts';

/** The owner's data: nobody tells of changes by the stream, so each look asks again. */

const underWayMs = 1_500;
const nowAndThenMs = 15_000;

export function useRetention() {
  return useQuery({
    queryKey: cacheKeys.retention,
    queryFn: safety.getRetention,
    staleTime: 0,
    refetchInterval: ({ state }) => (isPurging(state.data) ? underWayMs : false),
  });
}

function isPurging(state: RetentionState | undefined): boolean {
  return state?.purge.running === true;
}

export function useTraces() {
  return useQuery({ queryKey: cacheKeys.traces, queryFn: safety.getTraces, staleTime: 0 });
}

export function useBackups() {
  return useQuery({
    queryKey: cacheKeys.backups,
    queryFn: safety.getBackups,
    staleTime: 0,
    refetchInterval: ({ state }) => (state.data?.running === true ? underWayMs : nowAndThenMs),
  });
}

export function useRestore() {
  return useQuery({ queryKey: cacheKeys.restore, queryFn: safety.getRestore, staleTime: 0 });
}

/** They go on by themselves. */
export function useExports() {
  return useQuery({
    queryKey: cacheKeys.exports,
    queryFn: safety.getExports,
    staleTime: 0,
    refetchInterval: nowAndThenMs,
  });
}

const auditRows = 30;

export function useAudit(filters: AuditFilters) {
  return useInfiniteQuery({
    queryKey: [...cacheKeys.audit, filters],
    queryFn: ({ pageParam }) => safety.getAudit(filters, auditRows, pageParam),
    initialPageParam: null as number | null,
    getNextPageParam: (rows) => (rows.length < auditRows ? null : (rows.at(-1)?.seq ?? null)),
    staleTime: 0,
  });
}

type List = 'retention' | 'traces' | 'backups' | 'restore' | 'exports' | 'settings' | 'keys';

/** Something done with the owner's data; each is a row of the audit, whether it went well or not. */
export function useSafetyChange<Variables, Answer>(
  change: (variables: Variables) => Promise<Answer>,
  changed: readonly List[] = [],
) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: change,
    onError: (error) => signedOutMeansSession(client, error),
    onSettled: async () => {
      const lists = [...changed, 'audit' as const];
      await Promise.all(lists.map((name) => client.invalidateQueries({ queryKey: cacheKeys[name] })));
    },
  });
}
