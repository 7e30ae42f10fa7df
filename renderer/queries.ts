import { QueryCache, QueryClient, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import type { SessionState, WireModel } from '../server/wire/admin.ts';
import * as api from './api.ts';
import { ApiError, type LogFilters } from './api.ts';

/** What the console knows about the server: names of the cache's entries, and how each is asked for and changed. */

export const cacheKeys = {
  session: ['session'],
  status: ['status'],
  models: ['models'],
  keys: ['keys'],
  log: ['log'],
} as const;

/** One page of the log in the cache; `before` is null for the newest page, which is the one that live rows enter. */
export type LogQueryKey = readonly [
  'log',
  LogFilters,
  { readonly limit: number; readonly before: string | null },
];

export function createQueryClient(): QueryClient {
  const client: QueryClient = new QueryClient({
    queryCache: new QueryCache({
      onError: (error) => {
        if (isSignedOut(error)) void client.invalidateQueries({ queryKey: cacheKeys.session });
      },
    }),
    defaultOptions: {
      queries: {
        // The live stream keeps everything fresh; asking again on each look would only be noise.
        staleTime: 60_000,
        refetchOnWindowFocus: false,
        retry: (failures, error) => isUnreachable(error) && failures < 2,
      },
    },
  });
  return client;
}

function isSignedOut(error: unknown): boolean {
  return error instanceof ApiError && error.status === 401;
}

function isUnreachable(error: unknown): boolean {
  return error instanceof ApiError && error.kind === 'unreachable';
}

export function useSession() {
  return useQuery({ queryKey: cacheKeys.session, queryFn: api.getSession, staleTime: Infinity });
}

export function useStatus() {
  return useQuery({ queryKey: cacheKeys.status, queryFn: api.getStatus });
}

export function useModels() {
  return useQuery({ queryKey: cacheKeys.models, queryFn: api.getModels });
}

export function useKeys() {
  return useQuery({ queryKey: cacheKeys.keys, queryFn: api.getKeys });
}

export function useLog(filters: LogFilters, limit: number, before: string | null = null) {
  const queryKey: LogQueryKey = ['log', filters, { limit, before }];
  return useQuery({ queryKey, queryFn: () => api.getLog(filters, limit, before) });
}

/** Sign-in, set-up and sign-out: each answers with the new session, which decides what is drawn. */
export function useSessionChange<Variables>(change: (variables: Variables) => Promise<SessionState>) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: change,
    onSuccess: (session) => {
      if (!session.signedIn) client.removeQueries({ predicate: (query) => query.queryKey[0] !== 'session' });
      client.setQueryData(cacheKeys.session, session);
    },
  });
}

/** Something done to one model, or to the list; the list is asked for again afterwards, whether it went well or not. */
export function useModelChange<Variables>(change: (variables: Variables) => Promise<void>) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: change,
    onError: (error) => signedOutMeansSession(client, error),
    onSettled: () => client.invalidateQueries({ queryKey: cacheKeys.models }),
  });
}

export function useCreateKey() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: api.createKey,
    onError: (error) => signedOutMeansSession(client, error),
    onSuccess: () => client.invalidateQueries({ queryKey: cacheKeys.keys }),
  });
}

export function useRevokeKey() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: api.revokeKey,
    onError: (error) => signedOutMeansSession(client, error),
    onSettled: () => client.invalidateQueries({ queryKey: cacheKeys.keys }),
  });
}

function signedOutMeansSession(client: QueryClient, error: unknown): void {
  if (isSignedOut(error)) void client.invalidateQueries({ queryKey: cacheKeys.session });
}

export function isLoaded(model: WireModel): boolean {
  return model.state === 'ready' || model.state === 'busy' || model.state === 'loading';
}
