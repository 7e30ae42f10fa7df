import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import * as engine from './api-engine.ts';
import { spanOf } from './period.ts';
import { cacheKeys, signedOutMeansSession, useOfStatus, zoneOf } from './queries.ts';
import { useUsage } from './queries-usage.ts';
import { useNow } from './use-format.ts';
import { dayIn, shiftDay } from './zone.ts';

/** How each model was used, by its id. */
export type ModelUse = {
  readonly today: number;
  /** The median of its answers over the last thirty days; null before the first. */
  readonly tokensPerSecond: number | null;
};

const speedDays = 30;

/** Undefined while it is not known. */
export function useModelUse(): ((modelId: string) => ModelUse) | undefined {
  const zone = useOfStatus(zoneOf).data ?? 'UTC';
  const today = dayIn(zone, useNow());
  const now = useUsage(spanOf({ first: today, last: today }, zone), 'model').data;
  const lately = useUsage(spanOf({ first: shiftDay(today, 1 - speedDays), last: today }, zone), 'model').data;
  if (now === undefined || lately === undefined) return undefined;
  return (modelId) => ({
    today: now.rows.find(({ model }) => model === modelId)?.requests ?? 0,
    tokensPerSecond: lately.rows.find(({ model }) => model === modelId)?.tokensPerSecondP50 ?? null,
  });
}

const engineLookMs = 10_000;

/** Nobody tells of new lines in the log. */
export function useEngine() {
  return useQuery({
    queryKey: cacheKeys.engine,
    queryFn: engine.getEngine,
    staleTime: 0,
    refetchInterval: engineLookMs,
  });
}

export function useEngineChange(change: () => Promise<{ readonly models: readonly string[] }>) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: change,
    onError: (error) => signedOutMeansSession(client, error),
    onSettled: async () => {
      await client.invalidateQueries({ queryKey: cacheKeys.engine });
      await client.invalidateQueries({ queryKey: cacheKeys.models });
    },
  });
}
