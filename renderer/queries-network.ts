import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import type { EdgeState } from '../server/wire/edge.ts';
import * as network from './api-network.ts';
import { cacheKeys, signedOutMeansSession } from './queries.ts';
import { serverNowMs } from './server-time.ts';

const trustKey = [...cacheKeys.https, 'trust'] as const;
/** How soon a file that was renewed, or an address that has changed, is looked for again. */
const lookAgainMs = 15_000;

export function useHttps() {
  return useQuery({
    queryKey: cacheKeys.https,
    queryFn: network.getHttps,
    staleTime: 0,
    refetchInterval: lookAgainMs,
  });
}

export function useTrust() {
  return useQuery({ queryKey: trustKey, queryFn: network.getTrust, staleTime: 0 });
}

/** Blocks come by the stream; nobody tells when one ends by itself, so it is asked for at that moment. */
export function useEdge() {
  return useQuery({
    queryKey: cacheKeys.edge,
    queryFn: network.getEdge,
    staleTime: 0,
    refetchInterval: ({ state }) => untilNextEndMs(state.data),
  });
}

const afterEndMs = 500;

function untilNextEndMs(state: EdgeState | undefined): number {
  const ends = (state?.blocks ?? []).map(({ until }) => Date.parse(until) - serverNowMs() + afterEndMs);
  return Math.max(1_000, Math.min(lookAgainMs, ...ends));
}

/** Another certificate or another switch: addresses, guides and pairing follow it. */
export function useHttpsChange<Variables, Answer>(change: (variables: Variables) => Promise<Answer>) {
  return useNetworkChange(change, ['https', 'trials', 'lan', 'status', 'connect']);
}

export function useEdgeChange<Variables, Answer>(change: (variables: Variables) => Promise<Answer>) {
  return useNetworkChange(change, ['edge', 'trials']);
}

function useNetworkChange<Variables, Answer>(
  change: (variables: Variables) => Promise<Answer>,
  changed: readonly (keyof typeof cacheKeys)[],
) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: change,
    onError: (error) => signedOutMeansSession(client, error),
    onSettled: () =>
      Promise.all(changed.map((name) => client.invalidateQueries({ queryKey: cacheKeys[name] }))),
  });
}
