import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import type { SessionState } from '../server/wire/admin.ts';
import * as api from './api-security.ts';
import { cacheKeys } from './queries.ts';

/** What the console knows of the owner's own doors. Nobody tells of changes, so each look asks again. */
const securityKeys = {
  totp: ['security', 'totp'],
  sessions: ['security', 'sessions'],
  tokens: ['security', 'tokens'],
} as const;

export function useTotp() {
  return useQuery({ queryKey: securityKeys.totp, queryFn: api.getTotp, staleTime: 0 });
}

export function useSessions() {
  return useQuery({ queryKey: securityKeys.sessions, queryFn: api.getSessions, staleTime: 0 });
}

export function useAdminTokens() {
  return useQuery({ queryKey: securityKeys.tokens, queryFn: api.getAdminTokens, staleTime: 0 });
}

/** One door changed; all are asked for again, and whether we are still signed in. */
export function useSecurityChange<Variables, Answer>(change: (variables: Variables) => Promise<Answer>) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: change,
    onSettled: async () => {
      await client.invalidateQueries({ queryKey: cacheKeys.session });
      const session = client.getQueryData<SessionState>(cacheKeys.session);
      if (session?.signedIn === true) await client.invalidateQueries({ queryKey: ['security'] });
    },
  });
}
