import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import type { WireOllamaState } from '../server/wire/ollama.ts';
import * as engines from './api-engines.ts';
import { forgetUnknownName, getUnknownNames } from './api-names.ts';
import { cacheKeys, signedOutMeansSession } from './queries.ts';

/** Ollama, other servers, who waits, what left the office, and names that nobody has defined. */

const underWayMs = 1_000;
const elsewhereMs = 15_000;

/** Nobody tells when somebody starts or installs Ollama: it is looked for again now and then. */
export function useOllama() {
  return useQuery({
    queryKey: cacheKeys.ollama,
    queryFn: engines.getOllama,
    staleTime: 0,
    refetchInterval: ({ state }) => (isUnderWay(state.data) ? underWayMs : elsewhereMs),
  });
}

function isUnderWay(state: WireOllamaState | undefined): boolean {
  if (state === undefined) return false;
  return (
    state.state === 'starting' || state.restartPending || state.pulls.some((pull) => pull.state === 'running')
  );
}

/** Whether the others are there is found out every few seconds, and not told. */
export function useUpstreams() {
  return useQuery({
    queryKey: cacheKeys.upstreams,
    queryFn: engines.getUpstreams,
    staleTime: 0,
    refetchInterval: elsewhereMs,
  });
}

/** Each question goes out to the network, so no oftener than people come and go. */
export function useNeighbours() {
  return useQuery({
    queryKey: cacheKeys.neighbours,
    queryFn: engines.getNeighbours,
    staleTime: 0,
    refetchInterval: elsewhereMs,
  });
}

export function useLeftOffice() {
  return useQuery({ queryKey: cacheKeys.leftOffice, queryFn: engines.getLeftOffice, staleTime: 0 });
}

const whileWaitingMs = 2_000;

/** Every packet of the stream that tells how busy it is asks again; waiting times pass in between as well. */
export function useQueue() {
  return useQuery({
    queryKey: cacheKeys.queue,
    queryFn: engines.getQueue,
    staleTime: 0,
    refetchInterval: ({ state }) =>
      (state.data ?? []).some(({ waiting }) => waiting.length > 0) ? whileWaitingMs : false,
  });
}

export function useUnknownNames() {
  return useQuery({ queryKey: cacheKeys.unknownNames, queryFn: getUnknownNames, staleTime: 0 });
}

export function useForgetUnknownName() {
  return useChange(forgetUnknownName, cacheKeys.unknownNames);
}

/** Something done with Ollama; models come and go with it by the stream. */
export function useOllamaChange<Variables, Answer>(change: (variables: Variables) => Promise<Answer>) {
  return useChange(change, cacheKeys.ollama);
}

export function useUpstreamChange<Variables, Answer>(change: (variables: Variables) => Promise<Answer>) {
  return useChange(change, cacheKeys.upstreams);
}

/** The list is asked for again afterwards, whether it went well or not. */
function useChange<Variables, Answer>(
  change: (variables: Variables) => Promise<Answer>,
  queryKey: (typeof cacheKeys)['ollama' | 'upstreams' | 'unknownNames'],
) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: change,
    onError: (error) => signedOutMeansSession(client, error),
    onSettled: () => client.invalidateQueries({ queryKey }),
  });
}
