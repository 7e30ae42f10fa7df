import { keepPreviousData, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import * as usage from './api-usage.ts';
import type { SavingsGroup, UsageFilters } from './api-usage.ts';
import type { Period, Span } from './period.ts';
import { cacheKeys, signedOutMeansSession } from './queries.ts';
import { shiftDay } from './zone.ts';

/** Sums of the log. Requests come in all the time: what is shown is asked for again now and then, not with each. */

const renewMs = 20_000;
const everybody: UsageFilters = {};

/** `by`: what it is split by, such as `day` or `person,model`; empty for the whole. */
export function useUsage(span: Span, by: string, who: UsageFilters = everybody) {
  return useQuery({
    queryKey: [...cacheKeys.usage, span, by, who],
    queryFn: () => usage.getUsage(span, by, who),
    staleTime: 0,
    refetchInterval: renewMs,
  });
}

/** Split by something else, the numbers before stay until the new ones are there. */
export function useSavings({ first, last }: Pick<Period, 'first' | 'last'>, by: SavingsGroup) {
  const wanted = { from: first, to: shiftDay(last, 1), by };
  return useQuery({
    queryKey: [...cacheKeys.savings, wanted],
    queryFn: () => usage.getSavings(wanted),
    staleTime: 0,
    placeholderData: keepPreviousData,
  });
}

export function useSavingsSettings() {
  return useQuery({
    queryKey: cacheKeys.savingsSettings,
    queryFn: usage.getSavingsSettings,
    staleTime: 0,
  });
}

/** The owner may edit the file at any time. */
export function useCloudPrices() {
  return useQuery({ queryKey: cacheKeys.cloudPrices, queryFn: usage.getCloudPrices, staleTime: 0 });
}

/** What the estimate rests on; it is reckoned anew. */
export function useSavingsChange<Variables, Answer>(change: (variables: Variables) => Promise<Answer>) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: change,
    onError: (error) => signedOutMeansSession(client, error),
    onSettled: async () => {
      const { savings, savingsSettings, cloudPrices } = cacheKeys;
      const lists = [savings, savingsSettings, cloudPrices];
      await Promise.all(lists.map((queryKey) => client.invalidateQueries({ queryKey })));
    },
  });
}
