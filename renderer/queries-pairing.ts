import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import type { TicketRecord } from '../server/wire/pairing.ts';
import * as pairing from './api-pairing.ts';
import { cacheKeys, signedOutMeansSession } from './queries.ts';
import { serverNowMs } from './server-time.ts';

/** The stream tells when one is made, used or revoked, as of invitations. */
export function useTickets() {
  return useQuery({
    queryKey: cacheKeys.tickets,
    queryFn: pairing.getTickets,
    // Nobody tells when one expires: it is asked for at that moment.
    refetchInterval: ({ state }) => untilNextEndMs(state.data ?? []),
  });
}

const afterEndMs = 500;
/** A browser's timer cannot wait for as long as a month. */
const longestMs = 6 * 3_600_000;

function untilNextEndMs(tickets: readonly TicketRecord[]): number | false {
  const ends = tickets.filter(({ state }) => state === 'open').map(({ expiresAt }) => Date.parse(expiresAt));
  if (ends.length === 0) return false;
  return Math.min(longestMs, Math.max(1_000, Math.min(...ends) - serverNowMs() + afterEndMs));
}

/** A ticket that is made or revoked; its keys may end with it. */
export function useTicketChange<Variables, Answer>(change: (variables: Variables) => Promise<Answer>) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: change,
    onError: (error) => signedOutMeansSession(client, error),
    onSettled: () => {
      void client.invalidateQueries({ queryKey: cacheKeys.keys });
      return client.invalidateQueries({ queryKey: cacheKeys.tickets });
    },
  });
}

/** Another text for a key, or the end of those of before. */
export function useKeyTextChange<Variables, Answer>(change: (variables: Variables) => Promise<Answer>) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: change,
    onError: (error) => signedOutMeansSession(client, error),
    onSettled: () => client.invalidateQueries({ queryKey: cacheKeys.keys }),
  });
}
