import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import type { TrialName, WireTrial } from '../server/wire/trials.ts';
import * as trials from './api-trials.ts';
import { cacheKeys, signedOutMeansSession } from './queries.ts';
import { serverNowMs } from './server-time.ts';

const afterEndMs = 700;
const portKey = [...cacheKeys.trials, 'port'] as const;

/** The trial of that name, or null. The server tells of beginnings and ends; the end is asked for as well. */
export function useTrial(name: TrialName): WireTrial | null {
  const query = useQuery({
    queryKey: cacheKeys.trials,
    queryFn: trials.getTrials,
    refetchInterval: ({ state }) => untilNextEndMs(state.data ?? []),
  });
  return query.data?.find((trial) => trial.name === name) ?? null;
}

function untilNextEndMs(running: readonly WireTrial[]): number | false {
  if (running.length === 0) return false;
  const ends = running.map(({ endsAt }) => Date.parse(endsAt) - serverNowMs() + afterEndMs);
  return Math.max(1_000, Math.min(...ends));
}

/** Keeping a change, or taking it back: what it had changed is asked for again. */
export function useTrialChange(change: (name: TrialName) => Promise<void>) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: change,
    onError: (error) => signedOutMeansSession(client, error),
    onSettled: async () => {
      const { trials: all, https, edge } = cacheKeys;
      await Promise.all([all, https, edge].map((queryKey) => client.invalidateQueries({ queryKey })));
    },
  });
}

export function usePort() {
  return useQuery({ queryKey: portKey, queryFn: trials.getPort, staleTime: 0 });
}

export function useTryPort() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: trials.tryPort,
    onError: (error) => signedOutMeansSession(client, error),
    onSettled: () => client.invalidateQueries({ queryKey: cacheKeys.trials }),
  });
}
