import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import type { UpdateState } from '../server/wire/updates.ts';
import { fetchUpdate, getUpdates, lookForUpdate } from './api-updates.ts';
import { setSetting } from './api.ts';
import { cacheKeys, signedOutMeansSession } from './queries.ts';

export function useUpdates() {
  return useQuery({ queryKey: cacheKeys.updates, queryFn: getUpdates });
}

export function useLookForUpdate() {
  return useAct(lookForUpdate);
}

export function useFetchUpdate() {
  return useAct(fetchUpdate);
}

/** Whether to look, or where: by the setting's name after `updates.`. */
export function useSetUpdates(name: 'check' | 'feed') {
  const client = useQueryClient();
  return useMutation({
    mutationFn: async (value: string | null) => {
      await setSetting({ name: `updates.${name}`, value });
      return getUpdates();
    },
    onError: (error) => signedOutMeansSession(client, error),
    onSuccess: (state) => client.setQueryData(cacheKeys.updates, state),
  });
}

/** What it has led to comes back with the answer, and later changes by the stream. */
function useAct(act: () => Promise<UpdateState>) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: act,
    onError: (error) => signedOutMeansSession(client, error),
    onSuccess: (state) => client.setQueryData(cacheKeys.updates, state),
  });
}
