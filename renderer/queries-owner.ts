import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import type { OwnerState } from '../server/wire/owner.ts';
import { getGraphics, getOwner } from './api-owner.ts';
import { cacheKeys, signedOutMeansSession } from './queries.ts';

/** Changes come by the stream, which does not begin with it: it is asked for at first. */
export function useOwner() {
  return useQuery({ queryKey: cacheKeys.owner, queryFn: getOwner });
}

export function usePauseChange<Variables>(change: (variables: Variables) => Promise<OwnerState>) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: change,
    onError: (error) => signedOutMeansSession(client, error),
    onSuccess: (owner) => client.setQueryData(cacheKeys.owner, owner),
  });
}

/** Memory comes and goes with other programs; a look costs a moment, so only the page that shows it looks again. */
const lookAgainMs = 30_000;

export function useGraphics() {
  return useQuery({
    queryKey: ['graphics'],
    queryFn: getGraphics,
    staleTime: 0,
    refetchInterval: lookAgainMs,
  });
}
