import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import type { SpendingOverview } from '../server/wire/limits.ts';
import * as limits from './api-limits.ts';
import { cacheKeys, signedOutMeansSession } from './queries.ts';
import { serverNowMs } from './server-time.ts';

/** What keys and teams may use, and what they have spent of it. The stream tells when any of it changes. */

export function useTeams() {
  return useQuery({ queryKey: cacheKeys.teams, queryFn: limits.getTeams });
}

export function usePrices() {
  return useQuery({ queryKey: cacheKeys.prices, queryFn: limits.getPrices });
}

export function useSpending() {
  return useQuery({
    queryKey: cacheKeys.spending,
    queryFn: limits.getSpending,
    // Nobody tells when a day is over and its budget begins anew: it is asked for at that moment.
    refetchInterval: ({ state }) => untilNextPeriodMs(state.data),
  });
}

const afterMidnightMs = 1_000;
/** A browser's timer cannot wait for as long as a month. */
const longestMs = 6 * 3_600_000;

function untilNextPeriodMs(overview: SpendingOverview | undefined): number | false {
  const accounts = [...(overview?.keys ?? []), ...(overview?.teams ?? [])].flatMap((of) => of.accounts);
  const ends = accounts.flatMap(({ spent }) =>
    spent.day.until === null ? [] : [Date.parse(spent.day.until)],
  );
  if (ends.length === 0) return false;
  return Math.min(longestMs, Math.max(afterMidnightMs, Math.min(...ends) - serverNowMs() + afterMidnightMs));
}

/** Something about keys, teams or prices; what shows any of them is asked for again, whether it went well or not. */
export function useLimitsChange<Variables, Answer>(change: (variables: Variables) => Promise<Answer>) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: change,
    onError: (error) => signedOutMeansSession(client, error),
    onSettled: async () => {
      const { keys, teams, spending, prices } = cacheKeys;
      const lists = [keys, teams, spending, prices];
      await Promise.all(lists.map((queryKey) => client.invalidateQueries({ queryKey })));
    },
  });
}
