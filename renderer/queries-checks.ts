import { useMutation, useQuery, useQueryClient, type QueryClient } from '@tanstack/react-query';
import type { ModelCheck } from '../server/wire/checks.ts';
import { cancelCheck, getChecks, isCheckOf, startCheck, type CheckedModel } from './api-checks.ts';
import { cacheKeys, signedOutMeansSession } from './queries.ts';

/** The checks of all models; the stream keeps them true. */
export function useChecks() {
  return useQuery({ queryKey: cacheKeys.checks, queryFn: getChecks });
}

/** The check of one model, as far as it is known; the stream keeps it true. */
export function useModelCheck({ model, engine }: CheckedModel) {
  return useQuery({
    queryKey: cacheKeys.checks,
    queryFn: getChecks,
    select: (checks) => checks.find((one) => isCheckOf(one, { model, engine })) ?? null,
  });
}

export function useStartCheck() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: startCheck,
    onError: (error) => signedOutMeansSession(client, error),
    onSuccess: (check) => putCheck(client, check),
  });
}

export function useCancelCheck() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: cancelCheck,
    onError: (error) => signedOutMeansSession(client, error),
    // It may have ended by itself just now.
    onSettled: () => client.invalidateQueries({ queryKey: cacheKeys.checks }),
  });
}

/** What is newly known of one, in the list that is there. */
export function putCheck(client: QueryClient, check: ModelCheck): void {
  client.setQueryData<ModelCheck[]>(cacheKeys.checks, (checks) =>
    checks?.map((one) => (isCheckOf(one, check) ? check : one)),
  );
}
